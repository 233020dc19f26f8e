// Who calls: number, name, whether confidential, what kind of call; and what the number called about before.
import { post } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { _ } from "../i18n.js";
import { stateChip } from "../states.js";
import { shortText } from "../time.js";

export const KINDS = { consultation: _("Consultation"), complaint: _("Complaint"), request: _("Request for help"), suggestion: _("Suggestion"), praise: _("Praise") };

/** {element, caller(), kind(), clear(), focus()}. onInput() at every key, onNumber() when a number stands, onJoin(case), onShow(id). */
export function callerField({ onInput, onNumber, onJoin, onShow }) {
  const number = h("input", { type: "tel", id: "caller-number", autocomplete: "off", maxlength: 40, "aria-describedby": "caller-wrong" });
  const name = h("input", { type: "text", id: "caller-name", autocomplete: "off", maxlength: 80 });
  const confidential = h("input", { type: "checkbox", id: "caller-confidential" });
  const wrong = h("small", { class: "wrong", id: "caller-wrong", role: "alert" });
  const past = h("div", { class: "past-calls", "aria-live": "polite", hidden: true });
  const kinds = h("div", { class: "kinds", role: "radiogroup", "aria-label": _("Kind of call"), on: { keydown: byDigit } },
    Object.entries(KINDS).map(([kind, words], index) => h("label", {}, h("input", { type: "radio", name: "call-kind", value: kind }), h("kbd", {}, String(index + 1)), words)));
  const element = h("div", { class: "caller" },
    h("div", { class: "pair" }, field(_("Caller's phone"), number), field(_("Caller's name"), name)), wrong,
    h("label", { class: "tick", title: _("Only you and the shift leader see who called.") }, confidential, _("Caller wishes to stay unknown")),
    past, h("div", { class: "field" }, h("span", { class: "label" }, _("Kind of call")), kinds));
  let looked = "";

  element.addEventListener("input", onInput);
  number.addEventListener("change", look);
  for (const control of [name, confidential]) control.addEventListener("change", () => number.value.trim() && onNumber().catch(complain));

  function field(label, control) {
    return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
  }
  function byDigit(event) {
    const chosen = kinds.querySelectorAll("input")[Number(event.key) - 1];
    if (!chosen || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    chosen.checked = true;
    chosen.focus();
    onInput();
  }
  /** The call begins with its number; what it called about before shows beside it. */
  async function look() {
    const wanted = number.value.trim();
    wrong.textContent = "";
    past.hidden = true;
    looked = wanted;
    if (!wanted) return;
    try {
      await onNumber();
      const found = await post("/api/callers/history", { number: wanted, purpose: _("incoming call") });
      if (looked === wanted) draw(found);
    } catch (problem) {
      complain(problem);
    }
  }
  function complain(problem) {
    wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
  }
  function draw({ calls, recent, repeat, open_cases: open }) {
    const before = calls.filter((call) => call.ended_at);
    past.hidden = !before.length;
    past.dataset.repeat = repeat;
    fill(past, h("p", {}, icon(repeat ? "alert-triangle" : "clock"), repeat ? _("Calls often: {count} times in 30 days.", { count: recent }) : _("Has called before."), " ", open.length > 0 && _("Still open: {count}.", { count: open.length })),
      h("ul", { class: "plain" }, before.slice(0, 4).map(row)));
  }
  function row(call) {
    return h("li", {}, h("time", {}, shortText(call.begun_at)), h("span", {}, KINDS[call.kind] ?? "", call.words && `: ${call.words}`),
      call.cases.map((one) => h("div", { class: "line" }, h("button", { type: "button", class: "link", on: { click: () => onShow(one.id) } }, one.number), stateChip(one), h("span", { class: "what" }, one.class_name || one.title),
        one.closed_at === null && h("button", { type: "button", class: "button small", on: { click: () => onJoin({ case_id: one.id, number: one.number }) } }, _("It is about this")))));
  }
  function clear() {
    for (const control of [number, name]) control.value = "";
    confidential.checked = false;
    kinds.querySelectorAll("input").forEach((input) => (input.checked = false));
    wrong.textContent = "";
    past.hidden = true;
    looked = "";
  }
  return {
    element, clear, focus: () => number.focus(), focusKind: () => (kinds.querySelector("input:checked") ?? kinds.querySelector("input")).focus(),
    caller: () => ({ number: number.value.trim(), name: name.value.trim(), confidential: confidential.checked }), kind: () => kinds.querySelector("input:checked")?.value ?? null,
  };
}
