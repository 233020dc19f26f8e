// Calling back: who waits, whom to call, and the two questions: is it solved, and how content are they.
import { get, newKey, post } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { _ } from "../i18n.js";
import { tell, tellProblem } from "../notify.js";
import { shortText } from "../time.js";

const NOT_REACHED = { no_answer: _("No answer"), busy: _("Busy"), wrong_number: _("Wrong number"), refused: _("Would not say") };
const SOLVED = { yes: _("Solved"), partly: _("Partly"), no: _("Not solved") };
const STATES = { done: _("Called back."), refused: _("Kept: would not say."), unreachable: _("Tried three times; nobody is called any more."), waiting: _("Kept; it stays in the list.") };

/** {element, load()}; onCount(n) tells how many wait, onShow(id) opens a case. */
export function callbackList({ onCount, onShow }) {
  const list = h("ol", { class: "plain callbacks" });
  const element = h("div", {}, h("p", { class: "hint" }, _("Closed cases whose callers have not been asked yet, the longest waiting first.")), list);
  let open = null; // the call-back that is being made: a reload must not take its form away

  async function load() {
    const waiting = await get("/api/callbacks").catch(tellProblem);
    if (!waiting) return;
    onCount(waiting.length);
    if (open && waiting.some(({ id }) => id === open)) return;
    open = null;
    fill(list, waiting.map(row), !waiting.length && h("li", { class: "hint" }, _("Nobody waits to be called back.")));
  }
  function row(one) {
    const place = h("div");
    const call = h("button", { type: "button", class: "button small primary", disabled: !one.may_call, on: { click: () => start(one, place, call) } }, icon("phone"), _("Call back"));
    return h("li", { data: { callback: one.id } },
      h("div", { class: "line" }, h("button", { type: "button", class: "link", on: { click: () => onShow(one.case.id) } }, one.case.number), h("time", {}, _("closed {time}", { time: shortText(one.closed_at) }))),
      h("div", {}, one.case.class_name || one.case.title, one.case.unit && h("small", {}, ` · ${one.case.unit.name}`)), one.description && h("p", {}, one.description),
      h("div", { class: "line" }, h("span", {}, one.may_call ? [one.name, one.number].filter(Boolean).join(" ") : _("Confidential: only who took the call, or the shift leader.")),
        one.attempts > 0 && h("small", {}, _("attempts so far: {count}", { count: one.attempts })), call), place);
  }
  async function start(one, place, call) {
    try {
      const who = await post(`/api/callbacks/${one.id}/caller`, {});
      open = one.id;
      call.hidden = true;
      fill(place, form(one, who));
      place.querySelector("input").focus();
    } catch (problem) {
      tellProblem(problem);
    }
  }
  function form(one, who) {
    const key = newKey();
    const solved = choice(`solved-${one.id}`, _("Is it solved?"), SOLVED);
    const satisfied = choice(`satisfied-${one.id}`, _("How content are you, 1 to 5?"), { 1: "1", 2: "2", 3: "3", 4: "4", 5: "5" });
    const words = h("input", { type: "text", id: `said-${one.id}`, maxlength: 1000, autocomplete: "off" });
    const reopen = h("input", { type: "checkbox" });
    const wish = h("label", { class: "tick", hidden: true }, reopen, _("The citizen wants it reopened"));
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const element = h("form", { class: "asking", novalidate: true }, h("p", { class: "whom" }, icon("phone"), h("strong", {}, who.number), " ", who.name), solved.element, wish, satisfied.element,
      h("div", { class: "field" }, h("label", { for: words.id }, _("In their words")), words), error,
      h("div", { class: "buttons" }, h("button", { type: "submit", class: "button primary small" }, _("Keep")), Object.entries(NOT_REACHED).map(([outcome, name]) => h("button", { type: "button", class: "button small", on: { click: () => send({ outcome }) } }, name))));
    element.addEventListener("change", () => (wish.hidden = !(one.may_reopen && solved.value() === "no")));
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = satisfied.value();
      send({ outcome: "reached", solved: solved.value(), satisfied: given && Number(given), reopen: !wish.hidden && reopen.checked });
    });
    async function send(said) {
      try {
        const { state } = await post(`/api/callbacks/${one.id}/attempts`, { ...said, words: words.value.trim() }, { key });
        tell(said.reopen ? _("Case {number} has been reopened.", { number: one.case.number }) : STATES[state]);
        open = null;
        await load();
      } catch (problem) {
        error.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
        error.hidden = false;
      }
    }
    return element;
  }
  function choice(name, label, options) {
    const group = h("div", { class: "kinds", role: "radiogroup", "aria-label": label }, Object.entries(options).map(([value, words]) => h("label", {}, h("input", { type: "radio", name, value }), words)));
    return { element: h("div", { class: "field" }, h("span", { class: "label" }, label), group), value: () => group.querySelector("input:checked")?.value ?? null };
  }
  return { element, load };
}
