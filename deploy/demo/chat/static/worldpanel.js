// The world's buttons: letters, files, the clock, the outage.

import { h, icon, reconcile } from "./dom.js";
import { post } from "./net.js";
import { world } from "./store.js";
import { clockTime, t } from "./text.js";
import { failed, formDialog, toast } from "./toast.js";

const SENDERS = ["p.honchar@contractor.example", "dispatch@contractor.example", "somebody@elsewhere.example"];

export function createWorldPanel(letterCame) {
  const now = h("span", { class: "now", "data-testid": "world-now" });
  const letters = fold("letter", "letters", () => [
    ...world.letters.map((name) => h("button", { type: "button", class: "fold-item", "data-testid": `world-letter-${name}`, onclick: () => letter({ name }) }, t(`letter_${name}`))),
    h("button", { type: "button", class: "fold-item", "data-testid": "world-letter-write", onclick: write }, icon("write"), t("letter_write")),
  ]);
  const files = fold("file", "files", () => [
    h("button", { type: "button", class: "fold-item", "data-testid": "world-file-edit", onclick: () => touch("contract.docx", "edit") }, icon("word"), t("file_edit")),
    ...world.files.map(fileRow),
  ]);
  const share = switchButton("share", "cable", plug);
  const hour = h("button", { type: "button", class: "world-button", "data-testid": "world-hour", onclick: later }, icon("clock"), h("span", {}, t("hour")));
  const outage = switchButton("outage", "plane", cut);
  const status = h("a", { class: "world-button", target: "_blank", rel: "noopener", "data-testid": "world-status" }, icon("board"), h("span", {}, t("status")));
  const evening = h("p", { class: "evening", role: "status" }, t("evening"));
  const element = h("section", { class: "world" }, h("h2", {}, t("world"), now), evening,
    letters.element, files.element, share, hour, outage, status,
    h("p", { class: "here" }, t("here")));

  function switchButton(key, symbol, onclick) {
    return h("button", { type: "button", class: "world-button fault", role: "switch", "aria-checked": "false", "data-testid": `world-${key}`, onclick },
      icon(symbol), h("span", {}, t(key)), h("i", { class: "switch" }));
  }

  function fold(key, plural, items) {
    const inside = h("div", { class: "fold-items", id: `fold-${key}`, hidden: true });
    const button = h("button", { type: "button", class: "world-button", "aria-expanded": "false", "aria-controls": `fold-${key}`, "data-testid": `world-${plural}`,
      onclick: () => open(inside.hidden) }, icon(key), h("span", {}, t(key)), icon("down"));
    function open(on) {
      if (on) [letters, files].forEach((other) => other.open(false));
      inside.hidden = !on;
      button.setAttribute("aria-expanded", String(on));
      if (on) inside.scrollIntoView({ block: "nearest" });
    }
    let signature = "";
    return {
      element: h("div", { class: "fold" }, button, inside),
      open,
      draw() {
        const next = JSON.stringify([world.letters, world.files]);
        if (next === signature) return;
        signature = next;
        const focused = document.activeElement?.dataset.testid;
        reconcile(inside, items());
        if (focused) inside.querySelector(`[data-testid="${focused}"]`)?.focus();
      },
    };
  }

  function fileRow(found) {
    const act = (action, symbol, label, disabled) => h("button", { type: "button", class: "icon-button", disabled, title: label, "aria-label": `${label}: ${found.now ?? found.name}`,
      "data-testid": `world-file-${found.name}-${action}`, onclick: () => touch(found.name, action) }, icon(symbol));
    return h("div", { class: "file-row" },
      h("button", { type: "button", class: "fold-item", title: t("file_save"), "data-testid": `world-file-${found.name}`, onclick: () => touch(found.name, "save") },
        icon("save"), h("span", { class: found.now ? "" : "absent" }, found.now ?? found.name)),
      act("rename", "rename", t("file_rename"), !found.now), act("delete", "trash", t("file_delete"), !found.now));
  }

  async function attempt(action) {
    try {
      await action();
    } catch (error) {
      failed(error);
    }
  }

  function letter(body) {
    return attempt(async () => {
      letterCame(await post("/world/letter", body));
      toast(t("letter_done"));
    });
  }

  function touch(name, action) {
    return attempt(async () => {
      const answer = await post("/world/file", { name, action });
      toast(t(`file_${{ save: "saved", rename: "renamed", delete: "deleted", edit: "edited" }[action]}`, answer));
    });
  }

  function plug() {
    return attempt(async () => {
      const plugged = world.away;
      await post("/world/share", { on: plugged });
      toast(t(plugged ? "share_on" : "share_off"), plugged ? "" : "bad");
    });
  }

  function later() {
    return attempt(async () => {
      const facts = await post("/world/clock", { hours: 1 });
      toast(t("hour_done", { time: clockTime(facts.now) }));
    });
  }

  function cut() {
    return attempt(async () => {
      const { on } = await post("/world/outage", { on: !world.outage });
      toast(t(on ? "outage_on" : "outage_off"), on ? "bad" : "");
    });
  }

  function write() {
    formDialog(t("letter_title"), [
      { name: "from", label: t("letter_from"), value: SENDERS[0], list: SENDERS, type: "email" },
      { name: "subject", label: t("letter_subject") },
      { name: "text", label: t("letter_text"), rows: 6 },
    ], t("send"), async (values) => {
      letterCame(await post("/world/letter", values));
      toast(t("letter_done"));
    });
  }

  return {
    element,
    letter,
    touch,
    plug,
    draw() {
      const ahead = Math.round(world.ahead / 3600);
      evening.hidden = !world.evening;
      now.textContent = world.evening ? "" : t("now", { time: clockTime(world.now) }) + (ahead ? ` · ${t("ahead", { n: `+${ahead}` })}` : "");
      outage.setAttribute("aria-checked", String(world.outage));
      share.setAttribute("aria-checked", String(world.away));
      status.hidden = !world.status_url;
      if (world.status_url) status.href = world.status_url;
      letters.draw();
      files.draw();
    },
  };
}
