// The open chat: its title, pinned message, messages and composer.

import { createComposer } from "./composer.js";
import { avatar, h, icon, reconcile } from "./dom.js";
import { wordsOf } from "./media.js";
import { createLog } from "./messages.js";
import { createTopics } from "./topics.js";
import { alertDialog, toast } from "./toast.js";
import { markRead, openChat, peopleOf, shownOf, threadOf, titleOf, view, world } from "./store.js";
import { t } from "./text.js";

export function createChatPane(actions, visible) {
  const back = h("button", { class: "icon-button back", type: "button", "aria-label": t("back"), "data-testid": "back", onclick: actions.list }, icon("back"));
  const face = h("span", { class: "face" });
  const title = h("h1", { class: "chat-title", "data-testid": "chat-title" });
  const subtitle = h("p", { class: "chat-subtitle", "data-testid": "chat-subtitle", "aria-live": "polite" });
  const pinned = h("button", { class: "pinned", type: "button", hidden: true, "data-testid": "pinned" });
  const composer = createComposer();
  const log = createLog({
    reply: (message) => composer.replyTo(message),
    command: (text) => composer.sendText(text),
    pressed: (query, button) => waiting.set(query, button),
  });
  const topics = createTopics(() => (log.reset(), draw()));
  const waiting = new Map(); // callback query → the button that shows it is being waited for
  const element = h("main", { class: "pane" },
    h("header", { class: "pane-head" }, back, face, h("div", { class: "pane-names" }, title, subtitle)),
    topics.element, pinned, log.element, composer.element);
  let typingUntil = 0;
  let action = "typing";

  function draw() {
    const chat = openChat();
    element.hidden = !chat;
    if (!chat) return;
    reconcile(face, [avatarOf(chat)]);
    title.textContent = titleOf(chat);
    const typing = Date.now() < typingUntil;
    subtitle.textContent = typing ? t(action.startsWith("upload") ? "uploading" : "typing") : subtitleOf(chat);
    subtitle.classList.toggle("typing", typing);
    topics.draw(chat);
    drawPinned(chat);
    log.draw(chat);
    composer.draw(chat);
    if (visible() && document.visibilityState === "visible") markRead(chat);
  }

  let shownFace;
  function avatarOf(chat) {
    if (shownFace?.dataset.chat !== String(chat.id)) {
      shownFace = avatar(titleOf(chat), chat.type === "private" ? world.bot.id : chat.id, chat.type === "private" ? "bot" : "");
      shownFace.dataset.chat = String(chat.id);
    }
    return shownFace;
  }

  function subtitleOf(chat) {
    if (chat.type === "private") return t("bot");
    return peopleOf(chat).map((user) => user.first_name).join(", ");
  }

  function drawPinned(chat) {
    const message = chat.messages.get(chat.pinned.at(-1));
    pinned.hidden = !message;
    if (!message) return;
    pinned.replaceChildren(icon("pin"), h("span", {}, h("b", {}, t("pinned")), h("span", {}, wordsOf(message).slice(0, 120))));
    pinned.onclick = () => log.jump(message.message_id);
  }

  function note(what, detail) {
    if (what === "answer") {
      const button = waiting.get(detail.query);
      waiting.delete(detail.query);
      button?.classList.remove("waiting");
      if (detail.user === view.persona && detail.text && !world.evening) (detail.show_alert ? alertDialog : toast)(detail.text);
    } else if (what === "action" && detail.chat === view.chat && (detail.thread || 0) === threadOf(openChat())) {
      typingUntil = Date.now() + 5000;
      action = detail.action;
      setTimeout(draw, 5100);
    } else if (what === "message" && detail.chat.id === view.chat && detail.from.is_bot) {
      typingUntil = 0;
    }
    if (what === "message" && detail.from.id === view.persona) log.follow();
    if (what === "commands" || what === "all") composer.menuChanged();
    if (what === "message" && detail.chat.id === view.chat) composer.arrived(detail);
  }

  document.addEventListener("visibilitychange", draw);
  return {
    element,
    draw,
    note,
    openChat() {
      typingUntil = 0;
      log.reset();
      composer.reset();
      const chat = openChat();
      if (chat) shownOf(chat).slice(-1).forEach((message) => composer.arrived(message, false));
    },
  };
}
