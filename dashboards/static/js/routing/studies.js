// Studies that the server works on in the background: started, watched, drawn as they grow.
import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";

const LOOK_MS = 700;

/** Start a study of version `setId` and call draw(study) each time it has grown, until `isWanted()` is false or it is finished. */
export async function runStudy(setId, wanted, { draw, isWanted }) {
  const { id } = await post(`/api/routing/sets/${setId}/studies`, wanted);
  for (;;) {
    const study = await get(`/api/routing/studies/${id}`);
    if (!isWanted()) return;
    draw(study);
    if (study.finished_at) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** How far it is. */
export function drawProgress(element, study) {
  element.hidden = Boolean(study.finished_at);
  fill(element, h("progress", { max: Math.max(1, study.total), value: study.done, "aria-label": _("Progress") }), h("small", {}, _("{done} of {total}", { done: study.done, total: study.total })));
}
