// Calls to the demo and the live connection.

import { current } from "./text.js";

const posted = [];

// `listener` hears of every call that was done: its path and body.
export const onPost = (listener) => posted.push(listener);

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Language": current() },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.ok) {
    posted.forEach((listener) => listener(path, body));
    return JSON.parse(text);
  }
  let reason = text;
  try {
    reason = JSON.parse(text).error;
  } catch {
    reason = text.slice(0, 200); // a plain sentence
  }
  throw new Error(reason);
}

export async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Keeps a WebSocket open for ever. The page asks for what came after the last event it has, so a lost connection
// loses no event. `restart` is called when the server is a new one or no longer has those events.
export function live({ position, apply, restart, online }) {
  let wait = 250;
  const connect = () => {
    const socket = new WebSocket(`ws://${location.host}/world/ws`);
    let heard = 0;
    const watchdog = setInterval(() => Date.now() - heard > 25000 && heard && socket.close(), 5000);
    const ask = () => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ after: position().sequence }));
    socket.addEventListener("open", () => {
      heard = Date.now();
      ask();
    });
    socket.addEventListener("message", async (message) => {
      heard = Date.now();
      wait = 250;
      online(true);
      const news = JSON.parse(message.data);
      if (news.epoch !== position().epoch || news.events === null) await restart();
      else apply(news);
      ask();
    });
    socket.addEventListener("close", () => {
      clearInterval(watchdog);
      online(false);
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 3000);
    });
  };
  connect();
}
