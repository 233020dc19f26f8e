// One condition of a rule as a form: chips chosen from a list, boxes to tick, times, ground on the map.
import { get } from "../api.js";
import { combobox, fitting } from "../combobox.js";
import { fill, h, icon } from "../dom.js";
import { conditionText } from "../fields.js";
import { _, named } from "../i18n.js";
import { tellProblem } from "../notify.js";

/** {element, value()} for condition `key` that stands at `wanted`; `choices` are the lists to choose from. */
export function conditionField(key, wanted, choices, ground) {
  const make = MAKERS[key];
  return make(key, wanted, choices, ground);
}

/** Several things of a list, as chips: {element, value()}. */
function chips(items, idOf, shape, wanted, label) {
  let chosen = wanted.map((one) => items.find((item) => String(idOf(item)) === String(one)) ?? { id: one, code: one, name: String(one) });
  const list = h("div", { class: "chips" });
  const box = combobox({ name: "condition", label, placeholder: _("type to choose"), nameOf: () => "", find: (text) => fitting(items.filter((item) => !chosen.includes(item)), text, (one) => [one.name, one.name_en, String(one.code ?? "")]),
    draw: (one) => [h("span", {}, named(one)), h("small", {}, one.hint ?? one.code ?? "")], onChoose: (one) => one && (chosen.push(one), box.set(null), draw()) });
  const draw = () => fill(list, chosen.map((one) => h("span", { class: "chip" }, named(one), h("button", { type: "button", class: "quiet", "aria-label": _("Take out {name}", { name: named(one) }), on: { click: () => ((chosen = chosen.filter((other) => other !== one)), draw()) } }, icon("x")))));
  draw();
  return { element: h("div", {}, list, box.element), value: () => chosen.map((one) => shape(idOf(one))) };
}

function ticks(words, wanted, asValue = String) {
  const list = h("div", { class: "ticks" }, Object.entries(words).map(([value, text]) => h("label", {}, h("input", { type: "checkbox", value, checked: wanted.map(String).includes(value) }), text)));
  return { element: list, value: () => [...list.querySelectorAll("input:checked")].map((box) => asValue(box.value)) };
}

function ends(type, wanted, labels) {
  const inputs = ["from", "to"].map((end, index) => h("input", { type, value: wanted?.[end] ?? "", "aria-label": labels[index] }));
  return { element: h("div", { class: "line" }, inputs[0], "–", inputs[1]), value: () => (inputs.some((one) => one.value) ? { from: inputs[0].value || null, to: inputs[1].value || null } : null) };
}

function choice(options, wanted) {
  const control = h("select", {}, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
  control.value = String(wanted ?? Object.keys(options)[0]);
  return { element: control, value: () => control.value };
}

/** A zone drawn on the map, or a stretch of a road between two clicks or two house numbers. */
function groundField(_key, wanted, _choices, ground) {
  let kept = wanted;
  const said = h("p", { class: "hint", role: "status" });
  const name = h("input", { type: "text", maxlength: 80, value: wanted?.name ?? "", placeholder: _("name of the zone"), "aria-label": _("name of the zone") });
  const numbers = ["from_no", "to_no"].map((end, index) => h("input", { type: "number", min: 1, value: wanted?.[end] ?? "", placeholder: index ? _("to house number") : _("from house number"), "aria-label": index ? _("to house number") : _("from house number") }));
  const numbersLine = h("div", { class: "line" }, numbers[0], "–", numbers[1]);
  const button = (words, action) => h("button", { type: "button", class: "button small", on: { click: action } }, icon("map-2"), words);
  const drawZone = () => {
    fill(said, _("Click the corners on the map; click the last one twice."));
    ground.drawZone((shape) => ((kept = { kind: "zone", shape }), draw()));
  };
  const drawSection = () => {
    fill(said, _("Click both ends of the section on its road."));
    ground.pickTwo(async (first, last) => {
      const found = await get("/api/routing/section", { from_lon: first.lon, from_lat: first.lat, to_lon: last.lon, to_lat: last.lat }).catch(tellProblem);
      if (found) kept = found;
      draw();
    });
  };
  function draw() {
    name.hidden = kept?.kind !== "zone";
    numbersLine.hidden = kept?.kind !== "section";
    if (!kept) fill(said, _("Draw a zone, or choose a stretch of a road."));
    else if (kept.kind === "zone") fill(said, kept.shape ? _("The zone is drawn.") : _("The zone stays as it is."));
    else fill(said, _("{road}, {begin} m to {end} m", { road: named({ name: kept.road, name_en: kept.road_en }), begin: kept.from_m, end: kept.to_m }));
  }
  draw();
  return {
    element: h("div", {}, h("div", { class: "buttons" }, button(_("Draw a zone"), drawZone), button(_("Road section"), drawSection)), said, name, numbersLine),
    value() {
      if (kept?.kind === "zone") return { kind: "zone", name: name.value.trim(), ...(kept.shape && { shape: kept.shape }) };
      if (kept?.kind !== "section") return null;
      const [from_no, to_no] = numbers.map((one) => (one.value ? Number(one.value) : null));
      const { road_id, from_m, to_m } = kept;
      return { kind: "section", road_id, from_m, to_m, ...(from_no && to_no && { from_no, to_no }) };
    },
  };
}

const code = (one) => one.code;
const id = (one) => one.id;
const listed = (list, idOf, shape, label) => (key, wanted, choices) => chips(choices[list], idOf, shape, (wanted ?? []).map((one) => one?.code ?? one), label);

const MAKERS = {
  classes: listed("classes", code, String, _("Class")),
  areas: listed("areas", code, (one) => ({ code: one }), _("Area")),
  ground: groundField,
  conditions: listed("conditions", id, Number, _("Filing condition")),
  asset_kinds: listed("kinds", code, String, _("Kind of asset")),
  owners: listed("owners", code, String, _("Owner of the asset")),
  asset_units: listed("units", id, Number, _("Unit of the asset")),
  sources: (key, wanted, { words }) => ticks(words.sources, wanted ?? []),
  priorities: (key, wanted, { words }) => ticks(words.priorities, wanted ?? []),
  dates: (key, wanted) => ends("date", wanted, [_("first day"), _("last day")]),
  weekdays: (key, wanted, { weekdays }) => ticks(Object.fromEntries(weekdays.map((day, index) => [index + 1, day])), wanted ?? [], Number),
  hours: (key, wanted) => ends("time", wanted, [_("from"), _("until")]),
  day: (key, wanted, { words }) => choice(words.days, wanted),
  weather: (key, wanted, { words }) => ticks(words.weather, wanted ?? []),
  load_below: (key, wanted) => {
    const input = h("input", { type: "number", min: 1, value: wanted ?? 30, "aria-label": _("fewer open orders than") });
    return { element: h("label", { class: "line" }, _("fewer open orders than"), input), value: () => Number(input.value) || null };
  },
  on_shift: (key, wanted) => {
    const field = choice({ true: _("yes"), false: _("no") }, wanted ?? true);
    return { element: h("div", {}, field.element, h("small", {}, _("By the duty hours that the unit has stated; where it has stated none, this rule does not fit."))), value: () => field.value() === "true" };
  },
};

/** Classes at all three levels and their conditions, as things to choose from, out of /api/standards. */
export function classChoices(classes) {
  const majors = new Map(classes.map((one) => [one.code.slice(0, 3), { code: one.code.slice(0, 3), name: one.major_name, name_en: one.major_name_en, hint: _("major class") }]));
  const kinds = [{ code: "C", name: _("all components"), hint: "C" }, { code: "M", name: _("all matters"), hint: "M" }];
  const conditions = classes.flatMap((one) => one.conditions.map((each) => ({ id: each.id, code: one.code, name: `${named(one)}: ${conditionText(each)}` })));
  return { classes: [...kinds, ...majors.values(), ...classes], conditions };
}
