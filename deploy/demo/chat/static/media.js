// Files in messages: pictures, albums, documents; and how they are read before they go up.

import { h, icon } from "./dom.js";
import { size, t } from "./text.js";
import { pictureDialog } from "./toast.js";

const NAMED = ["document", "video", "animation", "audio", "voice"];
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif"]);

const address = (file) => `/world/file/${file.file_id}`;
const fileOf = (message) => NAMED.map((kind) => message[kind]).find(Boolean);

// The messages of an album become one item, its first message with all of them.
export function gather(messages) {
  const items = [];
  for (const message of messages) {
    const last = items.at(-1);
    if (message.media_group_id && last?.media_group_id === message.media_group_id) {
      last.album.push(message);
      if (message.caption && !last.caption) Object.assign(last, { caption: message.caption, caption_entities: message.caption_entities });
    } else items.push(message.media_group_id ? { ...message, album: [message] } : message);
  }
  return items;
}

export function media(item) {
  const parts = item.album ?? [item];
  const photos = parts.filter((message) => message.photo);
  const files = parts.map(fileOf).filter(Boolean);
  return [
    photos.length ? h("div", { class: `photos of-${Math.min(photos.length, 4)}`, "data-testid": "photos" }, photos.map((message) => photo(message, photos.length > 1))) : null,
    ...files.map(attachment),
  ];
}

function photo(message, cropped) {
  const best = message.photo.at(-1);
  const name = message.caption || t("photo");
  return h("button", { type: "button", class: "photo", "aria-label": `${t("photo_open")}: ${name}`, "data-testid": "photo", onclick: () => pictureDialog(address(best), name) },
    h("img", { src: address(best), alt: "", width: best.width, height: best.height, class: cropped ? "cropped" : null }));
}

function attachment(file) {
  return h("a", { class: "attachment", href: address(file), download: file.file_name ?? "voice", "data-testid": "attachment" },
    h("span", { class: "attachment-icon" }, icon("file")),
    h("span", { class: "attachment-names" }, h("b", {}, file.file_name ?? t("photo")), h("small", {}, size(file.file_size))));
}

// What stands for a message that has no words.
export const wordsOf = (message) => message.text ?? message.caption ?? fileOf(message)?.file_name ?? (message.photo ? t("photo") : "");

export const arePictures = (files) => files.every((file) => PICTURES.has(file.type));

export async function read(file) {
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(String(reader.result)));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
  return { name: file.name, mime: file.type, content: url.slice(url.indexOf(",") + 1) };
}
