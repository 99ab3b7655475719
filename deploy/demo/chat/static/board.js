// The status page, slim, at the right of a wide screen.

import { h, icon, reconcile } from "./dom.js";
import { get } from "./net.js";
import { world } from "./store.js";
import { clockTime, current, t } from "./text.js";

const wide = matchMedia("(min-width: 1200px)");
const SYMBOLS = { sent: "📤", accepted: "👍", en_route: "🚗", on_site: "📍", left: "🏁", declined: "✋", cancelled: "✖️" };

export function createBoard() {
  const level = h("p", { class: "board-level", "data-testid": "board-level" });
  const concerns = h("ul", { class: "board-concerns" });
  const requests = h("ul", { class: "board-list", "data-testid": "board-requests" });
  const jobs = h("ul", { class: "board-list jobs", "data-testid": "board-jobs" });
  const link = h("a", { class: "icon-button", target: "_blank", rel: "noopener", title: t("board_open"), "aria-label": t("board_open") }, icon("link"));
  const fold = h("button", { class: "icon-button", type: "button", "data-testid": "board-fold", "aria-controls": "board-inside", onclick: () => folded(!isFolded()) }, icon("panel"));
  const title = h("h2", {}, t("board"));
  const headOfRequests = h("h3", {}, t("board_requests"));
  const headOfJobs = h("h3", {}, t("board_jobs"));
  const inside = h("div", { class: "board-inside", id: "board-inside" }, level, concerns, headOfRequests, requests, headOfJobs, jobs);
  const element = h("section", { class: "board", "aria-label": t("board"), "data-testid": "board" }, h("header", {}, title, link, fold), inside);
  let drawn = false;
  const known = new Map(); // request → what its row last said

  const isFolded = () => localStorage.getItem("board") === "folded";
  function folded(on) {
    localStorage.setItem("board", on ? "folded" : "open");
    place();
    look();
  }

  function place() {
    const on = isFolded();
    inside.hidden = title.hidden = link.hidden = on;
    element.classList.toggle("folded", on);
    fold.setAttribute("aria-expanded", String(!on));
    fold.title = t(on ? "board_show" : "board_hide");
    fold.setAttribute("aria-label", fold.title);
  }

  async function look() {
    if (!element.isConnected || !wide.matches || isFolded() || document.visibilityState !== "visible") return;
    try {
      draw(await get(`/world/status?lang=${current()}`));
    } catch {
      draw({ up: false }); // the page's own bar says that the demo is gone
    }
  }

  function draw({ up, status, requests: found }) {
    const begun = up && !world.evening && status.jobs.some((job) => job.state === "running");
    level.textContent = t(`board_${begun ? status.level : up ? "starting" : "none"}`);
    level.dataset.level = begun ? status.level : "none";
    headOfRequests.hidden = requests.hidden = !up;
    headOfJobs.hidden = jobs.hidden = !begun;
    link.hidden = isFolded() || !world.status_url;
    if (world.status_url) link.href = `${world.status_url}?lang=${current()}`;
    reconcile(concerns, begun ? status.concerns.map((one) => h("li", {}, one.text)) : []);
    if (!up) return;
    reconcile(requests, found.length ? found.map(requestRow) : [h("li", { class: "board-nothing" }, t("board_empty"))]);
    drawn = true;
    reconcile(jobs, status.jobs.map((job) => h("li", {}, h("i", { class: job.up ? "dot" : "dot bad" }), h("span", {}, job.name),
      h("time", {}, job.last_ok_at ? clockTime(Date.parse(job.last_ok_at) / 1000) : ""))));
  }

  function requestRow(one) {
    const name = `${one.request_number}${one.position_number ? `/${one.position_number}` : ""}`;
    const said = `${one.status} ${one.title}`;
    const before = known.get(one.id);
    const isNew = drawn && before !== said;
    known.set(one.id, said);
    return h("li", { class: isNew ? "news" : null },
      h("b", {}, name), h("span", {}, one.title || "—"),
      h("small", {}, one.status in SYMBOLS ? `${SYMBOLS[one.status]} ${t(`status_${one.status}`)}` : one.status));
  }

  place();
  return { element, look };
}
