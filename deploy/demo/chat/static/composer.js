// Where one writes: text, replies, commands with completion, reply keyboards, files.

import { h, icon, reconcile } from "./dom.js";
import { arePictures, read, wordsOf } from "./media.js";
import { get, post } from "./net.js";
import { concerns, keyboardOf, openChat, shownOf, threadOf, view, world } from "./store.js";
import { size, t } from "./text.js";
import { failed, toast } from "./toast.js";

const LIMIT = 4096; // of a message, UTF-16 units
const LIMIT_MB = 20; // of all files together
const MOST_FILES = 10; // of an album

export function createComposer() {
  const input = h("textarea", {
    class: "input", rows: "1", placeholder: t("message"), "aria-label": t("message"), "data-testid": "input", enterkeyhint: "send",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "completion",
    oninput: () => (grow(), complete()), onkeydown: keyed, onpaste: pasted,
  });
  const file = h("input", { type: "file", multiple: true, hidden: true, "data-testid": "file-input", onchange: () => takeFiles([...file.files]) });
  const attach = h("button", { class: "icon-button", type: "button", "aria-label": t("attach"), title: t("attach"), "data-testid": "attach", onclick: () => file.click() }, icon("attach"));
  const menuButton = h("button", { class: "menu-button", type: "button", "aria-label": t("commands"), "data-testid": "menu", onclick: toggleMenu }, icon("menu"), h("span", {}, t("commands")));
  const keys = h("button", { class: "icon-button", type: "button", "aria-label": t("keyboard"), title: t("keyboard"), hidden: true, onclick: () => ((keysOpen = !keysOpen), drawKeys()) }, icon("grid"));
  const send = h("button", { class: "send", type: "button", "aria-label": t("send"), title: t("send"), "data-testid": "send", onclick: submit }, icon("send", true));
  const startButton = h("button", { class: "start primary", type: "button", "data-testid": "start", hidden: true, onclick: () => sendText("/start") }, t("start"));
  const completion = h("ul", { class: "completion", id: "completion", role: "listbox", "aria-label": t("commands"), hidden: true, "data-testid": "completion" });
  const context = h("div", { class: "context" });
  const keyboard = h("div", { class: "reply-keyboard", hidden: true, "data-testid": "reply-keyboard" });
  const bar = h("div", { class: "bar" }, menuButton, attach, file, input, keys, send);
  const element = h("footer", { class: "composer" }, completion, context, bar, startButton, keyboard);

  let replied = null;
  let picked = [];
  let edited = null; // the message of one's own that is being changed
  let commands = [];
  let commandsFor = "";
  let active = -1;
  let keysOpen = true;
  let usedOnce = 0;
  const drafts = new Map();
  let draftKey = "";

  // Drawing

  function draw(chat) {
    const fresh = chat.type === "private" && !chat.started && chat.messages.size === 0;
    bar.hidden = fresh;
    startButton.hidden = !fresh;
    const key = `${view.persona}:${chat.id}`;
    if (commandsFor !== key) {
      commandsFor = key;
      loadMenu(chat);
    }
    if (replied && !chat.messages.has(replied.message_id)) replied = null;
    drawContext();
    drawKeys();
  }

  function drawContext() {
    const parts = [];
    if (replied) {
      const words = wordsOf(replied);
      parts.push(h("div", { class: "context-line", "data-testid": "replying" }, icon("reply"),
        h("span", { class: "context-words" }, h("b", {}, replied.from.first_name), h("span", {}, words.slice(0, 160))),
        h("button", { class: "icon-button", type: "button", "aria-label": t("cancel_reply"), "data-testid": "cancel-reply", onclick: () => replyTo(null) }, icon("close"))));
    }
    if (edited) {
      parts.push(h("div", { class: "context-line", "data-testid": "editing" }, icon("write"), h("span", { class: "context-words" }, h("b", {}, t("edit")), h("span", {}, edited.text.slice(0, 160))),
        h("button", { class: "icon-button", type: "button", "aria-label": t("cancel_edit"), onclick: () => edit(null) }, icon("close"))));
    }
    if (picked.length) {
      const names = picked.length === 1 ? picked[0].name : t("files_count", { n: picked.length });
      parts.push(h("div", { class: "context-line" }, icon("file"), h("span", { class: "context-words" }, h("b", {}, names), h("span", {}, size(picked.reduce((sum, one) => sum + one.size, 0)))),
        h("button", { class: "icon-button", type: "button", "aria-label": t("drop_file"), onclick: () => takeFiles([]) }, icon("close"))));
    }
    reconcile(context, parts);
    send.classList.toggle("ready", Boolean(input.value.trim() || picked.length));
  }

  function drawKeys() {
    const chat = openChat();
    const found = chat && keyboardOf(chat);
    const used = found && found.one_time_keyboard && usedOnce >= found.message.message_id;
    keys.hidden = !found || used;
    keyboard.hidden = !found || used || !keysOpen;
    if (keyboard.hidden) return;
    keyboard.replaceChildren(...found.keyboard.map((row) => h("div", { class: "reply-row" }, row.map((button) => {
      const text = typeof button === "string" ? button : button.text;
      return h("button", { type: "button", class: `reply-key ${button.style ?? ""}`, onclick: () => ((usedOnce = found.message.message_id), sendText(text)) }, text);
    }))));
    if (found.input_field_placeholder) input.placeholder = found.input_field_placeholder;
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 180)}px`;
    send.classList.toggle("ready", Boolean(input.value.trim() || picked.length));
  }

  // Replying

  function replyTo(message, placeholder = "") {
    replied = message;
    input.placeholder = placeholder || t("message");
    drawContext();
    if (message) input.focus();
  }

  function arrived(message, steal = true) {
    const asked = message.client.keyboard;
    if (asked?.force_reply && message.from.id === world.bot.id && concerns(openChat(), message, asked)) {
      replyTo(message, asked.input_field_placeholder);
      if (!steal) input.blur();
    }
    if (asked?.keyboard) keysOpen = true;
  }

  // Commands

  async function loadMenu(chat) {
    const found = await get(`/world/menu?as=${view.persona}&chat=${chat.id}`);
    if (openChat() !== chat) return;
    commands = found;
    menuButton.hidden = commands.length === 0;
    complete();
  }

  function suggestions() {
    const word = /^\/(\w*)$/.exec(input.value);
    return word ? commands.filter((one) => one.command.startsWith(word[1].toLowerCase())) : [];
  }

  function complete(all = false) {
    const found = all ? commands : suggestions();
    completion.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    active = Math.min(active, found.length - 1);
    completion.replaceChildren(...found.map((one, at) => h("li", {
      id: `option-${at}`, role: "option", "aria-selected": String(at === active), "data-testid": `command-${one.command}`,
      onmousedown: (event) => (event.preventDefault(), sendText(`/${one.command}`)),
    }, h("b", {}, `/${one.command}`), h("span", {}, one.description))));
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", `option-${active}`);
      completion.children[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function closeCompletion() {
    active = -1;
    completion.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function toggleMenu() {
    if (!completion.hidden) return closeCompletion();
    complete(true);
    input.focus();
  }

  function completionKey(event) {
    const count = completion.children.length;
    if (event.key === "ArrowDown") active = (active + 1) % count;
    else if (event.key === "ArrowUp") active = (active - 1 + count) % count;
    else if (event.key === "Escape") return closeCompletion(), true;
    else if (event.key === "Tab" || (event.key === "Enter" && active >= 0)) {
      const name = completion.children[Math.max(active, 0)].querySelector("b").textContent;
      if (event.key === "Enter") sendText(name);
      else {
        input.value = `${name} `;
        grow();
        closeCompletion();
      }
      return true;
    } else return false;
    const showsAll = !suggestions().length;
    complete(showsAll);
    return true;
  }

  // Sending

  function keyed(event) {
    if (!completion.hidden && completionKey(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && edited) edit(null);
    else if (event.key === "Escape" && replied) replyTo(null);
    else if (event.key === "ArrowUp" && !input.value) {
      const own = shownOf(openChat()).filter((message) => message.from.id === view.persona && message.text && !message.client.receiver).at(-1);
      if (!own) return;
      event.preventDefault();
      edit(own);
    }
  }

  function edit(message) {
    edited = message;
    input.value = message?.text ?? "";
    replied = null;
    grow();
    drawContext();
    if (message) input.focus();
  }

  async function sendEdit() {
    try {
      await post("/world/edit", { as: view.persona, chat: openChat().id, message: edited.message_id, text: input.value });
      edit(null);
    } catch (error) {
      failed(error);
    }
  }

  function submit() {
    if (edited) return sendEdit();
    if (picked.length) return sendFiles();
    if (input.value.trim()) return sendText(input.value, true);
    return input.focus();
  }

  async function sendText(text, typed = false) {
    const chat = openChat();
    const answered = replied; // an answer that asks for a reply may arrive before this text is sent
    const body = { as: view.persona, chat: chat.id, thread: threadOf(chat), reply_to: typed && answered ? answered.message_id : 0 };
    closeCompletion();
    try {
      for (const part of parts(text)) await post("/world/send", { ...body, text: part });
      clear(typed || input.value.startsWith("/"), answered);
    } catch (error) {
      failed(error);
    }
    if (matchMedia("(hover: hover)").matches) input.focus();
  }

  // A text longer than a message may be goes as several, as every Telegram client does it; cut between words.
  function parts(text) {
    const found = [];
    let rest = text.trim();
    while (rest.length > LIMIT) {
      const head = rest.slice(0, LIMIT);
      const space = Math.max(head.lastIndexOf("\n"), head.lastIndexOf(" "));
      const cut = space > LIMIT / 2 ? space : head.charCodeAt(LIMIT - 1) >> 10 === 0x36 ? LIMIT - 1 : LIMIT;
      found.push(rest.slice(0, cut));
      rest = rest.slice(cut).trim();
    }
    return [...found, rest];
  }

  function clear(text = true, answered = replied) {
    if (text) {
      input.value = "";
      if (replied === answered) replyTo(null);
    }
    picked = [];
    file.value = "";
    grow();
    drawContext();
  }

  function takeFiles(chosen) {
    if (chosen.reduce((sum, one) => sum + one.size, 0) > LIMIT_MB * 1024 * 1024) {
      toast(t("too_big", { n: LIMIT_MB }), "bad");
      chosen = [];
    } else if (chosen.length > MOST_FILES) toast(t("too_many", { n: MOST_FILES }), "bad");
    picked = chosen.slice(0, MOST_FILES);
    if (!picked.length) file.value = "";
    drawContext();
    input.focus();
  }

  function pasted(event) {
    const found = [...(event.clipboardData?.files ?? [])];
    if (!found.length) return;
    event.preventDefault();
    takeFiles(found);
  }

  async function sendFiles() {
    const chosen = picked;
    const body = { as: view.persona, chat: openChat().id, thread: threadOf(openChat()), kind: arePictures(chosen) ? "photo" : "document",
      caption: input.value.trim(), reply_to: replied?.message_id ?? 0 };
    try {
      await post("/world/upload", { ...body, files: await Promise.all(chosen.map(read)) });
      clear();
    } catch (error) {
      failed(error);
    }
  }

  return {
    element,
    draw,
    replyTo,
    arrived,
    sendText,
    menuChanged: () => (commandsFor = ""),
    reset() {
      if (draftKey) drafts.set(draftKey, input.value);
      const chat = openChat();
      draftKey = chat ? `${view.persona}:${chat.id}` : "";
      input.value = drafts.get(draftKey) ?? "";
      replied = null;
      picked = [];
      edited = null;
      commands = [];
      commandsFor = "";
      menuButton.hidden = true;
      input.placeholder = t("message");
      closeCompletion();
      drawContext();
      requestAnimationFrame(grow);
    },
  };
}
