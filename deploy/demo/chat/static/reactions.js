// Reactions: a small choice beside a message, and what was chosen under it.

import { h, icon } from "./dom.js";
import { post } from "./net.js";
import { view } from "./store.js";
import { t } from "./text.js";
import { failed } from "./toast.js";

const CHOICE = ["👍", "❤", "🔥", "🎉", "🤔", "👀", "🙏"];

// Telegram writes the heart without its colour; a client shows it with it.
const shown = (emoji) => (emoji === "❤" ? "❤\ufe0f" : emoji);
const mine = (message) => message.client.reactions[view.persona]?.[0]?.emoji;

async function react(message, emoji) {
  try {
    await post("/world/react", { as: view.persona, chat: message.chat.id, message: message.message_id, emoji: mine(message) === emoji ? "" : emoji });
  } catch (error) {
    failed(error);
  }
}

export function reactionPicker(message, done) {
  const choice = h("div", { class: "reaction-choice", role: "menu", hidden: true, "aria-label": t("react") }, CHOICE.map((emoji) => h("button", {
    type: "button", role: "menuitemradio", "aria-checked": String(mine(message) === emoji), "aria-label": emoji, "data-testid": "reaction-option",
    onclick: () => (toggle(false), done(), react(message, emoji)),
  }, shown(emoji))));
  const button = h("button", { type: "button", class: "tool", "aria-label": t("react"), title: t("react"), "aria-haspopup": "menu", "aria-expanded": "false",
    "data-testid": "react", onclick: () => toggle(choice.hidden) }, icon("smile"));
  const shell = h("div", { class: "react", onkeydown: keyed, onfocusout: (event) => shell.contains(event.relatedTarget) || toggle(false) }, choice, button);

  function toggle(on) {
    choice.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    if (on) choice.firstChild.focus();
  }

  function keyed(event) {
    if (choice.hidden) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") {
      toggle(false);
      button.focus();
    } else if (step) choice.children[(CHOICE.length + [...choice.children].indexOf(document.activeElement) + step) % CHOICE.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return shell;
}

export function reactionChips(message) {
  const counts = new Map();
  for (const one of Object.values(message.client.reactions).flat()) counts.set(one.emoji, (counts.get(one.emoji) ?? 0) + 1);
  if (!counts.size) return null;
  return h("div", { class: "reactions" }, [...counts].map(([emoji, n]) => h("button", {
    type: "button", "aria-pressed": String(mine(message) === emoji), "aria-label": t("reaction", { emoji, n }), "data-testid": "reaction", onclick: () => react(message, emoji),
  }, shown(emoji), h("span", {}, String(n)))));
}
