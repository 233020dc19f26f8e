// Form fields by the kind the workflow names: text, unit(s), handler, inspector, class, condition, photos, position, share, moment, case.
import { get } from "./api.js";
import { allClasses, classPicker } from "./class-picker.js";
import { fill, h } from "./dom.js";
import { alike, likelihood } from "./duplicates.js";
import { _, locale, named } from "./i18n.js";
import { ownPlace } from "./own-place.js";
import { photoField } from "./photos.js";
import { distanceText, metresBetween } from "./position.js";
import { LIMITS, ON_SITE_M } from "./states.js";

let serial = 0;

/** What a field is called, by the kind that the workflow gives it. */
const LABELS = {
  text: _("Note"), unit: _("Unit"), handler: _("Handler"), inspector: _("Inspector"), class: _("Class"), condition: _("Filing condition"),
  photos: _("Photos"), position: _("Position"), units: _("Assisting units"), share: _("More time"), moment: _("Until"), case: _("Case number"), centre: _("Centre"),
  place: _("New place"),
};
const OPTIONS = { unit: "/api/units", inspector: "/api/inspectors", centre: "/api/centres" };

/** {element, required, label, isEmpty(), value(): {name: value}, photos?()} for one field of a move. */
export function fieldFor(asked, detail, { camera }) {
  const field = { ...asked, label: asked.label ?? LABELS[asked.kind] ?? asked.name };
  const make = { text: textField, photos: photosField, position: positionField, class: classField, condition: conditionField, units: unitsField, share: shareField, moment: momentField, case: caseField, place: placeField }[field.kind] ?? choiceField;
  return { name: field.name, required: field.required, label: field.label, ...make(field, detail, camera) };
}

function labelled(field, control) {
  control.id = `field-${(serial += 1)}`;
  if (field.required) control.setAttribute("aria-required", "true");
  return h("div", { class: "field" }, h("label", { for: control.id }, field.label, field.required && h("em", {}, _("required"))), control);
}

function textField(field) {
  const control = h("textarea", { rows: 2, name: field.name, maxlength: 2000 });
  return { element: labelled(field, control), isEmpty: () => !control.value.trim(), value: () => ({ [field.name]: control.value.trim() || undefined }) };
}

function choiceField(field, detail) {
  const control = h("select", { name: field.name });
  const suggested = field.kind === "unit" ? detail.unit?.id : null;
  const draw = (options) => {
    fill(control, h("option", { value: "" }, field.required ? _("choose…") : suggested ? _("as proposed: {name}", { name: detail.unit.name }) : _("chosen by the system")),
      options.map((option) => h("option", { value: option.id }, [named(option), ...(option.reasons ?? [])].join(" · "))));
  };
  draw([]);
  get(OPTIONS[field.kind] ?? `/api/cases/${detail.id}/handlers`).then(draw, (problem) => fill(control, h("option", { value: "" }, problem.message)));
  return { element: labelled(field, control), isEmpty: () => !control.value, value: () => ({ [field.name]: asId(control.value) }) };
}

/** Several units, as boxes to tick. */
function unitsField(field) {
  const list = h("div", { class: "ticks" });
  get("/api/units").then((units) => fill(list, units.map((unit) => h("label", { class: "tick" }, h("input", { type: "checkbox", value: unit.id }), named(unit)))), (problem) => fill(list, problem.message));
  const chosen = () => [...list.querySelectorAll("input:checked")].map((box) => Number(box.value));
  return { element: h("fieldset", { class: "field" }, h("legend", {}, field.label), list), isEmpty: () => !chosen().length, value: () => ({ [field.name]: chosen().length ? chosen() : undefined }) };
}

/** How much longer: a part of the original limit. */
function shareField(field) {
  const shares = { 0.25: _("a quarter of the original limit"), 0.5: _("half the original limit"), 1: _("the original limit once more") };
  const control = h("select", { name: field.name }, h("option", { value: "" }, _("choose…")), Object.entries(shares).map(([value, text]) => h("option", { value }, text)));
  return { element: labelled(field, control), isEmpty: () => !control.value, value: () => ({ [field.name]: control.value ? Number(control.value) : undefined }) };
}

/** A moment of the city: it goes without a zone, and the server knows the city's. */
function momentField(field) {
  const control = h("input", { type: "datetime-local", name: field.name });
  return { element: labelled(field, control), isEmpty: () => !control.value, value: () => ({ [field.name]: control.value || undefined }) };
}

/** Another case, by its number: what may be the same is offered first, then open cases near by. */
function caseField(field, detail) {
  const options = h("datalist", { id: `cases-${(serial += 1)}` });
  const control = h("input", { type: "text", name: field.name, list: options.id, inputmode: "numeric", autocomplete: "off" });
  let found = [];
  const near = 0.005;
  const around = detail.lon === null ? "" : `&bbox=${[detail.lon - near, detail.lat - near, detail.lon + near, detail.lat + near].join(",")}`;
  const offer = (query) => get(`/api/cases?open=true&limit=20${query}`).then(({ items }) => {
    const known = new Set([detail.id, ...found.map(({ id }) => id)]);
    found = [...found, ...items.filter((one) => !known.has(one.id))];
    drawOptions();
  }, () => {});
  const drawOptions = () => fill(options, found.map((one) => h("option", { value: one.number }, one.hint ?? `${one.title} · ${one.address}`)));
  const asOption = (one) => ({ id: one.case_id, number: one.number, hint: [one.title, likelihood(one), distanceText(one.distance_m), ...alike(one.parts)].join(" · ") });
  get(`/api/cases/${detail.id}/duplicates`).then((likely) => {
    found = [...likely.filter((one) => one.may_open).map(asOption), ...found];
    drawOptions();
    if (likely[0]?.likely && !control.value) control.value = likely[0].number;
  }, () => {}).then(() => offer(around));
  control.addEventListener("change", () => !byNumber() && control.value.trim() && offer(`&q=${encodeURIComponent(control.value.trim())}`));
  const byNumber = () => found.find((one) => one.number === control.value.trim())?.id;
  return { element: h("div", {}, labelled(field, control), options), isEmpty: () => byNumber() === undefined, value: () => ({ [field.name]: byNumber() }) };
}

function conditionField(field, detail) {
  const control = h("select", { name: field.name });
  let standards = [];
  const draw = (code) => {
    const conditions = standards.find((one) => one.code === code)?.conditions ?? [];
    fill(control, h("option", { value: "" }, _("as reported")), conditions.map((one) => h("option", { value: one.id }, conditionText(one))));
  };
  draw(detail.class_code);
  allClasses().then((classes) => ((standards = classes), draw(detail.class_code)), () => {});
  addEventListener("class-chosen", (event) => control.isConnected && draw(event.detail));
  return { element: labelled(field, control), isEmpty: () => !control.value, value: () => ({ [field.name]: asId(control.value) }) };
}

export const conditionText = (one) => [(locale === "en" && one.text_en) || one.text, one.limit_text].filter(Boolean).join(" · ");

/** Which condition a form proposes: the one that the server takes where none is named, no emergency where the class has another. */
export const ordinary = (conditions) => conditions.find((one) => one.ordinary) ?? conditions[0];

/** The conditions of a class as choices, the ordinary one chosen and named so. */
export const conditionChoices = (conditions, look = "check") => conditions.map((one) => h("label", { class: look },
  h("input", { type: "radio", name: "condition", value: one.id, checked: one === ordinary(conditions) }),
  h("span", {}, conditionText(one), conditions.length > 1 && one === ordinary(conditions) && h("em", { class: "usual" }, _("usual case")))));

function classField(field, detail) {
  const picker = classPicker({ label: field.label, chosen: detail.class_code, onChoose: (one) => dispatchEvent(new CustomEvent("class-chosen", { detail: one?.code })) });
  return { element: picker.element, isEmpty: () => !picker.code() || picker.code() === detail.class_code, value: () => ({ [field.name]: picker.code() || undefined }) };
}

function photosField(field, _detail, camera) {
  const photos = photoField({ label: field.label, required: field.required, camera, recordings: LIMITS });
  return { element: photos.element, isEmpty: () => !photos.shows(), value: () => ({}), photos: photos.files };
}

/** Where one stands, with the distance from the case; where the device does not know, it is chosen on the map. */
function positionField(field, detail) {
  const place = ownPlace({ label: field.label, about: detail.lon === null ? null : detail, describe: (position) => {
    const metres = detail.lon === null ? null : metresBetween(position, detail);
    const parts = [metres !== null && _("{distance} from the case", { distance: distanceText(metres) }), position.accuracy_m && _("± {metres} m", { metres: position.accuracy_m })];
    return { words: parts.filter(Boolean).join(" · "), doubtful: metres !== null && metres > ON_SITE_M };
  } });
  place.start();
  const isFar = () => place.position() !== null && detail.lon !== null && metresBetween(place.position(), detail) > ON_SITE_M;
  return { element: place.element, isFar, isEmpty: () => !place.position(), value: () => ({ [field.name]: place.position() ?? undefined }) };
}

/** Where the case lies after all: chosen on the map, the old place is marked there. */
function placeField(field, detail) {
  const place = ownPlace({ label: field.label, about: detail.lon === null ? null : detail, describe: (position) => ({ words: [`${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}`,
    detail.lon !== null && _("{distance} from the old place", { distance: distanceText(metresBetween(position, detail)) })].filter(Boolean).join(" · "), doubtful: false }) });
  return { element: place.element, isEmpty: () => !place.position(), value: () => ({ [field.name]: place.position() ?? undefined }) };
}

const asId = (text) => (text === "" ? undefined : /^\d+$/.test(text) ? Number(text) : text);
