// The form of a data steward, made from the JSON Schema of the kind; a change that came in between is shown beside one's own.
import { get, patch, post } from "./api.js";
import { fill, h } from "./dom.js";
import { _, locale, named } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { dateOf } from "./time.js";

const DATES = new Set(["survey_date", "installed_on"]);
const BY_INSPECTION = "inspected_on";
let serial = 0;

/** {element, warn(), end()}: edits `asset` at the version it was read; onDone(version) after saving. */
export function assetForm(asset, register, { pickPlace, onDone, onCancel, onReload }) {
  const schema = register.kinds.find(({ code }) => code === asset.kind)?.schema.properties ?? {};
  const fields = [...plainFields(asset, register), ...Object.entries(schema).filter(([, one]) => !["list", "object"].includes(one["x-type"])).map(([name, one]) => attributeField(asset, name, one))];
  const place = placePicker(asset, pickPlace);
  const why = h("textarea", { name: "why", rows: 2, maxlength: 500, "aria-required": "true", id: `asset-field-${(serial += 1)}` });
  const notice = h("div", { class: "meanwhile", role: "status", hidden: true });
  const body = h("div", { class: "asset-fields" }, fields.map((field) => field.element), place?.element);
  const element = h("form", { class: "move asset-form", novalidate: true, on: { submit: save } }, h("h3", {}, _("Edit {name}", { name: asset.name || asset.kind_title })), notice, body,
    h("div", { class: "field" }, h("label", { for: why.id }, _("Why"), h("em", {}, _("required"))), why), formButtons(_("Save"), onCancel));
  let version = asset.version;

  function changes() {
    const changed = fields.filter((field) => field.isChanged());
    const attributes = Object.fromEntries(changed.filter(({ name }) => name.startsWith("attributes.")).map((field) => [field.name.slice(11), field.value()]));
    const plain = Object.fromEntries(changed.filter(({ name }) => !name.startsWith("attributes.")).map((field) => [field.name, field.value()]));
    const geometry = place?.geometry();
    return { ...plain, ...(Object.keys(attributes).length && { attributes }), ...(geometry && { geometry }) };
  }

  async function save(event) {
    event.preventDefault();
    fields.forEach((field) => field.complain(""));
    try {
      const answer = await patch(`/api/assets/${asset.id}`, { changes: changes(), why: why.value }, version);
      onDone(answer.version);
    } catch (problem) {
      if (problem.status === 409 && problem.more.facts?.both) return showConflict(problem);
      for (const [name, words] of Object.entries(problem.more?.facts?.fields ?? {})) fields.find((field) => field.name === name)?.complain(words);
      tellProblem(problem);
    }
  }

  /** Two columns: what I wrote, what stands there now; for each field one of them is chosen, then saved on top of the present version. */
  function showConflict(problem) {
    const { both, since, version: present } = problem.more.facts;
    const chosen = Object.fromEntries(both.map((one) => [one.field, one.changed_by_both ? null : "mine"]));
    const cell = (one, side, text) => {
      const input = h("input", { type: "radio", name: `choose-${one.field}`, value: side, checked: chosen[one.field] === side, "aria-label": `${one.title}: ${text || _("my position")}`, on: { change: () => (chosen[one.field] = side) } });
      return h("td", {}, h("label", { class: "check" }, input, h("span", {}, text || (side === "mine" ? _("my position") : _("the present position")))));
    };
    const apply = (submitted) => {
      submitted.preventDefault();
      const open = both.find((one) => !chosen[one.field]);
      if (open) return tellProblem(new Error(_("Choose for '{field}'.", { field: open.title })));
      for (const one of both) if (chosen[one.field] === "theirs") (one.field === "geom" ? place : fields.find(({ name }) => name === one.field))?.giveWay(one.theirs);
      version = present;
      back();
      element.requestSubmit();
    };
    const news = since.map((one) => h("li", {}, h("strong", {}, one.who || one.file || "?"), `: ${one.why} `, h("small", {}, one.changes.map(({ title, before, after }) => `${title} ${before} → ${after}`).join("; "))));
    const view = h("form", { class: "move conflict", on: { submit: apply } }, h("h3", {}, _("Somebody was faster")), h("p", {}, problem.message), h("ul", { class: "plain" }, news),
      h("table", {}, h("thead", {}, h("tr", {}, [_("Field"), _("Mine"), _("There now")].map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, both.map((one) => h("tr", { data: { field: one.field } }, h("th", { scope: "row" }, one.title), cell(one, "mine", one.mine_text), cell(one, "theirs", one.theirs_text))))),
      h("div", { class: "line" }, h("button", { class: "button primary" }, _("Save what is chosen")), h("button", { type: "button", class: "button", on: { click: onReload } }, _("Drop mine, read again"))));
    element.replaceWith(view);
    const back = () => view.replaceWith(element);
  }

  return {
    element,
    warn() {
      notice.hidden = false;
      fill(notice, _("Somebody else has changed this asset meanwhile. When you save you will see both."));
    },
    end: () => place?.end(),
  };
}

function field(name, title, control, before, { read = (text) => text || null, hint = "" } = {}) {
  control.id = `asset-field-${(serial += 1)}`;
  control.name = name;
  const said = h("small", { class: "wrong", role: "alert" });
  const show = (value) => (control.value = value === null || value === undefined ? "" : String(value));
  show(before);
  let standing = control.value;
  return {
    name, element: h("div", { class: "field" }, h("label", { for: control.id }, title, hint && h("small", {}, ` ${hint}`)), control, said),
    isChanged: () => control.value !== standing,
    value: () => read(control.value.trim()),
    complain(words) {
      said.textContent = words;
      control.setAttribute("aria-invalid", String(Boolean(words)));
    },
    giveWay(value) {
      show(value);
      standing = control.value;
    },
  };
}

function plainFields(asset, register) {
  return Object.entries(register.fields).filter(([name]) => name !== BY_INSPECTION).map(([name, title]) => {
    const empty = ["class_code", "code", "unit_id", "accuracy_class", "survey_date", "installed_on"].includes(name) ? null : "";
    const read = (text) => (text === "" ? empty : name === "unit_id" ? Number(text) : text);
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
  return field(`attributes.${name}`, title, control, before, { read, hint: schema["x-unit-text"] ?? "" });
}

/** A new position for a point, clicked on the map. */
function placePicker(asset, pickPlace) {
  if (asset.geometry.type !== "Point" || !pickPlace) return null;
  let chosen = null;
  let stop = null;
  const words = h("span", {}, placeText(asset.geometry.coordinates));
  const button = h("button", { type: "button", class: "button small", on: { click: () => {
    stop?.();
    words.textContent = _("Click on the map.");
    stop = pickPlace(({ lng, lat }) => {
      chosen = { type: "Point", coordinates: [Number(lng.toFixed(7)), Number(lat.toFixed(7))] };
      words.textContent = placeText(chosen.coordinates);
    });
  } } }, _("Move on the map"));
  return {
    element: h("div", { class: "field" }, h("span", { class: "label" }, _("Position")), h("div", { class: "line" }, words, button)),
    geometry: () => chosen, giveWay: () => (chosen = null), end: () => stop?.(),
  };
}

const placeText = ([lon, lat]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`;

/** The button that sends a form, and the one that leaves it. */
export function formButtons(name, cancel) {
  return h("div", { class: "line" }, h("button", { class: "button primary" }, name), h("button", { type: "button", class: "button", on: { click: cancel } }, _("Cancel")));
}

/** Enter what was found at the asset, and when to come again. */
export function inspectionForm(asset, register, { onDone, onCancel }) {
  const fields = [
    field("inspected_on", _("Inspected on"), h("input", { type: "date", max: dateOf() }), dateOf()),
    field("result", _("Result"), h("select", {}, Object.entries(register.results).map(([value, text]) => h("option", { value }, text))), "sound"),
    field("note", _("Note"), h("textarea", { rows: 2, maxlength: 2000 }), "", { read: (text) => text }),
    field("next_on", _("Next inspection on"), h("input", { type: "date" }), ""),
  ];
  const save = async (event) => {
    event.preventDefault();
    try {
      await post(`/api/assets/${asset.id}/inspections`, Object.fromEntries(fields.map((one) => [one.name, one.value()])));
      onDone();
    } catch (problem) {
      tellProblem(problem);
    }
  };
  return { element: h("form", { class: "move", on: { submit: save } }, h("h3", {}, _("Enter an inspection")), h("div", { class: "asset-fields" }, fields.map((one) => one.element)), formButtons(_("Save"), onCancel)) };
}
