// A new report at a desk: what, where, words; repeats shown before it is sent.
import { newKey, post } from "./api.js";
import { classPicker } from "./class-picker.js";
import { classSuggestions } from "./class-suggestions.js";
import { fill, h, icon } from "./dom.js";
import { duplicatesList } from "./duplicates.js";
import { clearFaults, tellFaults } from "./faults.js";
import { conditionChoices } from "./fields.js";
import { _ } from "./i18n.js";
import { tell } from "./notify.js";
import { photoField } from "./photos.js";
import { placeField } from "./place-field.js";
import { LIMITS } from "./states.js";
import { now } from "./time.js";
import { urgencyField } from "./urgency.js";

/**
 * {element, reset(), focus(), join({case_id, number})}. `source` is hotline or other; isActive() says whether clicks on the map
 * belong to this form; more() promises what else belongs to the report; onSent(answer) gets the server's answer.
 */
export function reportForm({ map, source, more = async () => ({}), isActive, onSent, onShowCase }) {
  let key = newKey();
  let sameCase = null;
  const duplicates = duplicatesList({ onShow: (one) => onShowCase?.(one.case_id), onChoose: joinCase });
  const look = () => duplicates.look(place.position(), picker.code(), description.value);
  const picker = classPicker({ label: _("What is it about"), onChoose: (one) => (drawConditions(one), suggestions.mark(one?.code ?? null), look()) });
  const conditions = h("div", { class: "conditions", role: "radiogroup", "aria-label": _("What exactly") });
  const place = placeField({ map, isActive, onChange: look });
  const description = h("textarea", { rows: 3, name: "description", id: "report-description", maxlength: 4000, placeholder: _("What is seen, since when, is anyone in danger?") });
  const suggestions = classSuggestions({ source, onTake: take });
  const urgency = urgencyField();
  const photos = photoField({ recordings: LIMITS });
  const joined = h("div", { class: "joined", hidden: true });
  const send = h("button", { type: "submit", class: "button primary" }, icon("send"), _("Send report"));
  const onPhone = source === "hotline"; // nobody sends photos down a telephone line
  const element = h("form", { class: "report", novalidate: true },
    picker.element, conditions, place.element, urgency.element,
    field(_("Description"), description), suggestions.element, duplicates.element, joined, !onPhone && photos.element,
    h("div", { class: "buttons" }, send, h("button", { type: "button", class: "button", on: { click: reset } }, _("Clear"))),
    h("p", { class: "hint" }, h("kbd", {}, "Ctrl"), " + ", h("kbd", {}, "Enter"), " ", _("sends")));

  element.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event));
  element.addEventListener("submit", submit);
  description.addEventListener("input", () => (suggestions.look(description.value), look()));

  function field(label, control) {
    return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
  }
  function drawConditions(one) {
    fill(conditions, conditionChoices(one?.conditions ?? []));
  }
  function take(one) {
    picker.set(one.class_code);
    const exactly = conditions.querySelector(`input[value="${one.condition_id}"]`);
    if (exactly) exactly.checked = true;
  }
  function joinCase(one) {
    sameCase = one;
    joined.hidden = false;
    fill(joined, icon("copy"), _("Will be added to case {number}.", { number: one.number }), h("button", { type: "button", class: "link", on: { click: leaveCase } }, _("No, it is a new one")));
  }
  function leaveCase() {
    sameCase = null;
    joined.hidden = true;
  }

  async function submit(event) {
    event.preventDefault();
    const missing = problemOf();
    clearFaults(element);
    if (missing) return complain(...missing);
    send.disabled = true;
    try {
      const answer = await post("/api/reports", { ...report(), ...(await more()) }, { key, field: "report", photos: photos.files() });
      tell(sameCase ? _("Added to case {number}.", { number: sameCase.number }) : _("Case {number} opened.", { number: answer.case.number }));
      reset();
      onSent?.(answer);
    } catch (problem) {
      tellFaults(element, problem);
    } finally {
      send.disabled = false;
    }
  }
  function problemOf() {
    if (!place.position()) return [_("The place is missing. Search for it, or click on the map."), place.element];
    if (!picker.code() && !description.value.trim()) return [_("Say what it is about: choose a class or describe it."), picker.element];
    return null;
  }
  function complain(message, block) {
    tellFaults(element, { message, field: block.querySelector("input").name });
  }
  function report() {
    const condition = conditions.querySelector("input:checked")?.value;
    return {
      source, class_code: picker.code() ?? undefined, condition_id: condition ? Number(condition) : undefined,
      description: description.value.trim(), occurred_at: new Date(now()).toISOString(), position: place.position(),
      address: place.address() || undefined, case_id: sameCase?.case_id, urgency: urgency.value(),
      suggestions: suggestions.shown(),
    };
  }
  function reset() {
    key = newKey(); // the next report is another intention
    leaveCase();
    description.value = "";
    picker.clear();
    urgency.clear();
    suggestions.clear();
    place.clear();
    photos.clear();
    duplicates.clear();
    clearFaults(element);
    look(); // one that was still waiting would show what was just sent as its own repeat
  }

  return { element, reset, join: joinCase, focus: () => picker.input.focus(), place };
}
