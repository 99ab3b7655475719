// The messages of a chat: bubbles in groups, days between them, keyboards under them.

import { avatar, h, hue, icon, reconcile } from "./dom.js";
import { rich } from "./entities.js";
import { gather, media, wordsOf } from "./media.js";
import { post } from "./net.js";
import { reactionChips, reactionPicker } from "./reactions.js";
import { keyOf, shownOf, view, world } from "./store.js";
import { clockTime, current, day, sameDay, t } from "./text.js";
import { failed, toast } from "./toast.js";

const GROUP_SECONDS = 600;

export function createLog({ reply, command, pressed }) {
  const list = h("div", { class: "log-list" });
  const scroller = h("div", { class: "log", role: "log", "aria-live": "polite", "data-testid": "log", tabindex: "0", onscroll: scrolled }, list);
  const down = h("button", { class: "down", type: "button", "aria-label": t("down"), hidden: true, onclick: () => toBottom(true) }, icon("down"));
  const element = h("div", { class: "log-shell" }, scroller, down);
  let known = new Map(); // message id → { signature, content, node }
  let shown = 0;
  let menuFor = 0;
  let following = false; // the next drawing ends at the bottom wherever the reader is
  let stuck = true; // the reader is at the bottom, or on the way there, and stays there whatever arrives
  let top = 0;

  const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const toBottom = (smooth) => scroller.scrollTo({ top: scroller.scrollHeight, behavior: smooth && !calm() ? "smooth" : "auto" });
  const drawDown = () => (down.hidden = stuck || atBottom());

  function scrolled() {
    if (atBottom()) stuck = true;
    else if (scroller.scrollTop < top - 1) stuck = false;
    top = scroller.scrollTop;
    drawDown();
  }

  function draw(chat) {
    scroller.setAttribute("aria-label", chat.title || world.bot.first_name);
    const stay = shown === chat.id;
    if (!stay || following) stuck = true;
    following = false;
    const messages = gather(shownOf(chat).filter((message) => !message.forum_topic_created));
    const nodes = [];
    const next = new Map();
    messages.forEach((message, at) => {
      const before = messages[at - 1];
      if (!before || !sameDay(before.date, message.date)) nodes.push(separator(chat, message.date));
      const place = grouping(messages, at);
      const content = JSON.stringify(message);
      const signature = JSON.stringify([content, place, current(), view.persona]);
      const old = known.get(keyOf(message));
      const node = old?.signature === signature ? old.node : render(chat, message, place, stay && !old, stay && old && old.content !== content);
      for (const part of message.album ?? [message]) next.set(keyOf(part), { signature, content, node });
      nodes.push(node);
    });
    if (!messages.length) nodes.push(empty(chat));
    known = next;
    reconcile(list, nodes);
    if (stuck) toBottom(stay && !world.evening && messages.length > 0);
    shown = chat.id;
    drawDown();
  }

  const separators = new Map();
  function separator(chat, date) {
    const now = world.now;
    const key = `${new Date(date * 1000).toDateString()}`;
    const text = day(date, now);
    const old = separators.get(key);
    if (old?.textContent === text) return old;
    const node = h("div", { class: "day", role: "separator" }, h("span", {}, text));
    separators.set(key, node);
    return node;
  }

  function grouping(messages, at) {
    const joins = (one, other) =>
      one && other && one.from.id === other.from.id && one.client.receiver === other.client.receiver && !one.pinned_message && !other.pinned_message &&
      Math.abs(one.date - other.date) < GROUP_SECONDS && sameDay(one.date, other.date);
    return { first: !joins(messages[at - 1], messages[at]), last: !joins(messages[at], messages[at + 1]) };
  }

  function empty(chat) {
    const text = chat.type === "private" ? t("empty_private") : t(world.evening ? "evening" : "empty_group");
    return h("div", { class: "empty" }, avatar(world.bot.first_name, world.bot.id, "bot large"), h("p", {}, text));
  }

  function render(chat, message, place, arrived, changed) {
    if (message.pinned_message) {
      return h("div", { class: "service" }, h("button", { type: "button", onclick: () => jump(message.pinned_message.message_id) },
        t("has_pinned", { name: message.from.first_name })));
    }
    const own = message.from.id === view.persona;
    const group = chat.type !== "private";
    const classes = ["row", own ? "own" : "other", place.first && "first", place.last && "last", arrived && "arrived", changed && "changed", message.client.receiver && "ephemeral"];
    const face = group && !own ? (place.last ? avatar(message.from.first_name, message.from.id, message.from.is_bot ? "bot small" : "small") : h("span", { class: "avatar-gap" })) : null;
    const bubble = h("div", { class: `bubble ${message.photo ? "has-photo" : ""}`, onclick: (event) => tapped(event, message), ondblclick: () => message.client.receiver || reply(message) }, body(chat, message, place, own, group));
    const article = h("article", {
      class: classes.filter(Boolean).join(" "),
      "data-testid": "message",
      "data-id": keyOf(message),
      "data-from": message.from.id,
      tabindex: "-1",
      "aria-label": `${own ? t("you") : message.from.first_name}, ${clockTime(message.date)}`,
      onkeydown: (event) => keyed(event, message, article),
    }, face, h("div", { class: "stack" }, h("div", { class: "bubble-line" }, bubble, tools(message)), keyboard(message), reactionChips(message)));
    return article;
  }

  function body(chat, message, place, own, group) {
    const text = message.text ?? message.caption;
    const entities = message.entities ?? message.caption_entities;
    return [
      message.client.receiver ? h("div", { class: "only-you", "data-testid": "only-you" }, icon("eye"), t("only_you")) : null,
      group && !own && place.first ? h("div", { class: `author ${hue(message.from)}` }, message.from.first_name) : null,
      message.client.reply_to && message.client.reply_to !== message.message_thread_id ? quote(message) : null,
      ...media(message),
      h("div", { class: "text" },
        h("span", { dir: "auto", "data-testid": "message-text" }, rich(text ?? "", entities, { command })),
        h("span", { class: "meta" }, message.edit_date ? h("span", { class: "edited", "data-testid": "edited" }, t("edited")) : null,
          h("time", { datetime: new Date(message.date * 1000).toISOString() }, clockTime(message.date)))),
    ];
  }

  function quote(message) {
    const original = message.reply_to_message;
    const name = original ? (original.from.id === view.persona ? t("you") : original.from.first_name) : t("deleted");
    const words = original ? wordsOf(original) : "";
    return h("button", { class: `quote ${hue(original?.from)}`, type: "button", "aria-label": `${t("jump")}: ${words}`, "data-testid": "quote",
      onclick: (event) => (event.stopPropagation(), jump(message.client.reply_to)) },
      h("b", {}, name), h("span", {}, words.slice(0, 160)));
  }

  function keyboard(message) {
    const rows = message.reply_markup?.inline_keyboard;
    if (!rows) return null;
    return h("div", { class: "inline-keyboard" }, rows.map((row) => h("div", { class: "inline-row" }, row.map((button) => inlineButton(message, button)))));
  }

  function inlineButton(message, button) {
    const shared = { class: `inline-button ${button.style ?? ""}`, "data-testid": "inline-button" };
    if (button.url) return h("a", { ...shared, href: button.url, target: "_blank", rel: "noopener noreferrer" }, h("span", {}, button.text), icon("link"));
    const element_ = h("button", { ...shared, type: "button", onclick: () => (button.copy_text ? copy(button.copy_text.text) : press(message, button, element_)) },
      h("span", {}, button.text), button.copy_text ? icon("copy") : null);
    return element_;
  }

  async function press(message, button, element_) {
    if (button.callback_data === undefined) return;
    element_.classList.add("waiting");
    setTimeout(() => element_.classList.remove("waiting"), 15000);
    try {
      const { query } = await post("/world/press", { as: view.persona, chat: message.chat.id, message: message.ephemeral_message_id ?? message.message_id, data: button.callback_data });
      pressed(query, element_);
    } catch (error) {
      element_.classList.remove("waiting");
      failed(error);
    }
  }

  async function copy(text) {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  }

  // An ephemeral message is neither replied nor reacted to.
  function tools(message) {
    const key = keyOf(message);
    const tool = (name, symbol, act) => h("button", { type: "button", class: "tool", "aria-label": t(name), title: t(name), "data-testid": name, onclick: () => (closeMenu(), act()) }, icon(symbol));
    const lasting = !message.client.receiver;
    return h("div", { class: `tools ${menuFor === key ? "open" : ""}` },
      lasting ? reactionPicker(message, closeMenu) : null,
      lasting ? tool("reply", "reply", () => reply(message)) : null,
      tool("copy", "copy", () => copy(message.text ?? message.caption ?? "")));
  }

  // A tap shows what can be done with a message; on a device that hovers the tools are there already.
  function tapped(event, message) {
    if (event.target.closest("a, button, .spoiler, .expandable") || String(getSelection())) return;
    menuFor = menuFor === keyOf(message) ? 0 : keyOf(message);
    mark();
  }

  function closeMenu() {
    menuFor = 0;
    mark();
  }

  function mark() {
    for (const [id, { node }] of known) node.querySelector(".tools")?.classList.toggle("open", id === menuFor);
  }

  function keyed(event, message, article) {
    if (event.target !== article) return;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (event.key === "Enter" || event.key.toLowerCase() === "r") reply(message);
    else if (step) {
      let other = article[step];
      while (other && !other.matches("article")) other = other[step];
      other?.focus();
    } else return;
    event.preventDefault();
  }

  scroller.addEventListener("keydown", (event) => {
    if (event.target === scroller && event.key === "ArrowUp") {
      [...list.querySelectorAll("article")].at(-1)?.focus();
      event.preventDefault();
    }
  });
  new ResizeObserver(() => stuck && toBottom(false)).observe(scroller);

  function jump(id) {
    const node = known.get(id)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    node.classList.remove("flash");
    requestAnimationFrame(() => node.classList.add("flash"));
  }

  return {
    element,
    draw,
    jump,
    follow: () => (following = true),
    reset() {
      known = new Map();
      shown = 0;
      menuFor = 0;
      list.replaceChildren();
    },
  };
}
