// What is wrong in a form, said beside the field it is about; the first such field gets the focus. What no field of the form
// is about stands in a line above its buttons.
import { h } from "./dom.js";

let serial = 0;

/** Show a Problem of the server, or {field, message}, in `form`; fields are found by the name that the interface gives them. */
export function tellFaults(form, problem) {
  clearFaults(form);
  const { fields = {}, field = problem.field } = problem.more?.facts ?? {};
  const words = [problem.message, problem.nextStep].filter(Boolean).join(" ");
  const named = Object.keys(fields).length ? fields : { [field ?? ""]: words };
  const homes = Object.entries(named).map(([name, reason]) => [controlOf(form, name), reason]).filter(([control]) => control);
  homes.forEach(([control, reason]) => mark(control, reason));
  if (!homes.length) {
    const line = h("p", { class: "error", role: "alert", data: { fault: "" } }, words);
    const end = form.querySelector(".buttons");
    if (end) end.before(line);
    else form.append(line);
  }
  (homes[0]?.[0] ?? form.querySelector("[data-fault]"))?.scrollIntoView({ block: "nearest" });
  homes[0]?.[0].focus();
}

/** Nothing is wrong any more, or it is tried again. */
export function clearFaults(form) {
  form.querySelectorAll("[data-fault]").forEach((each) => each.remove());
  form.querySelectorAll("[aria-invalid]").forEach((each) => {
    each.removeAttribute("aria-invalid");
    each.removeAttribute("aria-errormessage");
  });
}

function mark(control, reason) {
  const words = h("small", { class: "wrong", role: "alert", id: `fault-${(serial += 1)}`, data: { fault: "" } }, reason);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-errormessage", words.id);
  (control.closest(".choice, .combobox") ?? control).after(words);
  control.addEventListener("input", () => (control.removeAttribute("aria-invalid"), words.remove()), { once: true });
}

/** "position.lon" is a part of what the form calls position. */
function controlOf(form, name) {
  for (const part of [name, name.split(".")[0], name.split(".").at(-1)]) {
    const found = part && [...form.elements].find((each) => each.name === part && each.type !== "hidden");
    if (found) return found;
  }
  return null;
}
