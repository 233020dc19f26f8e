// One task on site: what to look at, how far away, the answer with photo and position.
import { h, icon } from "./dom.js";
import { fieldFor } from "./fields.js";
import { _ } from "./i18n.js";
import { safely } from "./offline-queue.js";
import { distanceText, metresBetween } from "./position.js";
import { stateChip, timingLabel, timingMark } from "./states.js";
import { evidenceStrip } from "./photos.js";
import { now } from "./time.js";
import { get } from "./api.js";

/** Answers by kind of task: the move, its words. */
const ANSWERS = {
  verify: [{ move: "verify", name: _("Yes, it is so") }, { move: "deny", name: _("No, nothing found") }],
  check: [{ move: "check", name: _("Done properly") }, { move: "fail_check", name: _("Not done") }],
};

/** The view of `task`. The answer is kept in `queue`, so it survives a dead spot; then onKept(). */
export function phoneTask(task, { queue, here, onBack, onKept }) {
  const item = { ...task.case, due_at: task.due_at, stage_due_at: task.due_at };
  const fields = [
    { name: "photos", kind: "photos", label: _("Photo"), required: true }, { name: "position", kind: "position", label: _("Position"), required: true },
    { name: "note", kind: "text", label: _("Note"), required: false },
  ].map((field) => fieldFor(field, item, { camera: true }));
  const [photos, position, note] = fields;
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const before = h("div");
  get(`/api/cases/${item.id}`).then(({ evidence = [], description }) => before.append(description ? h("p", {}, description) : "", evidence.length ? evidenceStrip(evidence) : ""), () => {});

  async function answer({ move, name }, isBackward) {
    const missing = photos.isEmpty() ? _("A photo is missing. Take one and answer again.")
      : position.isEmpty() ? _("The position is missing. Wait for it, or step into the open.")
      : position.isFar() && note.isEmpty() ? _("You are far from the case. Go there, or say in the note why you answer from here.")
      : isBackward && note.isEmpty() ? _("Say in the note what you found instead.") : "";
    error.textContent = missing;
    error.hidden = !missing;
    if (missing) return error.scrollIntoView({ block: "center" });
    const kept = await safely(() => queue.add({
      path: `/api/cases/${item.id}/moves`, field: "move", photos: photos.photos(), title: `${name}: ${item.class_name || item.title}`,
      body: { move, version: item.version, occurred_at: new Date(now()).toISOString(), ...position.value(), ...note.value() },
    }), error);
    if (kept) onKept();
  }

  return h("article", { class: "task" },
    h("button", { type: "button", class: "button", on: { click: onBack } }, icon("arrow-left"), _("All tasks")),
    h("div", { class: "line" }, stateChip(item), timingMark(item), timingLabel(item)),
    h("h1", {}, item.class_name || item.title),
    h("p", { class: "where" }, icon("map-pin"), [item.address, item.community, item.grid_code].filter(Boolean).join(" · "), " ",
      here && item.lon !== null && h("strong", { class: "distance" }, distanceText(metresBetween(here, item)))),
    before, fields.map(({ element }) => element), error,
    h("div", { class: "answers" }, ANSWERS[task.kind].map((one, index) =>
      h("button", { type: "button", class: index === 0 ? "button primary big" : "button big", data: { move: one.move }, on: { click: () => answer(one, index > 0) } }, icon(index === 0 ? "check" : "x"), one.name))),
    h("small", {}, item.number));
}
