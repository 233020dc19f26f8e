// The knowledge base beside a call: found by words, pinyin or English; answered from with one key; proposed and approved here.
import { get, post } from "../api.js";
import { debounce, fill, h, meta } from "../dom.js";
import { _, locale } from "../i18n.js";
import { tell, tellProblem } from "../notify.js";
import { dateOf, dayText } from "../time.js";
import { articleForm } from "./article-form.js";

const may = (permission) => meta("permissions").split(" ").includes(permission);
const inWords = (one, name) => (locale === "en" && one[`${name}_en`]) || one[name];

/** {element, focus(), load()}. onAnswer(article) is a promise, asked for while `goesOn()`. */
export function knowledgeBase({ goesOn, onAnswer }) {
  const search = h("input", { type: "search", id: "knowledge-search", autocomplete: "off", "aria-label": _("Search the knowledge base"), placeholder: _("words, pinyin or English") });
  const list = h("ol", { class: "plain articles" });
  const waiting = h("section", { class: "proposals", hidden: true });
  const place = h("div");
  const element = h("div", { class: "knowledge" }, search, list, may("knowledge.write") && h("button", { type: "button", class: "button", on: { click: () => write() } }, _("Propose an article")), place, waiting);

  search.addEventListener("input", debounce(load, 150));
  search.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), list.querySelector("summary")?.click(), list.querySelector("details[open] .answer")?.focus()));

  async function load() {
    const found = await get("/api/knowledge", { q: search.value.trim() }).catch(tellProblem);
    if (found) fill(list, found.map(article), !found.length && h("li", { class: "hint" }, _("Nothing fits. Ask the shift leader, or propose an article.")));
    if (may("knowledge.approve")) await loadProposed();
  }
  function article(one) {
    const shown = { ...one, shown: inWords(one, "title") };
    return h("li", {}, h("details", {}, h("summary", {}, shown.shown), ...inWords(one, "body").split("\n").map((words) => h("p", {}, words)),
      h("small", {}, [one.origin, _("in force from {day}", { day: dayText(one.valid_from) }), _("used {count} times", { count: one.answered })].filter(Boolean).join(" · ")),
      h("div", { class: "buttons" }, goesOn() && h("button", { type: "button", class: "button primary small answer", on: { click: () => onAnswer(shown).catch(tellProblem) } }, _("Answered from this")),
        may("knowledge.write") && h("button", { type: "button", class: "button small", on: { click: () => write(one) } }, _("Change it")))));
  }
  function write(one = null) {
    const form = articleForm({ article: one, today: dateOf(), onDone: () => (fill(place), tell(_("Proposed. A shift leader decides."))), onCancel: () => fill(place) });
    fill(place, form.element);
    form.focus();
  }
  async function loadProposed() {
    const proposals = await get("/api/knowledge/proposed").catch(tellProblem);
    if (!proposals) return;
    waiting.hidden = !proposals.length;
    fill(waiting, h("h3", {}, _("Waiting for approval ({count})", { count: proposals.length })), h("ol", { class: "plain articles" }, proposals.map(proposal)));
  }
  function proposal(one) {
    const note = h("input", { type: "text", "aria-label": _("Why not"), placeholder: _("Why not") });
    const decide = (approved) => post(`/api/knowledge/editions/${one.edition_id}/decision`, { approved, note: note.value.trim() }).then(load, tellProblem);
    return h("li", {}, h("details", { open: true }, h("summary", {}, one.title), ...one.body.split("\n").map((words) => h("p", {}, words)), one.title_en && h("p", { lang: "en" }, `${one.title_en}: ${one.body_en}`),
      h("small", {}, [one.written_by, one.origin, _("in force from {day}", { day: dayText(one.valid_from) })].filter(Boolean).join(" · ")),
      one.own ? h("p", { class: "hint" }, _("Your own: another shift leader decides.")) : h("div", { class: "buttons" }, h("button", { type: "button", class: "button primary small", on: { click: () => decide(true) } }, _("Approve")), note, h("button", { type: "button", class: "button small", on: { click: () => decide(false) } }, _("Refuse")))));
  }
  return { element, load, focus: () => (search.focus(), search.select()) };
}
