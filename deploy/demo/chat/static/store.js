// What the page knows: the world as the server tells it, and what this reader has open.

import { get } from "./net.js";

export const world = { chats: new Map(), personas: [], files: [], letters: [], bot: {}, sequence: 0, epoch: "", outage: false };
export const view = { persona: 0, chat: 0, topics: new Map(), online: true };
const listeners = [];

export const onChange = (listener) => listeners.push(listener);
export const changed = (what, detail) => listeners.forEach((listener) => listener(what, detail));

export async function loadWorld() {
  const fresh = await get("/world/state");
  Object.assign(world, fresh);
  world.chats = new Map(fresh.chats.map((chat) => [chat.id, { ...chat, messages: byId(chat.messages) }]));
  const saved = Number(localStorage.getItem("persona"));
  view.persona = world.personas.some((persona) => persona.id === (view.persona || saved)) ? view.persona || saved : world.personas[0].id;
  if (!visibleChats().some((chat) => chat.id === view.chat)) view.chat = 0;
  changed("all");
}

// A message's name on the page: an ephemeral one has a number of its own.
export const keyOf = (message) => (message.client.receiver ? `e${message.ephemeral_message_id}` : message.message_id);
const byId = (messages) => new Map(messages.map((message) => [keyOf(message), message]));
const seenBy = (message, person) => !message.client.receiver || message.client.receiver === person || message.client.sender === person;

export function apply(news) {
  const { events, ...facts } = news;
  Object.assign(world, facts);
  for (const event of events) applyEvent(event);
  changed("world");
}

function applyEvent(event) {
  if (event.event === "message" || event.event === "edited" || event.event === "ephemeral") {
    const chat = world.chats.get(event.message.chat.id);
    if (!chat) return;
    chat.messages.set(keyOf(event.message), event.message);
    if (!event.message.from.is_bot) chat.started = true;
    changed(event.event, event.message);
  } else if (event.event === "deleted") {
    const chat = world.chats.get(event.chat);
    chat?.messages.delete(event.id);
    if (chat) chat.pinned = event.pinned;
    changed("deleted", event);
  } else if (event.event === "ephemeral_deleted") {
    world.chats.get(event.chat)?.messages.delete(`e${event.id}`);
    changed("deleted", event);
  } else if (event.event === "chat") {
    world.chats.set(event.chat.id, { messages: new Map(), ...world.chats.get(event.chat.id), ...event.chat });
    changed("chat", event);
  } else if (event.event === "pinned") {
    const chat = world.chats.get(event.chat);
    if (chat) chat.pinned = event.pinned;
    changed("deleted", event);
  } else {
    changed(event.event, event);
  }
}

export const persona = () => world.personas.find((one) => one.id === view.persona);
export const chatOf = (id) => world.chats.get(id);
export const openChat = () => world.chats.get(view.chat);
const GENERAL = 1;
export const isForum = (chat) => chat.topics.length > 0;
export const topicOf = (message) => (message.is_topic_message ? message.message_thread_id : GENERAL);
export const topicsOf = (chat) => chat.topics.filter((topic) => !topic.hidden);
export const openTopic = (chat) => (topicsOf(chat).find((topic) => topic.id === view.topics.get(chat.id)) ?? topicsOf(chat)[0])?.id ?? GENERAL;
export const topicNameOf = (chat, message) => chat.topics.find((topic) => topic.id === topicOf(message))?.name ?? "";
// What a message sent here says of its topic: "General" has no number.
export const threadOf = (chat) => (isForum(chat) && openTopic(chat) !== GENERAL ? openTopic(chat) : 0);
// The messages on the screen: of a forum, those of the open topic.
export const shownOf = (chat) => messagesOf(chat).filter((message) => !isForum(chat) || topicOf(message) === openTopic(chat));
export const messagesOf = (chat) => [...chat.messages.values()].filter((message) => seenBy(message, view.persona)).sort((a, b) => a.date - b.date);
const lastingOf = (chat) => messagesOf(chat).filter((message) => !message.client.receiver);
export const peopleOf = (chat) => chat.members.filter((one) => one.status !== "left" && one.status !== "kicked").map((one) => one.user);
export const lastOf = (chat) => messagesOf(chat).at(-1);

export function visibleChats() {
  const seen = [...world.chats.values()].filter((chat) =>
    chat.type === "private" ? chat.id === view.persona : peopleOf(chat).some((user) => user.id === view.persona));
  return seen.sort((a, b) => Number(b.type === "private") - Number(a.type === "private"));
}

export const titleOf = (chat) => (chat.type === "private" ? world.bot.first_name : chat.title);

const readKey = (chat) => `read:${view.persona}:${chat.id}`;

export function markRead(chat) {
  const last = lastingOf(chat).at(-1);
  if (last) localStorage.setItem(readKey(chat), `${last.message_id}:${last.date}`);
}

// A message counts as unread when it is newer than the one read last; the date tells a fresh world from an old one.
export function unread(chat, topic = 0) {
  const [id, date] = (localStorage.getItem(readKey(chat)) ?? "0:0").split(":").map(Number);
  const known = chat.messages.get(id);
  const from = known && known.date === date ? id : 0;
  return lastingOf(chat).filter((message) => message.message_id > from && message.from.id !== view.persona && !message.pinned_message && (!topic || topicOf(message) === topic)).length;
}

export const keyboardOf = (chat) => {
  for (const message of messagesOf(chat).reverse()) {
    const keyboard = message.client.keyboard;
    if (keyboard?.remove_keyboard) return null;
    if (keyboard?.keyboard && concerns(chat, message, keyboard)) return { message, ...keyboard };
  }
  return null;
};

export function concerns(chat, message, keyboard) {
  if (chat.type === "private" || !keyboard.selective) return true;
  return message.reply_to_message?.from.id === view.persona;
}
