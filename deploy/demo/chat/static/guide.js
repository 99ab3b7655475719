// Three things in two minutes: a card that goes on by itself as the visitor does what it says.

import { h, icon, reconcile } from "./dom.js";
import { onPost, post } from "./net.js";
import { onChange, world } from "./store.js";
import { t } from "./text.js";
import { failed, toast } from "./toast.js";

const COMMAND = "vakhta setup";
const FRESH_SECONDS = 120; // a card older than that is of the evening before, not the visitor's
const STATUS_BUTTON = /^rq:.*\bstatus\b/;
const NEW_BUTTON = "rf:new";
const WHY_BUTTON = /\bwhy\b/;

// Each place of the guide: which of the three things it belongs to, its button, and where what the visitor does leads to.
const PLACES = {
  new: { thing: 1, act: "newRequest", on: { asked: "asked", card: "letter" } },
  asked: { thing: 1, on: { card: "letter" } },
  letter: { thing: 2, act: "letter", on: { letter: "why" } },
  why: { thing: 2, on: { why: "file" } },
  file: { thing: 3, act: "editFile", on: { file: "unplug", unplugged: "plug" } },
  unplug: { thing: 3, act: "plug", on: { unplugged: "plug" } },
  plug: { thing: 3, act: "plug", on: { plugged: "done" } },
  done: { thing: 4, on: {} },
};
const FIRST_OF = { 1: "new", 2: "letter", 3: "file", 4: "done" };

let at = null; // a place, or "closed"; null until the world is known
let said = false; // the visitor wrote or pressed something since the page was opened
let redraw = () => {};
let evening = false; // the evening before is still being played: what is done now has no effect yet

function go(place) {
  at = place;
  post("/world/guide", { at }).catch(failed);
  redraw();
}

function happened(what) {
  const next = PLACES[at]?.on[what];
  if (next) go(next);
}

const asksForNew = (path, body) =>
  (path === "/world/send" && (/^\/new\b/.test(body.text) || body.text === t("guide_do_new"))) || (path === "/world/press" && body.data === NEW_BUTTON);

onPost((path, body) => {
  if (path === "/world/send" || path === "/world/press") said = true;
  if (asksForNew(path, body)) happened("asked");
  else if (path === "/world/press" && WHY_BUTTON.test(body.data)) happened("why");
  else if (path === "/world/letter") happened("letter");
  else if (path === "/world/file") happened("file");
  else if (path === "/world/share") happened(body.on ? "plugged" : "unplugged");
});

onChange((what, message) => {
  if (world.evening !== evening) {
    evening = world.evening;
    redraw();
  }
  if (what !== "message" || !said || message.from.id !== world.bot.id) return;
  const buttons = message.reply_markup?.inline_keyboard?.flat() ?? [];
  const fresh = Date.now() / 1000 + world.ahead - message.date < FRESH_SECONDS;
  if (fresh && buttons.some((button) => STATUS_BUTTON.test(button.callback_data ?? ""))) happened("card");
});

// `actions` do for the visitor what each place asks for: newRequest, letter, editFile, plug.
export function createGuide(actions) {
  at ??= world.guide === "done" ? "closed" : world.guide;
  const opener = h("button", { class: "icon-button", type: "button", title: t("guide"), "aria-label": t("guide"), "aria-controls": "guide", "data-testid": "guide-open",
    onclick: () => (at === "closed" ? open() : close()) }, icon("help"));
  const inside = h("div", { class: "guide-words", "aria-live": "polite", "aria-atomic": "true" });
  const bars = h("div", { class: "guide-bars", "aria-hidden": "true" });
  const act = h("button", { class: "primary", type: "button", "data-testid": "guide-act", onclick: () => actions[PLACES[at].act]() });
  const next = h("button", { class: "quiet", type: "button", "data-testid": "guide-next", onclick: () => go(FIRST_OF[PLACES[at].thing + 1]) }, t("guide_next"));
  const copy = h("button", { class: "quiet", type: "button", onclick: copyCommand }, t("copy"));
  const end = h("button", { class: "primary", type: "button", "data-testid": "guide-end", onclick: close }, t("close"));
  const buttons = h("div", { class: "guide-buttons" });
  const skip = h("button", { class: "icon-button", type: "button", title: t("guide_skip"), "aria-label": t("guide_skip"), "data-testid": "guide-skip", onclick: close }, icon("close"));
  const element = h("section", { class: "guide", id: "guide", role: "region", "aria-label": t("guide"), tabindex: "-1", "data-testid": "guide",
    onkeydown: (event) => event.key === "Escape" && close() },
    h("header", {}, h("span", { class: "guide-name" }, t("guide")), bars, skip), inside, buttons);

  function open() {
    go("new");
    element.focus();
  }

  // On a phone with a chat open, the way back to the list is nearest to where the guide is opened again.
  function close() {
    go("closed");
    (opener.offsetParent ? opener : document.querySelector('[data-testid="back"]')).focus();
  }

  async function copyCommand() {
    await navigator.clipboard.writeText(COMMAND);
    toast(t("copied"));
  }

  function draw() {
    const place = PLACES[at];
    const focused = element.contains(document.activeElement);
    element.hidden = !place;
    opener.setAttribute("aria-expanded", String(Boolean(place)));
    if (!place) return;
    element.dataset.at = at;
    reconcile(bars, [1, 2, 3].map((thing) => h("i", { class: thing < place.thing ? "passed" : thing === place.thing ? "now" : null })));
    reconcile(inside, [h("h2", {}, t(`guide_title_${place.thing}`)), h("p", {}, t(evening ? "evening" : `guide_${at}`)), at === "done" ? h("code", {}, COMMAND) : null].filter(Boolean));
    if (place.act) act.textContent = t(`guide_do_${at}`);
    act.disabled = evening;
    reconcile(buttons, at === "done" ? [end, copy] : place.act ? [act, next] : [next]);
    if (focused && !element.contains(document.activeElement)) element.focus();
  }

  redraw = draw;
  draw();
  return { element, opener };
}
