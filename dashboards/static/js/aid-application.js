// One application: where it stands, why, what was done, and what may be done now.
import { get, post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { tellFaults } from "./faults.js";
import { _ } from "./i18n.js";
import { amountText, clauseItem, stageTime } from "./aid-words.js";
import { tell, tellProblem } from "./notify.js";
import { fullText, shortText } from "./time.js";

const WAY = [["community", _("community")], ["subdistrict", _("sub-district")], ["notice", _("public notice")], ["district", _("district")], ["end", _("decided")]];

/** Show application `id` in `element`; onChange(application) after a move, onOpen(household id) for its record. */
export async function showApplication(element, id, { onChange, onOpen }) {
  const draw = (detail) => fill(element, sheet(detail, { onOpen, onMoved: (moved) => (draw(moved), onChange(moved)), onStale: reload }));
  const reload = async () => draw(await get(`/api/aid/applications/${id}`));
  await reload();
}

function sheet(detail, { onOpen, onMoved, onStale }) {
  return h("div", { class: "sheet", data: { application: detail.id } },
    h("div", { class: "head" }, h("h2", {}, detail.programme_name), h("span", { class: "chip", data: { level: detail.level ?? "" } }, detail.state_name),
      h("span", { class: "number hint" }, detail.number), stageTime(detail)),
    h("ol", { class: "steps", "aria-label": _("The way of an application") }, WAY.map(([step, name]) => h("li", { data: { at: placeOf(step, detail) } }, name))),
    h("section", {}, h("dl", { class: "pairs" }, pairs([
      [_("Applicant"), detail.applicant], [_("Community"), [detail.subdistrict, detail.community].filter(Boolean).join(" › ")],
      [_("Applied"), shortText(detail.applied_at)], [_("Amount"), amountText(detail.amount, detail.assessment?.every)],
      [_("Notice stands until"), detail.state === "notice" && shortText(detail.notice_until)], [_("Decided"), shortText(detail.decided_at)],
    ])), h("div", { class: "buttons" }, h("button", { type: "button", class: "button", on: { click: () => onOpen(detail.household_id) } }, icon("folder-open"), _("Open the household's record")),
      detail.notice_until && h("a", { class: "button", href: `/aid/applications/${detail.id}/notice`, target: "_blank", rel: "noopener" }, icon("file-text"), _("Notice sheet")),
      detail.decided_at && detail.state !== "withdrawn" && h("a", { class: "button", href: `/aid/applications/${detail.id}/decision`, target: "_blank", rel: "noopener" }, icon("file-text"), _("Written decision")))),
    detail.assessment && h("section", {}, h("h3", {}, _("Why: {outcome}", { outcome: detail.assessment.outcome_name })), h("ul", { class: "clauses" }, detail.assessment.reasons.map(clauseItem))),
    detail.moves.length > 0 && moves(detail, { onMoved, onStale }),
    h("section", {}, h("h3", {}, _("History")), h("ol", { class: "history" }, [...detail.history].reverse().map(step))));
}

function placeOf(step, { state, level, decided_at: decided }) {
  const order = WAY.map(([name]) => name);
  const here = decided ? "end" : state === "notice" ? "notice" : level;
  if (step === here) return "here";
  return order.indexOf(step) < order.indexOf(here) ? "past" : "ahead";
}

export const pairs = (rows) => rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));

function moves(detail, { onMoved, onStale }) {
  const room = h("div", {});
  const open = (move) => fill(room, form(detail, move, { onMoved, onStale, onCancel: () => fill(room) }));
  const waits = (move) => move.from && Date.parse(move.from) > Date.now();
  return h("section", { class: "move-forms" }, h("h3", {}, _("What to do")),
    h("div", { class: "buttons" }, detail.moves.map((move, index) => h("button", {
      type: "button", class: `button${index === 0 ? " primary" : ""}`, data: { move: move.move }, disabled: waits(move),
      title: waits(move) ? _("possible from {time}", { time: fullText(move.from) }) : null, on: { click: () => open(move) },
    }, move.name))), room);
}

function form(detail, move, { onMoved, onStale, onCancel }) {
  const takes = (kind) => move.fields.find((field) => field.kind === kind);
  const note = takes("text");
  const words = note && h("textarea", { id: "aid-note", name: "note", rows: 3, maxlength: 500, required: note.required });
  const visitors = takes("people") && [0, 1].map((index) => h("input", { name: "visitors", maxlength: 80, "aria-label": _("Visitor {number}", { number: index + 1 }), placeholder: _("Visitor {number}", { number: index + 1 }) }));
  const element = h("form", { novalidate: true, data: { move: move.move } }, h("h3", {}, move.name),
    visitors && h("div", { class: "field" }, h("span", { class: "label" }, _("Who visited the home (two people)")), h("div", { class: "line" }, visitors)),
    words && h("div", { class: "field" }, h("label", { for: "aid-note" }, _("Words"), note.required && h("em", {}, _("required"))), words),
    h("div", { class: "buttons" }, h("button", { class: "button primary" }, _("Confirm")), h("button", { type: "button", class: "button", on: { click: onCancel } }, _("Cancel"))));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { move: move.move, version: detail.version, note: words?.value.trim() ?? "", visitors: visitors?.map(({ value }) => value.trim()).filter(Boolean) ?? [] };
    try {
      onMoved(await post(`/api/aid/applications/${detail.id}/moves`, body));
      tell(_("Done: {move}", { move: move.name }));
    } catch (problem) {
      tellFaults(element, problem);
      if (problem.status === 409) (tellProblem(problem), onStale());
    }
  });
  return element;
}

function step(entry) {
  const visitors = entry.details.visitors;
  return h("li", {}, h("div", { class: "line" }, h("strong", {}, entry.name), entry.in_time === false && h("span", { class: "chip", data: { status: "alarm" } }, _("late")),
    h("time", { title: fullText(entry.occurred_at) }, shortText(entry.occurred_at))),
  h("div", { class: "who" }, entry.who, visitors && h("span", {}, _("visited by {names}", { names: visitors.join(", ") }))),
  entry.note && h("p", {}, entry.note),
  entry.details.against_assessment && h("p", {}, h("span", { class: "chip", data: { status: "alarm" } }, _("against the assessment")), " ", _("By the facts on record the household qualified.")),
  entry.details.reasons && h("ul", { class: "clauses" }, entry.details.reasons.map(clauseItem)));
}
