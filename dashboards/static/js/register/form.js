// A form of the register: sends, and writes every refusal where it belongs: beside its field, or above the buttons.
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";

/**
 * {element, submit(), complain(problem)}. `fields` have name and complain(words); `send()` does the saving and its Problem is told here,
 * unless `onProblem(problem)` says that it has taken it. `wordsFor(name, words, facts)` may put more than words beside a field. `reason` and the buttons stay
 * in sight however long the form is.
 */
export function registerForm({ title, name, fields, body, reason = null, saveName, send, onCancel, onProblem = () => false, wordsFor = (_name, words) => [words] }) {
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const save = h("button", { class: "button primary" }, saveName);
  const element = h("form", { class: `move ${name}`, novalidate: true, on: { submit } }, h("h3", {}, title), body,
    h("div", { class: "form-end" }, reason, error, h("div", { class: "line" }, save, h("button", { type: "button", class: "button", on: { click: onCancel } }, _("Cancel")))));

  async function submit(event) {
    event?.preventDefault();
    fields.forEach((one) => one.complain(""));
    error.hidden = true;
    save.disabled = true;
    try {
      await send();
    } catch (problem) {
      if (!onProblem(problem)) complain(problem);
    } finally {
      save.disabled = false;
    }
  }

  function complain(problem) {
    const faults = problem.more?.facts?.fields ?? {};
    tell(faults, problem);
  }

  /** Faults by field, the first of them gets the focus; what no field of the form can show stands above the buttons. */
  function tell(faults, problem = null) {
    const known = Object.entries(faults).filter(([wrong]) => fields.some((one) => one.name === wrong));
    for (const [wrong, words] of known) fields.find((one) => one.name === wrong).complain(...wordsFor(wrong, words, problem?.more?.facts ?? {}));
    const homeless = problem && known.length < Math.max(1, Object.keys(faults).length);
    error.hidden = !homeless;
    if (homeless) fill(error, [problem.message, problem.nextStep].filter(Boolean).join(" "));
    const first = fields.find((one) => known.some(([wrong]) => wrong === one.name));
    for (let fold = first?.element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    (first?.control ?? first?.input ?? (homeless ? error : null))?.scrollIntoView({ block: "center" });
    (first?.control ?? first?.input)?.focus();
  }

  return { element, submit, complain };
}
