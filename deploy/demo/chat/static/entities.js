// A message's text with its entities (UTF-16 offsets, which are JavaScript's own) as elements.

import { h } from "./dom.js";
import { t } from "./text.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

export function rich(text, entities = [], actions = {}) {
  return build(text, 0, text.length, [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length), actions);
}

function build(text, from, to, entities, actions) {
  const parts = [];
  let at = from;
  let before = "";
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) continue;
    const inner = entities.slice(index + 1).filter((other) => other.offset >= entity.offset && other.offset + other.length <= end);
    if (entity.offset > at) parts.push(between(text.slice(at, entity.offset), BLOCKS.has(before), BLOCKS.has(entity.type)));
    parts.push(element(entity, text.slice(entity.offset, end), build(text, entity.offset, end, inner, actions), actions));
    at = end;
    before = entity.type;
  }
  if (at < to) parts.push(between(text.slice(at, to), BLOCKS.has(before), false));
  return parts;
}

// A quotation or a block of code stands on lines of its own already: the line break next to it is not shown twice.
function between(text, afterBlock, beforeBlock) {
  const start = afterBlock && text.startsWith("\n") ? 1 : 0;
  const end = beforeBlock && text.length > start && text.endsWith("\n") ? -1 : undefined;
  return text.slice(start, end);
}

function element(entity, text, children, actions) {
  if (entity.type in PLAIN) return h(PLAIN[entity.type], {}, children);
  switch (entity.type) {
    case "pre":
      return h("pre", {}, h("code", {}, children));
    case "spoiler":
      return spoiler(children);
    case "blockquote":
      return h("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "url":
      return link(text, children);
    case "text_link":
      return link(entity.url, children);
    case "bot_command":
      return h("button", { class: "inline-link", type: "button", onclick: () => actions.command?.(text) }, children);
    case "mention":
    case "hashtag":
      return h("span", { class: "mention" }, children);
    default:
      return h("span", {}, children);
  }
}

const link = (url, children) =>
  /^(https?|mailto|tg):/.test(url)
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, children)
    : h("span", {}, children);

function spoiler(children) {
  const show = () => {
    shell.classList.add("shown");
    shell.removeAttribute("role");
    shell.removeAttribute("aria-label");
  };
  const shell = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler"), onclick: show,
    onkeydown: (event) => (event.key === "Enter" || event.key === " ") && show() }, children);
  return shell;
}

function expandable(children) {
  const quote = h("blockquote", { class: "expandable", tabindex: "0", onclick: () => quote.classList.toggle("open"),
    onkeydown: (event) => event.key === "Enter" && quote.classList.toggle("open") }, children);
  return quote;
}
