// Fields of the register's forms: each says itself what is wrong with it, to eyes and to screen readers.
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { _, locale, named } from "../i18n.js";

const DATES = new Set(["survey_date", "installed_on"]);
const NULLABLE = new Set(["class_code", "code", "unit_id", "accuracy_class", ...DATES]);
const BY_INSPECTION = "inspected_on";
let serial = 0;

/** {name, title, element, control, isChanged(), value(), complain(words), giveWay(value)} around a control that the caller made. */
export function field(name, title, control, before, { read = (text) => text || null, hint = "", required = false } = {}) {
  control.id = `asset-field-${(serial += 1)}`;
  control.name = name;
  const said = h("small", { class: "wrong", id: `${control.id}-wrong`, role: "alert" });
  control.setAttribute("aria-describedby", said.id);
  if (required) control.setAttribute("aria-required", "true");
  const note = h("small", { class: "hint" });
  const show = (value) => (control.value = value === null || value === undefined ? "" : String(value));
  show(before);
  let standing = control.value;
  return {
    name, title, control, element: h("div", { class: "field" }, h("label", { for: control.id }, title, hint && h("small", {}, ` ${hint}`), required && h("em", {}, _("required"))), control, note, said),
    isChanged: () => control.value !== standing,
    value: () => read(control.value.trim()),
    complain(...words) {
      fill(said, words);
      control.setAttribute("aria-invalid", String(Boolean(words[0])));
    },
    note: (words) => (note.textContent = words),
    set: show,
    giveWay(value) {
      show(value);
      standing = control.value;
    },
  };
}

/** The reason of a change: one sentence that the history keeps. */
export function reasonField() {
  return field("why", _("Why"), h("textarea", { rows: 2, maxlength: 500, placeholder: _("for example: surveyed on site, replaced, entered by mistake") }), "", { required: true, read: (text) => text });
}

/** Fields that every asset has. `asset` may be a new one. */
export function plainFields(asset, register, except = []) {
  return Object.entries(register.fields).filter(([name]) => name !== BY_INSPECTION && !except.includes(name)).map(([name, title]) => {
    const read = (text) => (text === "" ? (NULLABLE.has(name) ? null : "") : name === "unit_id" ? Number(text) : text);
    return field(name, title, plainControl(name, asset, register), asset[name], { read });
  });
}

function plainControl(name, asset, register) {
  const options = (entries) => entries.map(([value, text]) => h("option", { value }, text));
  if (name === "status") return h("select", {}, options(Object.entries(register.statuses)));
  if (name === "accuracy_class") return h("select", {}, options([["", "–"], ["A", "A (0.5 m)"], ["B", "B (1 m)"], ["C", "C (10 m)"]]));
  if (DATES.has(name)) return h("input", { type: "date" });
  if (name !== "unit_id") return h("input", { type: "text", maxlength: 500 });
  const control = h("select", {}, options([["", "–"], ...(asset.unit_id ? [[asset.unit_id, `${asset.unit_id}`]] : [])]));
  get("/api/units").then((units) => {
    const now = control.value;
    fill(control, options([["", "–"], ...units.map((unit) => [unit.id, named(unit)])]));
    control.value = now;
  }, () => {});
  return control;
}

/** Fields of what its kind knows; lists and tables of values are for files. */
export function attributeFields(asset, register) {
  const schema = register.kinds.find(({ code }) => code === asset.kind)?.schema.properties ?? {};
  return Object.entries(schema).filter(([, one]) => !["list", "object"].includes(one["x-type"])).map(([name, one]) => attributeField(asset, name, one));
}

function attributeField(asset, name, schema) {
  const title = locale === "zh" ? schema["x-title-zh"] : schema.title;
  const kind = schema["x-type"];
  const number = kind === "number" || kind === "integer";
  const choices = schema["x-choices"] ?? (kind === "flag" ? [["true", _("yes"), _("yes")], ["false", _("no"), _("no")]] : null);
  const control = choices ? h("select", {}, h("option", { value: "" }, "–"), choices.map(([code, zh, en]) => h("option", { value: code }, locale === "zh" ? zh : en)))
    : h("input", { type: kind === "date" ? "date" : "text", inputmode: number ? "decimal" : null });
  const before = asset.attributes[name];
  const read = (text) => (text === "" ? null : number && Number.isFinite(Number(text)) ? Number(text) : kind === "flag" ? text === "true" : text);
  if (kind === "flag" && typeof before === "string") control.append(h("option", { value: before }, before));
  return { ...field(`attributes.${name}`, title, control, before, { read, hint: schema["x-unit-text"] ?? "" }), seldom: Boolean(schema["x-seldom"]) };
}

/** Fields in two columns; those that are seldom used and empty are folded away. */
export function fieldGrid(fields) {
  const grid = (some) => h("div", { class: "asset-fields" }, some.map((one) => one.element));
  const folded = fields.filter((one) => one.seldom && !one.control.value);
  return [grid(fields.filter((one) => !folded.includes(one))), folded.length > 0 && h("details", { class: "foreign" }, h("summary", {}, _("More attributes ({count})", { count: folded.length })), grid(folded))];
}

/** What is different, as the API takes it: plain fields by name, "attributes" by name. */
export function changesOf(fields) {
  const changed = fields.filter((one) => one.isChanged());
  const attributes = Object.fromEntries(changed.filter(({ name }) => name.startsWith("attributes.")).map((one) => [one.name.slice(11), one.value()]));
  const plain = Object.fromEntries(changed.filter(({ name }) => !name.startsWith("attributes.")).map((one) => [one.name, one.value()]));
  return { ...plain, ...(Object.keys(attributes).length && { attributes }) };
}
