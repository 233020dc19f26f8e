// Short visible sentences about what just happened; errors stay until dismissed and carry the next step.
import { h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";

/** Say that something worked. */
export function tell(message) {
  show("done", "circle-check", message, "");
}

/** Say what somebody should look at; it goes by itself. */
export function warn(message) {
  show("warning", "alert-triangle", message, "");
}

/** Say what did not work: a Problem, or any error. */
export function tellProblem(problem) {
  console.debug(problem);
  show("problem", "alert-triangle", problem.message, problem.nextStep ?? "", problem.traceId);
}

function show(kind, symbol, message, nextStep, traceId = "") {
  const close = h("button", { type: "button", class: "quiet", "aria-label": _("Dismiss"), on: { click: () => note.remove() } }, icon("x"));
  const note = h(
    "div", { class: `note ${kind}`, role: kind === "problem" ? "alert" : "status" }, icon(symbol),
    h("div", {}, h("p", {}, message), nextStep && h("p", { class: "next" }, nextStep),
      traceId && kind === "problem" && h("p", { class: "trace" }, traceId)), close);
  const stack = one("#notes");
  stack.append(note);
  while (stack.children.length > 3) stack.firstElementChild.remove();
  if (kind !== "problem") setTimeout(() => note.remove(), 5000);
}
