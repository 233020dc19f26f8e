// Cut a line in two, put two lines together.
import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";
import { lengthText } from "./drawing-strip.js";
import { reasonField } from "./form-fields.js";
import { registerForm } from "./form.js";
import { Shape } from "./geometry.js";
import { coordinatesInput } from "./shape-field.js";

const versionOf = (asset) => ({ headers: { "If-Match": `"${asset.version}"` } });

/** Where it is cut is chosen on the map; onDone(id of the second part). */
export function splitForm(asset, { editor, onDone, onCancel }) {
  let place = null;
  const why = reasonField();
  const words = h("p", { class: "hint", role: "status" }, _("Click on the line where it is to be cut."));
  const wrong = h("small", { class: "wrong", role: "alert" });
  const typed = coordinatesInput((point) => editor.put(point));
  const onChange = (point) => {
    place = point;
    wrong.textContent = "";
    if (!place) return;
    typed.show(Shape.of(place));
    const [first, second] = Shape.of(asset.geometry).cutAt(place.coordinates);
    fill(words, _("First part {first}, second part {second}", { first: lengthText(first), second: lengthText(second) }));
  };
  const send = async () => {
    if (!place) throw Object.assign(new Error(), { more: { facts: { fields: { geometry: _("Click on the line where it is to be cut.") } } } });
    const [lon, lat] = place.coordinates;
    onDone((await post(`/api/assets/${asset.id}/split`, { lon, lat, why: why.value() }, versionOf(asset))).id);
  };
  editor.draw("point", { onChange });
  const fields = [{ name: "geometry", complain: (text) => (wrong.textContent = text) }, why];
  const form = registerForm({ title: _("Split {name}", { name: asset.name || asset.kind_title }), name: "split-form", fields, body: [words, typed.element, wrong], reason: why.element, saveName: _("Split"), send, onCancel });
  return { element: form.element, isDirty: () => Boolean(place || why.value()), end: () => editor.stop() };
}

/** One of the lines that end where this one does is put to it; onDone() afterwards. */
export function joinForm(asset, { onDone, onCancel }) {
  const why = reasonField();
  const list = h("div", { role: "radiogroup", "aria-label": _("Lines that meet this one") }, h("p", { class: "hint" }, _("Looking for lines that meet this one …")));
  const wrong = h("small", { class: "wrong", role: "alert" });
  let found = [];
  const option = (one) => h("label", { class: "check" }, h("input", { type: "radio", name: "other", value: one.id }),
    h("span", {}, h("strong", {}, one.name), one.differs.length > 0 && h("small", {}, " ", one.differs.map(({ title, mine, theirs }) => `${title}: ${mine} ≠ ${theirs}`).join("; "))));
  get(`/api/assets/${asset.id}/touching`).then((lines) => {
    found = lines;
    fill(list, lines.length ? [h("p", { class: "hint" }, _("This line keeps its attributes; the other is retired.")), lines.map(option)] : h("p", { class: "hint" }, _("No line of this kind ends where this one does.")));
  }, (problem) => fill(list, h("p", { class: "error" }, problem.message)));
  const send = async () => {
    const chosen = found.find(({ id }) => String(id) === list.querySelector("input:checked")?.value);
    if (!chosen) throw Object.assign(new Error(), { more: { facts: { fields: { other: _("Choose the line that is put to this one.") } } } });
    await post(`/api/assets/${asset.id}/join`, { other: chosen.id, other_version: chosen.version, why: why.value() }, versionOf(asset));
    onDone();
  };
  const fields = [{ name: "other", complain: (text) => (wrong.textContent = text) }, why];
  const form = registerForm({ title: _("Join to {name}", { name: asset.name || asset.kind_title }), name: "join-form", fields, body: [list, wrong], reason: why.element, saveName: _("Join"), send, onCancel });
  return { element: form.element, isDirty: () => Boolean(why.value()) };
}
