// A new asset: what it is, where it stands, what is known of it, and why it comes in.
import { get, post } from "../api.js";
import { debounce, fill, h } from "../dom.js";
import { _ } from "../i18n.js";
import { takenBy } from "./edit-form.js";
import { attributeFields, changesOf, fieldGrid, plainFields, reasonField } from "./form-fields.js";
import { registerForm } from "./form.js";
import { kindPicker } from "./kind-picker.js";
import { coordinatesInput } from "./shape-field.js";
import { Shape } from "./geometry.js";

const DRAW = { point: _("Draw a point"), line: _("Draw a line"), area: _("Draw an area") };

/** {element, isDirty(), end()}; onDone(id) after saving. */
export function newForm(register, { editor, onDone, onCancel, openAsset }) {
  const [why, body, place] = [reasonField(), h("div", {}), h("div", { class: "line", role: "group", "aria-label": _("Draw") })];
  const said = h("small", { class: "wrong", role: "alert" });
  const words = h("p", { class: "hint" });
  const typed = coordinatesInput((point) => (editor.draw("point", { onChange }), editor.put(point)));
  const shape = { name: "geometry", element: h("div", { class: "field", data: { field: "geometry" }, hidden: true }, h("span", { class: "label" }, _("Position"), h("em", {}, _("required"))), place, typed.element, words, said), complain: (text) => (said.textContent = text) };
  let kind = null;
  let geometry = null;
  let fields = [];
  const kinds = kindPicker(register, take);
  const all = [{ name: "kind", complain: kinds.complain, input: kinds.input }, shape, why];

  function take(chosen) {
    kind = chosen;
    geometry = null;
    editor.stop();
    shape.element.hidden = !kind;
    if (!kind) return fill(body);
    const blank = { kind: kind.code, status: "intact", class_code: kind.class_code, attributes: {} };
    const plain = plainFields(blank, register, kind.class_code ? ["class_code"] : []);
    const rest = attributeFields(blank, register);
    fields = [...plain, ...rest];
    all.splice(0, all.length, all[0], shape, ...fields, why);
    fill(body, ...fieldGrid(fields));
    typed.element.hidden = !kind.geometry.includes("point");
    fill(place, kind.geometry.map((type) => h("button", { type: "button", class: "button small", data: { draw: type }, on: { click: () => draw(type) } }, DRAW[type])));
    draw(kind.geometry[0]);
  }

  function draw(type) {
    for (const button of place.children) button.setAttribute("aria-pressed", String(button.dataset.draw === type));
    typed.element.hidden = type !== "point";
    onChange(null);
    editor.draw(type, { onChange });
  }
  function onChange(drawn) {
    geometry = drawn;
    if (drawn) said.textContent = "";
    words.textContent = drawn ? _("Drawn. Its points can still be moved on the map.") : _("Draw it on the map; the strip above the map says how.");
    typed.show(drawn?.type === "Point" ? Shape.of(drawn) : new Shape("Point"));
    if (drawn) propose();
  }

  /** The next code of the class in the county where it stands; whoever has typed one keeps it. */
  const propose = debounce(async () => {
    const code = fields.find(({ name }) => name === "code");
    if (!code || !geometry || !kind.class_code || (code.isChanged() && code.control.value !== code.proposed)) return;
    const [, [lon, lat]] = Shape.of(geometry).points()[0];
    const answer = await get("/api/assets/proposal", { class_code: kind.class_code, lon, lat }).catch(() => ({}));
    if (!answer.code) return;
    code.proposed = answer.code;
    code.set(answer.code);
    code.note(_("proposed: the next free number of class {code}", { code: kind.class_code }));
  }, 300);

  async function send() {
    const missing = { ...(!kind && { kind: _("Choose what it is.") }), ...(kind && !why.value() && !geometry && { why: _("Say why: the history keeps it.") }), ...(kind && !geometry && { geometry: _("Draw where it stands, or type its coordinates.") }) };
    if (Object.keys(missing).length) throw Object.assign(new Error(), { more: { facts: { fields: missing } } });
    const { id } = await post("/api/assets", { kind: kind.code, geometry, changes: changesOf(fields), why: why.value() });
    onDone(id);
  }

  const form = registerForm({ title: _("New asset"), name: "new-asset", fields: all, saveName: _("Enter the asset"), send, onCancel, body: [kinds.element, shape.element, body], reason: why.element, wordsFor: takenBy(openAsset) });
  return { element: form.element, isDirty: () => Boolean(geometry || why.value() || fields.some((one) => one.isChanged())), end: () => editor.stop() };
}
