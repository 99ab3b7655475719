// The topics of a forum group, as tabs over its messages.

import { h, icon, reconcile } from "./dom.js";
import { isForum, openTopic, topicsOf, unread, view } from "./store.js";
import { t } from "./text.js";

export function createTopics(choose) {
  const element = h("div", { class: "topics", role: "tablist", hidden: true, "aria-label": t("topics"), onkeydown: keyed });
  let counts = new Map();

  function keyed(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = [...element.children];
    tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length].focus();
    event.preventDefault();
  }

  // What is unread is counted before the chat is marked as read, and kept until the topic is opened.
  function draw(chat) {
    element.hidden = !isForum(chat);
    if (element.hidden) return;
    const focused = document.activeElement?.dataset.testid;
    reconcile(element, topicsOf(chat).map((topic) => tab(chat, topic)));
    if (focused?.startsWith("topic-")) element.querySelector(`[data-testid="${focused}"]`)?.focus();
  }

  function tab(chat, topic) {
    const chosen = topic.id === openTopic(chat);
    const key = `${view.persona}:${chat.id}:${topic.id}`;
    const count = chosen ? 0 : (counts.get(key) ?? 0) + unread(chat, topic.id);
    counts.set(key, count);
    return h("button", { type: "button", role: "tab", class: "topic", "aria-selected": String(chosen), tabindex: chosen ? "0" : "-1", "data-testid": `topic-${topic.id}`,
      onclick: () => (view.topics.set(chat.id, topic.id), choose()) },
      topic.name, topic.closed ? icon("lock") : null, count ? h("span", { class: "badge", "aria-label": t("unread", { n: count }) }, String(count)) : null);
  }

  return { element, draw };
}
