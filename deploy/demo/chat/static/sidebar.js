// The left side: chats, who you are, the world's buttons.

import { avatar, h, reconcile } from "./dom.js";
import { wordsOf } from "./media.js";
import { isForum, lastOf, titleOf, topicNameOf, unread, view, visibleChats, world } from "./store.js";
import { current, LANGUAGES, shortTime, t } from "./text.js";
import { createWorldPanel } from "./worldpanel.js";

export function createSidebar(actions, guideOpener) {
  const chats = h("nav", { class: "chats", "aria-label": t("chats") });
  const personas = h("div", { class: "personas", role: "radiogroup", "aria-label": t("who") });
  const panel = createWorldPanel(actions.letterCame);
  const languages = h("div", { class: "languages", role: "radiogroup", "aria-label": t("language") },
    Object.entries(LANGUAGES).map(([code, name]) => h("button", {
      type: "button", role: "radio", "aria-checked": String(code === current()), title: name, "aria-label": name, lang: code,
      "data-testid": `lang-${code}`, onclick: () => actions.speak(code),
    }, code)));
  const element = h("aside", { class: "sidebar" },
    h("header", { class: "side-head" }, h("span", { class: "brand" }, h("img", { src: "/static/icon.svg", alt: "", width: "28", height: "28" }), "Vakhta"), guideOpener, languages),
    chats,
    h("section", { class: "who" }, h("h2", {}, t("who")), personas),
    panel.element);

  function chatRow(chat) {
    const last = lastOf(chat);
    const count = chat.id === view.chat && document.querySelector(".app").dataset.screen === "chat" ? 0 : unread(chat);
    const words = last ? preview(chat, last) : "";
    return h("button", {
      type: "button", class: "chat-row", "data-testid": `chat-${chat.id}`, "aria-current": chat.id === view.chat ? "true" : false,
      onclick: () => actions.choose(chat.id),
    },
      avatar(titleOf(chat), chat.type === "private" ? world.bot.id : chat.id, chat.type === "private" ? "bot" : ""),
      h("span", { class: "chat-words" },
        h("span", { class: "chat-top" }, h("b", {}, titleOf(chat)), last ? h("time", {}, shortTime(last.date, world.now)) : null),
        h("span", { class: "chat-bottom" }, h("span", { class: "chat-preview" }, words),
          count ? h("span", { class: "badge", "aria-label": t("unread", { n: count }) }, String(count)) : null)));
  }

  function preview(chat, message) {
    const words = message.pinned_message ? t("has_pinned", { name: message.from.first_name }) : wordsOf(message);
    const own = message.from.id === view.persona;
    const prefix = own ? `${t("you")}: ` : chat.type === "private" || message.pinned_message ? "" : `${message.from.first_name}: `;
    const topic = isForum(chat) ? `${topicNameOf(chat, message)} › ` : "";
    return topic + prefix + words.replace(/\s+/g, " ").slice(0, 80);
  }

  function personaButton(persona) {
    const chosen = persona.id === view.persona;
    return h("button", { type: "button", role: "radio", class: "persona", "aria-checked": String(chosen), "data-testid": `persona-${persona.id}`,
      onclick: () => actions.become(persona.id) },
      avatar(persona.first_name, persona.id, "small"), h("span", {}, h("b", {}, persona.first_name), h("small", {}, t(`role_${persona.role}`))));
  }

  const cache = new Map();
  function kept(key, node) {
    const old = cache.get(key);
    if (old?.isEqualNode(node)) return old;
    const hadFocus = old && document.activeElement === old;
    cache.set(key, node);
    if (hadFocus) requestAnimationFrame(() => node.focus());
    return node;
  }

  return {
    element,
    world: panel,
    offlineText: () => t("offline"),
    draw() {
      reconcile(chats, visibleChats().sort((a, b) => (lastOf(b)?.date ?? 0) - (lastOf(a)?.date ?? 0)).map((chat) => kept(`chat ${chat.id}`, chatRow(chat))));
      reconcile(personas, world.personas.map((persona) => kept(`persona ${persona.id}`, personaButton(persona))));
      panel.draw();
    },
  };
}
