// Short sentences about what just happened, in a line of their own that covers nothing; errors stay until dismissed and carry the next step.
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

const READ_MS = 8000;

function show(kind, symbol, message, nextStep, traceId = "") {
  const close = h("button", { type: "button", class: "quiet", "aria-label": _("Dismiss"), on: { click: () => note.remove() } }, icon("x"));
  const more = h("button", { type: "button", class: "quiet", "aria-label": _("Show the whole message"), "aria-expanded": "false", hidden: true, on: { click: () => {
    const open = note.toggleAttribute("data-open");
    more.setAttribute("aria-expanded", String(open));
  } } }, icon("dots"));
  const words = h("div", {}, h("p", {}, message), nextStep && h("span", { class: "next" }, nextStep), traceId && kind === "problem" && h("span", { class: "trace" }, traceId));
  const note = h("div", { class: `note ${kind}`, role: kind === "problem" ? "alert" : "status" }, icon(symbol), words, more, close);
  const stack = one("#notes");
  stack.append(note);
  while (stack.children.length > 3) stack.firstElementChild.remove();
  requestAnimationFrame(() => (more.hidden = words.scrollWidth <= words.clientWidth));
  if (kind !== "problem") setTimeout(() => note.remove(), READ_MS);
}
