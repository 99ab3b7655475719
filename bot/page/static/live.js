// Keeps the page true: when the server says that something changed, fetch this address again and
// replace the parts (data-live) that differ. Focus, selection and scroll stay where they are.

const FLAG = document.querySelector("[data-testid=live]");
const BUILD = document.documentElement.dataset.build;
const REFRESH_MS = 30_000; // relative times grow old without any change
const RETRY_MS = { first: 500, most: 15_000 };
const GENTLE_MS = 1_000; // at most one refresh a second

let retry = RETRY_MS.first;
let busy = false;
let wanted = false;

function show(state) {
  FLAG.dataset.state = state;
  FLAG.querySelector("span").textContent = FLAG.dataset[state];
}

function remembered() {
  const active = document.activeElement;
  if (!active || !active.closest("[data-live]")) return null;
  const key = active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") && `a[href="${CSS.escape(active.getAttribute("href"))}"]`;
  return key ? { part: active.closest("[data-live]").dataset.live, key } : null;
}

function mark(before, after) {
  const known = new Set([...before.querySelectorAll("[data-key]")].map((row) => row.dataset.key));
  if (!known.size) return;
  for (const row of after.querySelectorAll("[data-key]")) {
    if (!known.has(row.dataset.key)) row.classList.add("fresh");
  }
}

function swap(fresh) {
  const focus = remembered();
  for (const after of fresh.querySelectorAll("[data-live]")) {
    const before = document.querySelector(`[data-live="${CSS.escape(after.dataset.live)}"]`);
    if (!before || before.innerHTML === after.innerHTML && before.className === after.className) continue;
    if (before.contains(document.getSelection()?.anchorNode) && !document.getSelection().isCollapsed) continue;
    mark(before, after);
    before.replaceWith(document.adoptNode(after));
  }
  document.title = fresh.title;
  if (focus) document.querySelector(`[data-live="${CSS.escape(focus.part)}"] ${focus.key}`)?.focus({ preventScroll: true });
}

async function refresh() {
  wanted = true;
  if (busy || document.hidden) return;
  busy = true;
  while (wanted && !document.hidden) {
    wanted = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.status === 401) return location.reload();
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (fresh.documentElement.dataset.build !== BUILD) return location.reload();
        swap(fresh);
      }
    } catch {
      wanted = false; // the socket tells when the server is back
    }
    await new Promise((done) => setTimeout(done, GENTLE_MS));
  }
  busy = false;
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
  socket.addEventListener("open", () => {
    retry = RETRY_MS.first;
    show("on");
  });
  socket.addEventListener("message", refresh);
  socket.addEventListener("close", () => {
    show("off");
    setTimeout(connect, retry * (0.75 + Math.random() / 2));
    retry = Math.min(retry * 2, RETRY_MS.most);
  });
}

if (FLAG) {
  show("off");
  connect();
  setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", refresh);
}
