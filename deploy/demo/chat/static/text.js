// The page's words and dates in the reader's language.

export const LANGUAGES = { uk: "Українська", ru: "Русский", en: "English" };

let strings = {};
let language = localStorage.getItem("language");
if (!(language in LANGUAGES)) language = navigator.languages.map((tag) => tag.split("-")[0]).find((code) => code in LANGUAGES) ?? "en";

export const current = () => language;

export async function loadTexts(code = language) {
  const answer = await fetch(`/world/texts?lang=${code}`);
  if (!answer.ok) throw new Error(`texts: ${answer.status}`);
  strings = await answer.json();
  language = code;
  localStorage.setItem("language", code);
  document.documentElement.lang = code;
  document.title = strings.title;
}

export function t(key, values = {}) {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function clockTime(seconds) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);
}

const dayOf = (seconds) => new Date(seconds * 1000).toDateString();

export function day(seconds, now) {
  if (dayOf(seconds) === dayOf(now)) return t("today");
  if (dayOf(seconds) === dayOf(now - 86400)) return t("yesterday");
  const sameYear = new Date(seconds * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  const form = sameYear ? { day: "numeric", month: "long" } : { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(language, form).format(seconds * 1000);
}

export const sameDay = (one, other) => dayOf(one) === dayOf(other);

export function shortTime(seconds, now) {
  if (sameDay(seconds, now)) return clockTime(seconds);
  return new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit" }).format(seconds * 1000);
}

export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte"];
  const power = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const form = { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(language, form).format(bytes / 1000 ** power);
}
