// A report from the street: photo first, then where, then what. Kept on the phone before anything is sent.
import { classPicker } from "./class-picker.js";
import { classSuggestions } from "./class-suggestions.js";
import { fill, h, icon } from "./dom.js";
import { duplicatesList } from "./duplicates.js";
import { conditionChoices } from "./fields.js";
import { _, named } from "./i18n.js";
import { photoField } from "./photos.js";
import { ownPlace } from "./own-place.js";
import { safely } from "./offline-queue.js";
import { LIMITS } from "./states.js";
import { now } from "./time.js";
import { urgencyField } from "./urgency.js";

/** {element, start()}; onKept() is called once the report is safe in the queue. */
export function phoneReport({ queue, onKept }) {
  let sameCase = null;
  const photos = photoField({ camera: true, label: _("Photos and recordings"), recordings: LIMITS });
  const place = ownPlace({ label: _("Place"), onChange: look });
  const duplicates = duplicatesList({ onChoose: (one) => ((sameCase = one), fill(joined, icon("copy"), _("Will be added to case {number}.", { number: one.number }))) });
  const joined = h("p", { class: "joined" });
  const conditions = h("div", { class: "conditions", role: "radiogroup", "aria-label": _("What exactly") });
  const picker = classPicker({ label: _("What is it"), onChoose: (one) => {
    fill(conditions, conditionChoices(one?.conditions ?? [], "check big"));
    suggestions.mark(one?.code ?? null);
    look();
  } });
  const urgency = urgencyField({ big: true });
  const words = h("textarea", { id: "phone-words", rows: 2, maxlength: 4000 });
  const suggestions = classSuggestions({ source: "inspector", onTake: (one) => {
    picker.set(one.class_code);
    const exactly = conditions.querySelector(`input[value="${one.condition_id}"]`);
    if (exactly) exactly.checked = true;
  } });
  words.addEventListener("input", () => (suggestions.look(words.value), look()));
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const element = h("form", { class: "report phone", novalidate: true },
    h("h1", {}, _("Report")), photos.element, place.element, picker.element, conditions, urgency.element,
    h("div", { class: "field" }, h("label", { for: "phone-words" }, _("Words (optional)")), words), suggestions.element, duplicates.element, joined, error,
    h("button", { type: "submit", class: "button primary big send" }, icon("send"), _("Send report")));

  function look() {
    duplicates.look(place.position(), picker.code(), words.value);
  }

  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = !place.position() ? _("The place is missing. Wait for the position, or choose it on the map.")
      : !picker.code() && !words.value.trim() ? _("Say what it is: choose a class or write a few words.") : "";
    error.textContent = missing;
    error.hidden = !missing;
    if (missing) return;
    const condition = conditions.querySelector("input:checked")?.value;
    const kept = await safely(() => queue.add({
      path: "/api/reports", field: "report", photos: photos.files(), title: picker.chosen() ? named(picker.chosen()) : words.value.trim().slice(0, 40),
      body: {
        source: "inspector", class_code: picker.code() ?? undefined, condition_id: condition ? Number(condition) : undefined, description: words.value.trim(),
        occurred_at: new Date(now()).toISOString(), position: place.position(), case_id: sameCase?.case_id, urgency: urgency.value(),
        suggestions: suggestions.shown(),
      },
    }), error);
    if (!kept) return;
    clear();
    onKept();
  });

  function clear() {
    sameCase = null;
    words.value = "";
    fill(joined);
    photos.clear();
    picker.clear();
    urgency.clear();
    suggestions.clear();
    duplicates.clear();
  }

  return { element, start: place.start };
}
