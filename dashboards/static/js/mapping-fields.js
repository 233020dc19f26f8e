// What a layer's rows are: kind, data set, and by which columns they are known and named.
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";

/** The block in `element`; `onKind(code)` when another kind is chosen. Returns {draw()}. */
export function fieldsBlock(element, { state, put, onKind }) {
  function draw() {
    const { mapping, look } = state;
    const names = look.columns.map((column) => column.name);
    const known = state.kinds.kinds.find((kind) => kind.code === mapping.kind);
    fill(element,
      field("kind", _("Kind of asset"), kindSelect(mapping.kind ?? ""), known ? "" : mapping.kind ? "" : _("Not recognised by the file's name: choose it.")),
      field("reference", _("Known by"), templates("reference", mapping.reference, names, [["{place}", _("its place (no number of its own)")], ["{row}", _("the row's number in the file")]]),
        referenceHint(mapping.reference, look)),
      field("name", _("Name of the asset"), templates("name", mapping.name, names)),
      field("name_en", _("English name"), templates("name_en", mapping.name_en, names)),
      field("class_code", _("Component class"), classField(mapping, names, known)),
      field("source", _("Data set"), text("source", mapping.source), _("The same data set and the same reference are the same asset in the next delivery.")),
      field("attribution", _("Credit on maps"), text("attribution", mapping.attribution)));
  }

  function kindSelect(value) {
    const { kinds, subsystems } = state.kinds;
    const own = kinds.some((kind) => kind.code === value);
    const groups = Object.entries(subsystems).map(([code, title]) => [title, kinds.filter((kind) => kind.subsystem === code)]);
    return h("select", { id: "kind", on: { change: (event) => onKind(event.target.value) } }, h("option", { value: "", selected: !value }, _("choose…")),
      value && !own && h("option", { value, selected: true }, _("by the mapping: {template}", { template: value })),
      groups.filter(([, members]) => members.length).map(([title, members]) => h("optgroup", { label: title }, members.map((kind) => h("option", { value: kind.code, selected: kind.code === value }, kind.title)))));
  }

  /** A select of columns for a template; what is no single column stands there as it is. */
  function templates(name, value, names, extra = []) {
    const options = [...names.map((column) => [`{${column}}`, column]), ...extra];
    const written = Array.isArray(value) ? value.join(" → ") : value ?? "";
    const strange = written && !options.some(([template]) => template === written);
    return h("select", { id: name, on: { change: (event) => { put(name, event.target.value); draw(); } } }, h("option", { value: "", selected: !written }, name === "reference" ? _("choose…") : _("none")),
      strange && h("option", { value: written, selected: true }, _("by the mapping: {template}", { template: written })),
      options.map(([template, label]) => h("option", { value: template, selected: template === written }, label)));
  }

  function classField(mapping, names, known) {
    const own = known?.class_code;
    return templates("class_code", mapping.class_code, names, own ? [[own, _("{code} for all", { code: own })]] : []);
  }

  const text = (name, value) => h("input", { id: name, value: value ?? "", maxlength: 200, on: { change: (event) => put(name, event.target.value.trim()) } });
  const field = (name, label, control, hint = "") => h("div", { class: "field" }, h("label", { for: name }, label), control, hint && h("p", { class: "hint" }, hint));
  return { draw };
}

function referenceHint(reference, look) {
  if (reference === "{place}") return _("Assets without a number are known by where they stand: one that moves is a new one.");
  if (reference === "{row}") return _("Careful: a row that is put in between makes all later ones others.");
  if (/^\{(target_?)?(objectid|o?id_?|fid|oid|gid|序号)\}$/i.test(reference)) return _("Careful: a program may have counted these; ask whether they stay the same in the next delivery.");
  const column = look.columns.find(({ name }) => `{${name}}` === reference);
  return column && !column.unique ? _("Not every row has a value of its own there: {filled} % filled, {distinct} different.", { filled: Math.round(column.filled * 100), distinct: column.distinct }) : "";
}
