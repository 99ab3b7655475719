// Building elements: h("div", {class: "x", onclick: f}, "text", child). Text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const ICONS = {
  send: "M3.4 20.4 21 12 3.4 3.6 3 10l11 2-11 2z",
  attach: "M20 11.5 12 19.6a5 5 0 0 1-7-7l8.3-8.4a3.3 3.3 0 0 1 4.7 4.7l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 8V4l-7 7 7 7v-4c5 0 8.500 1.500 11 5-1-6-4-10-11-11z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M6 9l6 6 6-6",
  menu: "M4 7h16M4 12h16M4 17h10",
  grid: "M4 5h16v14H4zM8 9h.01M12 9h.01M16 9h.01M8 12h.01M12 12h.01M16 12h.01M8 15h8",
  letter: "M3 6h18v12H3zM3.500 6.500 12 13l8.500-6.500",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  clock: "M12 3a9 9 0 1 0 .01 0zM12 7v5l3.500 2",
  plane: "M21 4 3 11l6 2.500L18.500 6.500 11 14.500l.5 5.500 3-4 4 3z",
  board: "M4 5h16v14H4zM4 10h16M10 10v9",
  smile: "M12 3a9 9 0 1 0 .01 0zM8.500 10h.01M15.500 10h.01M8 14.500c2 2.700 6 2.700 8 0",
  eye: "M2 12c5-8 15-8 20 0-5 8-15 8-20 0zM12 9a3 3 0 1 0 .01 0z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  panel: "M4 5h16v14H4zM14 5v14",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  write: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  rename: "M4 7h9M4 12h6M4 17h5M14 18l6-6-2-2-6 6v2z",
  cable: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  word: "M6 3h8l5 5v13H6zM14 3v5h5M9 12l1 5 2-4 2 4 1-5",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  help: "M12 3a9 9 0 1 0 .01 0zM9.500 9.500a2.500 2.500 0 1 1 3.800 2.200c-.9.500-1.300 1-1.300 1.800M12 16.500h.01",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
};

export function icon(name, filled = false) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  if (filled) svg.classList.add("filled");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// Children of `parent` become exactly `nodes`, moving and removing as little as possible, so that focus,
// animations and screen readers are not disturbed.
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}

// The colour that belongs to somebody; the bot has the page's own.
export const hue = (user) => (user?.is_bot ? "hue-5" : `hue-${Math.abs(user?.id ?? 0) % 7}`);

export function avatar(name, id, extra = "") {
  const letters = name.split(/\s+/).map((word) => [...word][0] ?? "").join("").slice(0, 2).toUpperCase();
  return h("span", { class: `avatar hue-${Math.abs(id) % 7} ${extra}`, "aria-hidden": "true" }, letters);
}
