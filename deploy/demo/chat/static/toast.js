// Short notices over the page, and dialogs.

import { h, icon } from "./dom.js";
import { t } from "./text.js";

export function toast(text, kind = "") {
  const note = h("div", { class: `toast ${kind}`, "data-testid": "toast" }, text);
  const shelf = document.getElementById("toasts");
  while (shelf.childElementCount >= 3) shelf.firstChild.remove();
  shelf.append(note);
  setTimeout(() => note.classList.add("leaving"), 3600);
  setTimeout(() => note.remove(), 4000);
}

export const failed = (error) => toast(t("failed", { reason: error.message }), "bad");

export function alertDialog(text) {
  const dialog = h("dialog", { class: "dialog", "data-testid": "alert", "aria-label": text },
    h("p", {}, text),
    h("form", { method: "dialog", class: "dialog-actions" }, h("button", { class: "primary", autofocus: true }, t("ok"))));
  show(dialog);
}

export function pictureDialog(source, name) {
  const close = h("button", { class: "icon-button", type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"));
  const dialog = h("dialog", { class: "picture", "aria-label": name, "data-testid": "picture" }, h("img", { src: source, alt: name }), close);
  show(dialog);
}

export function formDialog(title, fields, submitText, onsubmit) {
  const inputs = fields.map(({ name, label, value = "", rows, type = "text", list = [] }) => {
    const shared = { id: `field-${name}`, name, required: true, "data-testid": `letter-${name}` };
    const input = rows ? h("textarea", { ...shared, rows }) : h("input", { ...shared, type, list: list.length ? `list-${name}` : null });
    input.value = value;
    const options = list.length ? h("datalist", { id: `list-${name}` }, list.map((one) => h("option", { value: one }))) : null;
    return h("label", { class: "field", for: `field-${name}` }, h("span", {}, label), input, options);
  });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await onsubmit(Object.fromEntries(new FormData(form)));
      dialog.close();
    } catch (error) {
      failed(error);
    }
  };
  const form = h("form", { class: "dialog-form", onsubmit: submit }, inputs,
    h("div", { class: "dialog-actions" },
      h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("close")),
      h("button", { class: "primary", "data-testid": "letter-send" }, submitText)));
  const dialog = h("dialog", { class: "dialog wide", "aria-label": title },
    h("div", { class: "dialog-head" }, h("h2", {}, title),
      h("button", { class: "icon-button", type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    form);
  show(dialog);
}

function show(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
}
