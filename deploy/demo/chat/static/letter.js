// A letter that came, open beside the chat as a mail program shows it.

import { h, icon, reconcile } from "./dom.js";
import { clockTime, t } from "./text.js";

// What is quoted, and the line before it that says whose words they are, is greyed.
function paragraphs(text) {
  const lines = text.trimEnd().split("\n");
  const isQuoted = (line) => line?.startsWith(">");
  return lines.map((line, at) => {
    const old = isQuoted(line) || (isQuoted(lines[at + 1]) && /:\s*$/.test(line));
    return h("p", { class: old ? "quoted" : null }, line.replace(/^>\s?/, "") || "\u00a0");
  });
}

export function createLetterSheet() {
  const element = h("section", { class: "letter-sheet", hidden: true, "aria-label": t("letter_came"), "data-testid": "letter-sheet", tabindex: "-1",
    onkeydown: (event) => event.key === "Escape" && close() });

  function close() {
    element.hidden = true;
    document.querySelector('[data-testid="world-letters"]')?.focus({ preventScroll: true });
  }

  return {
    element,
    show(letter) {
      reconcile(element, [
        h("header", {}, icon("letter"), h("h2", {}, t("letter_came")), h("time", {}, clockTime(letter.at)),
          h("button", { class: "icon-button", type: "button", "aria-label": t("close"), "data-testid": "letter-close", onclick: close }, icon("close"))),
        h("dl", {},
          h("dt", {}, t("letter_from")), h("dd", {}, h("b", {}, letter.from || letter.address), letter.from ? h("small", {}, letter.address) : ""),
          h("dt", {}, t("letter_subject")), h("dd", { "data-testid": "letter-sheet-subject" }, letter.subject)),
        h("div", { class: "letter-words", dir: "auto" }, paragraphs(letter.text)),
      ]);
      element.hidden = false;
    },
  };
}
