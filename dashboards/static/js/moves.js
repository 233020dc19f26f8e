// The moves this user may make now, as forms built from what the server says they need.
import { newKey, post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { clearFaults, tellFaults } from "./faults.js";
import { fieldFor } from "./fields.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { hasEnded, moveName } from "./states.js";
import { shortText } from "./time.js";

/** So many moves stand as buttons; what leaves the case where it is comes after those that bring it on or send it back. */
const SHOWN = 4;
const RANK = { forward: 0, backward: 1, beside: 2 };

/** {element, isDirty(), warn(text, reload)} for the moves of `detail`; onDone gets the changed case. */
export function moveForms(detail, { onDone, onStale, camera = false }) {
  const element = h("footer", { class: "moves" });
  let open = null;

  function drawButtons() {
    open = null;
    const moves = [...(detail.moves ?? [])].sort((one, other) => RANK[one.tone] - RANK[other.tone]);
    const rest = moves.length > SHOWN + 1 ? moves.splice(SHOWN) : [];
    fill(element, moves.length ? h("div", { class: "buttons", role: "group", "aria-label": _("What you can do now") }, moves.map(button), rest.length ? more(rest) : null) : nothing());
  }

  /** A move that needs nothing but a click still opens a form, because a note may be given. */
  function button(move, index) {
    const kind = index === 0 && move.tone === "forward" ? "button primary" : "button";
    return h("button", { type: "button", class: kind, data: { move: move.move }, on: { click: () => openForm(move) } }, move.name);
  }

  function more(moves) {
    return h("details", { class: "more" }, h("summary", { class: "button" }, _("More")), h("div", { class: "menu" }, moves.map((move) => button(move, SHOWN))));
  }

  function nothing() {
    return h("p", { class: "idle" }, hasEnded(detail) ? _("This case has ended.") : _("Nothing for you to do here now; others are at work on it."));
  }

  function openForm(move) {
    const fields = move.fields.map((field) => fieldFor(field, detail, { camera }));
    const send = h("button", { type: "submit", class: "button primary" }, icon("check"), move.name);
    const form = h("form", { class: "move", novalidate: true, data: { move: move.move } },
      h("h3", {}, move.name), fields.map((field) => field.element),
      h("div", { class: "buttons" }, send, h("button", { type: "button", class: "button", on: { click: drawButtons } }, _("Cancel"))));
    const key = newKey();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(move, fields, form, send, key);
    });
    open = fields;
    fill(element, form);
    (form.querySelector("textarea, select, input:not([type=file])") ?? send).focus();
  }

  async function submit(move, fields, form, send, key) {
    const missing = fields.find((field) => field.required && field.isEmpty());
    clearFaults(form);
    if (missing) return complain(form, _("{field} is missing. Fill it in and send again.", { field: missing.label }), missing);
    const far = fields.find((field) => field.isFar?.());
    const note = fields.find((field) => field.name === "note");
    if (far && note?.isEmpty()) return complain(form, _("You are far from the case. Go there, or say in the note why you answer from here."), note);
    send.disabled = true;
    const values = Object.assign({}, ...fields.map((field) => field.value()));
    const photos = fields.flatMap((field) => field.photos?.() ?? []);
    try {
      const changed = await post(`/api/cases/${detail.id}/moves`, { move: move.move, version: detail.version, ...values }, { key, field: "move", photos });
      tell(_("{move}: done.", { move: move.name }));
      onDone(changed);
    } catch (problem) {
      send.disabled = false;
      tellFaults(form, problem);
      if (problem.status !== 409) return;
      tellProblem(inOurTime(problem));
      onStale?.();
    }
  }

  drawButtons();
  return {
    element,
    isDirty: () => Boolean(open?.some((field) => !field.isEmpty())),
    warn(text, reload) {
      element.querySelector(".meanwhile")?.remove();
      element.prepend(h("p", { class: "meanwhile", role: "alert" }, icon("alert-triangle"), text, h("button", { type: "button", class: "button", on: { click: reload } }, _("Reload"))));
    },
    open: (name) => openForm(detail.moves.find(({ move }) => move === name)),
  };
}

/** Somebody was faster: say who did what, when by the clock on the wall. */
function inOurTime(problem) {
  const { move, by, at } = problem.more.facts ?? {};
  if (move && by && at) problem.message = _("{by} was faster: “{move}” at {at}.", { by, move: moveName(move), at: shortText(at) });
  return problem;
}

function complain(form, message, field) {
  tellFaults(form, { message, field: field.name });
  if (!form.querySelector("[aria-invalid]")) field.element.querySelector("textarea, select, input")?.focus();
}
