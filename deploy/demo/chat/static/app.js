// The page: starts, draws what changed, keeps the live connection.

import { h } from "./dom.js";
import { createBoard } from "./board.js";
import { createChatPane } from "./chat.js";
import { createGuide } from "./guide.js";
import { createLetterSheet } from "./letter.js";
import { live, post } from "./net.js";
import { createSidebar } from "./sidebar.js";
import { failed } from "./toast.js";
import { apply, lastOf, loadWorld, onChange, visibleChats, view, world } from "./store.js";
import { current, loadTexts } from "./text.js";

const root = document.getElementById("app");
const actions = {
  choose(chatId, { show = true } = {}) {
    view.chat = chatId;
    if (show) root.dataset.screen = "chat";
    localStorage.setItem(`chat:${view.persona}`, String(chatId));
    pane.openChat();
    draw();
  },
  list() {
    root.dataset.screen = "list";
    document.querySelector(`[data-testid="chat-${view.chat}"]`)?.focus();
    draw();
  },
  become(personaId) {
    view.persona = personaId;
    localStorage.setItem("persona", String(personaId));
    openRemembered();
  },
  letterCame: (letter) => sheet.show(letter),
  async speak(language) {
    await loadTexts(language);
    await speakEverywhere();
    build();
  },
};

// The language of the page is the language of the whole demo: people's apps, the group, what the assistant says.
async function speakEverywhere() {
  await post("/world/language", { language: current() });
  await loadWorld();
}

let sidebar;
let pane;
let sheet;
let board;

function build() {
  const guide = createGuide({
    newRequest: () => (intoGroup(), post("/world/send", { as: view.persona, chat: view.chat, text: "/new" }).catch(failed)),
    letter: () => (intoGroup(), sidebar.world.letter({ name: "en_route" })),
    editFile: () => (intoGroup(), sidebar.world.touch("contract.docx", "edit")),
    plug: () => (intoGroup(), sidebar.world.plug()),
  });
  sidebar = createSidebar(actions, guide.opener);
  pane = createChatPane(actions, () => wide() || root.dataset.screen === "chat");
  sheet = createLetterSheet();
  board = createBoard();
  root.replaceChildren(sidebar.element, pane.element, guide.element, h("div", { class: "beside" }, sheet.element, board.element), offlineBar());
  pane.openChat();
  draw();
  board.look();
}

const wide = () => matchMedia("(min-width: 760px)").matches;

function offlineBar() {
  const bar = h("div", { class: "offline", role: "alert", hidden: view.online });
  bar.textContent = sidebar.offlineText();
  return bar;
}

function draw() {
  pane.draw(); // first: what it shows is read
  sidebar.draw();
}

function openRemembered() {
  const chats = visibleChats();
  const remembered = Number(localStorage.getItem(`chat:${view.persona}`));
  const lively = (one) => one.type !== "private" && (world.evening || lastOf(one));
  const chat = chats.find((one) => one.id === remembered) ?? chats.find(lively) ?? chats[0];
  if (chat) actions.choose(chat.id, { show: false });
}

// Where the assistant tells what happened, seen by somebody who is there.
function intoGroup() {
  const group = () => visibleChats().find((chat) => chat.type !== "private");
  if (!group()) actions.become(world.personas[0].id);
  if (view.chat !== group().id || root.dataset.screen !== "chat") actions.choose(group().id);
}

let drawing = false;
onChange((what, detail) => {
  pane?.note(what, detail);
  if (drawing || !pane) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
});

setInterval(() => board?.look(), 2000);
await loadTexts(current());
await loadWorld();
if (world.language !== current()) await speakEverywhere();
build();
openRemembered();
live({
  position: () => world,
  apply,
  restart: loadWorld,
  online(on) {
    if (view.online === on) return;
    view.online = on;
    root.querySelector(".offline").hidden = on;
  },
});
