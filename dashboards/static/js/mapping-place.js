// Where a layer lies: which columns hold the coordinates, and the systems they may be in, to be clicked here or on the map.
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { distanceText, metresBetween } from "./position.js";

const ALIKE_M = 3000;

export const COLOURS = ["#1b69aa", "#c4320a", "#1a7a56", "#8a4fb8", "#b8860b", "#0f8f8f", "#c2307e", "#5a6b1f", "#7a4a2b", "#4a5cc4", "#6b7480", "#d0651f"];

/** The first place of a geometry however deep its coordinates lie; undefined where it has none. */
export function firstPlace(part) {
  return !Array.isArray(part) ? undefined : typeof part[0] === "number" ? part.slice(0, 2) : firstPlace(part[0]);
}

/** What a reading is called on the map and in the list: A, B, C … */
export const letterOf = (number) => String.fromCharCode(65 + number);

/** How far a reading lies from the first one, where that is so near that they look alike; else empty. */
function apart(candidates, number) {
  const [first, own] = [candidates[0], candidates[number]].map((one) => firstPlace(one.features.features[0]?.geometry?.coordinates));
  if (!number || !first || !own) return "";
  const metres = metresBetween({ lon: first[0], lat: first[1] }, { lon: own[0], lat: own[1] });
  if (metres < 0.5) return _("the same place as {letter}", { letter: letterOf(0) });
  return metres < ALIKE_M ? _("{distance} from {letter}", { distance: distanceText(metres), letter: letterOf(0) }) : "";
}

/** The block in `element`. Returns {draw(), wait(), candidates(problem), choose(number)}. */
export function placeBlock(element, { state, change, onGeometry, onAlso, show, emphasise }) {
  const stands = h("div", {});
  const list = h("div", { class: "systems", role: "radiogroup", "aria-label": _("Coordinate system") });
  const also = h("input", { id: "also", placeholder: "EPSG:4547", maxlength: 40, "aria-label": _("another system, by its code") });

  function draw() {
    const { geometry = {} } = state.mapping;
    const drawn = Object.keys(state.look.shapes).length > 0;
    const listed = geometry.coordinates || geometry.pairs || geometry.leading?.join(", ");
    const kind = listed ? "own" : geometry.wkt ? "wkt" : geometry.x || geometry.y ? "xy" : drawn ? "own" : "xy";
    const ways = [drawn && ["own", _("shapes of the file")], listed && ["own", _("lists of numbers: {name}", { name: listed })], ["xy", _("two columns")], ["wkt", _("well-known text in one column")]].filter(Boolean);
    fill(stands, h("div", { class: "trio" },
      field("stands", _("Coordinates"), h("select", { id: "stands", on: { change: (event) => setWay(event.target.value) } }, ways.map(([code, label]) => h("option", { value: code, selected: code === kind }, label)))),
      kind === "xy" && [columnField("x", _("East (longitude, Y in survey sheets)")), columnField("y", _("North (latitude, X in survey sheets)"))],
      kind === "wkt" && columnField("wkt", _("Column"))));
    fill(element, stands, h("p", { class: "hint" }, _("Click the system in which the shapes lie on their streets. Nothing is chosen for you.")), list,
      h("div", { class: "line also" }, also, h("button", { type: "button", class: "button small", on: { click: () => also.value.trim() && onAlso(also.value.trim()) } }, _("Draw this one too"))));
  }

  function setWay(way) {
    const { shape } = state.mapping.geometry ?? {};
    set({ ...(shape && { shape }), ...(way === "wkt" && { wkt: state.look.columns[0].name }) });
    draw();
  }

  function columnField(name, label) {
    const value = state.mapping.geometry?.[name] ?? "";
    return field(`at-${name}`, label, h("select", { id: `at-${name}`, on: { change: (event) => set({ ...state.mapping.geometry, [name]: event.target.value }) } },
      h("option", { value: "" }, _("choose…")), state.look.columns.map((column) => h("option", { value: column.name, selected: column.name === value }, column.name))));
  }

  function set(geometry) {
    change({ geometry });
    if (geometry.wkt || (geometry.x && geometry.y) || Object.keys(state.look.shapes).length) onGeometry();
  }

  function candidates(problem = "") {
    const { candidates: found } = state;
    fill(list, problem && h("p", { class: "error" }, problem), found.length > 0 && found.every((one) => one.inside === 0) && h("p", { class: "notice" }, _("None of them lies in this city. Check which city the file is of, and which columns hold the coordinates.")), !found.length && !problem && h("p", { class: "hint" }, _("No coordinates can be read yet.")), found.map(button));
  }

  function button(candidate, number) {
    const chosen = isChosen(candidate);
    const facts = [
      candidate.inside !== null && (candidate.inside ? _("{percent} % in the city", { percent: Math.round(candidate.inside * 100) }) : _("outside the city")),
      candidate.street_m !== null ? _("{metres} m to the nearest street", { metres: Math.round(candidate.street_m) }) : candidate.inside !== null && _("no street near"),
      candidate.stated && _("the file says so"),
      apart(state.candidates, number),
    ].filter(Boolean);
    return h("button", { type: "button", role: "radio", class: "system", "aria-checked": String(chosen), data: { system: candidate.system, swapped: String(candidate.swapped) }, on: { click: () => choose(number), pointerenter: () => emphasise(number), pointerleave: () => emphasise(null), focus: () => emphasise(number), blur: () => emphasise(null) } },
      h("span", { class: "swatch", data: { colour: number } }, letterOf(number)), h("span", {}, h("strong", {}, systemName(candidate)), h("small", {}, facts.join(" · "))));
  }

  /** Take a candidate: its system, and its order of axes. */
  function choose(number) {
    const candidate = state.candidates[number];
    const geometry = { ...state.mapping.geometry };
    delete geometry.swapped;
    if (candidate.swapped) geometry.swapped = true;
    change({ system: candidate.system, geometry });
    list.querySelectorAll("button.system").forEach((each, at) => each.setAttribute("aria-checked", String(isChosen(state.candidates[at]))));
    show("rows");
  }

  const isChosen = (candidate) => state.mapping.system === candidate.system && Boolean(state.mapping.geometry?.swapped) === candidate.swapped;
  const field = (id, label, control) => h("div", { class: "field" }, h("label", { for: id }, label), control);
  return { draw, candidates, choose, wait: () => fill(list, h("p", { class: "hint" }, _("Drawing the systems…"))) };
}

export function systemName({ name, system, swapped }) {
  const code = /^EPSG/.test(system) ? ` (${system})` : "";
  const also = system === "wgs84" ? _(" – CGCS2000 degrees lie the same") : "";
  return `${name}${code}${also}${swapped ? _(", north first") : ""}`;
}
