// What each handler of the unit can do: classes by chips, kept person by person.
import { get, put } from "./api.js";
import { allClasses } from "./class-picker.js";
import { fill, h } from "./dom.js";
import { dutyHours } from "./duty-hours.js";
import { _, named } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { classChoices, conditionField } from "./routing/conditions.js";

/** Open `dialog` with everybody of the unit and what they can do. */
export async function openSkills(dialog) {
  const [people, classes] = await Promise.all([get("/api/handlers/skills"), allClasses()]).catch((problem) => (tellProblem(problem), [null]));
  if (!people) return;
  const choices = classChoices(classes);
  fill(dialog, h("h2", {}, _("Skills of the handlers")), h("p", { class: "hint" }, _("Nothing stated means: anything. Whoever can do a class is proposed before others.")),
    people.map((person) => {
      const field = conditionField("classes", person.skills, choices);
      const keep = async () => {
        try {
          await put(`/api/handlers/${person.id}/skills`, { classes: field.value() });
          tell(_("{name}: kept.", { name: named(person) }));
        } catch (problem) {
          tellProblem(problem);
        }
      };
      return h("section", { class: "condition" }, h("h3", {}, named(person)), h("button", { type: "button", class: "button small", on: { click: keep } }, _("Keep")), h("div", {}, field.element));
    }),
    !people.length && h("p", { class: "empty" }, _("The unit has no handlers.")),
    dutyHours(),
    h("form", { method: "dialog", class: "buttons" }, h("button", { class: "button" }, _("Close"))));
  dialog.showModal();
}
