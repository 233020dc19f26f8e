// Whose ground is whose: unit grids chosen on the map are given to a group, a group to an inspector.
import { get, post } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _, named } from "./i18n.js";
import { createMap } from "./map.js";
import { tell, tellProblem, warn } from "./notify.js";
import { startShell } from "./shell.js";

const COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1", "#9c755f", "#edc948"];
const filters = one("#filters");
const wrong = one("#wrong");
const { map, add } = createMap(one("#map"));
let shown = { grids: { type: "FeatureCollection", features: [] }, walks: [], inspectors: [] };
const chosen = new Set();

const colourOf = (walk) => (walk ? COLOURS[shown.walks.findIndex(({ code }) => code === walk) % COLOURS.length] : "#9aa2ab");
const collection = () => ({ type: "FeatureCollection", features: shown.grids.features.map((grid) => ({ ...grid, properties: { ...grid.properties, colour: colourOf(grid.properties.walk), chosen: chosen.has(grid.properties.code) } })) });

add({
  install(target, theme) {
    const ink = theme === "dark" ? "#ffffff" : "#16191d";
    target.addSource("walks", { type: "geojson", data: collection() });
    target.addLayer({ id: "walk-ground", type: "fill", source: "walks", paint: { "fill-color": ["get", "colour"], "fill-opacity": ["case", ["get", "chosen"], 0.75, 0.35] } });
    target.addLayer({ id: "walk-line", type: "line", source: "walks", paint: { "line-color": ["case", ["get", "chosen"], ink, ["get", "colour"]], "line-width": ["case", ["get", "chosen"], 3, 1] } });
    target.addLayer({ id: "walk-code", type: "symbol", source: "walks", minzoom: 15, layout: { "text-field": ["slice", ["get", "code"], -3], "text-font": ["Noto Sans Regular"], "text-size": 11 }, paint: { "text-color": ink, "text-halo-color": theme === "dark" ? "#12161b" : "#ffffff", "text-halo-width": 1.3 } });
  },
});
map.on("click", "walk-ground", ({ features: [{ properties }] }) => toggle(properties.code));
map.on("mouseenter", "walk-ground", () => (map.getCanvas().style.cursor = "pointer"));
map.on("mouseleave", "walk-ground", () => (map.getCanvas().style.cursor = ""));

function toggle(code) {
  if (!chosen.delete(code)) chosen.add(code);
  filters.elements.codes.value = [...chosen].sort().join(", ");
  drawChosen();
}

function drawChosen() {
  wrong.textContent = "";
  map.getSource("walks")?.setData(collection());
  one("#map").dataset.chosen = chosen.size;
  one("#give").disabled = !chosen.size;
  one("#count").textContent = chosen.size ? _("{count} unit grids chosen", { count: chosen.size }) : _("{grids} unit grids in {walks} groups", { grids: shown.grids.features.length, walks: shown.walks.length });
}

/** Read an area anew; `fit`: show it whole. */
async function load(fit = false) {
  const answer = await get("/api/walks", { area: filters.elements.area.value }).catch(tellProblem);
  if (!answer) return;
  shown = answer;
  const walk = filters.elements.walk.value;
  fill(filters.elements.walk, h("option", { value: "" }, _("a new group")), shown.walks.map(({ code, name }) => h("option", { value: code }, `${code.slice(-3)} ${name}`)));
  filters.elements.walk.value = shown.walks.some(({ code }) => code === walk) ? walk : "";
  fill(one("#list"), shown.walks.map(row), !shown.walks.length && h("li", { class: "empty" }, h("p", {}, _("There are no groups yet. Choose unit grids and make one."))));
  drawChosen();
  if (fit && shown.grids.features.length) map.fitBounds(boundsOf(shown.grids.features), { padding: 30, duration: 0 });
}

function row(walk) {
  const said = h("small", { class: "wrong", role: "alert" });
  const who = h("select", { "aria-label": _("Inspector of {walk}", { walk: walk.name }), on: { change: () => assign(walk, who, said) } }, h("option", { value: "" }, _("nobody")),
    shown.inspectors.map((person) => h("option", { value: person.id }, `${person.name} (${person.walks})`)));
  who.value = walk.inspector_id ?? "";
  return h("li", { data: { walk: walk.code } }, h("button", { type: "button", class: "quiet name", on: { click: () => seek(walk) } },
    h("strong", {}, h("span", { class: "dot-mark", data: { colour: COLOURS.indexOf(colourOf(walk.code)) } }), walk.name), h("small", {}, _("{code} · {count} unit grids", { code: walk.code, count: walk.grids }))), h("div", { class: "decision" }, who, said));
}

async function assign(walk, who, said) {
  try {
    await post(`/api/walks/${walk.code}/inspector`, { inspector_id: who.value ? Number(who.value) : null });
    tell(_("{walk}: {name}", { walk: walk.name, name: who.selectedOptions[0].textContent }));
    load();
  } catch (problem) {
    said.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
  }
}

async function give() {
  try {
    const { walk, pieces } = await post("/api/walks/ground", { grids: [...chosen], walk: filters.elements.walk.value || null });
    tell(_("{count} unit grids given to {walk}.", { count: chosen.size, walk }));
    if (pieces > 1) warn(_("The ground of {walk} lies in {pieces} pieces: an inspector would have to cross another's.", { walk, pieces }));
    chosen.clear();
    filters.elements.codes.value = "";
    await load();
    filters.elements.walk.value = walk;
  } catch (problem) {
    wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
  }
}

function seek({ code }) {
  filters.elements.walk.value = code;
  const own = shown.grids.features.filter(({ properties }) => properties.walk === code);
  if (own.length) map.fitBounds(boundsOf(own), { padding: 60, maxZoom: 17, duration: 400 });
}

function boundsOf(features) {
  const places = features.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2));
  const reach = (axis, pick) => places.reduce((best, place) => pick(best, place[axis]), places[0][axis]);
  return [[reach(0, Math.min), reach(1, Math.min)], [reach(0, Math.max), reach(1, Math.max)]];
}

startShell();
filters.addEventListener("submit", (event) => event.preventDefault());
filters.elements.area.addEventListener("change", () => (chosen.clear(), load(true)));
filters.elements.codes.addEventListener("change", ({ target }) => {
  chosen.clear();
  const known = new Set(shown.grids.features.map(({ properties }) => properties.code));
  const typed = target.value.split(/[,，;；\s]+/).filter(Boolean);
  typed.filter((code) => known.has(code)).forEach((code) => chosen.add(code));
  drawChosen();
  const strange = typed.filter((code) => !known.has(code));
  if (strange.length) wrong.textContent = _("There is no unit grid '{grid}' in this area.", { grid: strange[0] });
});
one("#give").addEventListener("click", give);
one("#clear").addEventListener("click", () => (chosen.clear(), (filters.elements.codes.value = ""), drawChosen()));

const areas = await get("/api/walks/areas").catch(() => []);
fill(filters.elements.area, areas.map((area) => h("option", { value: area.code }, named(area))), h("option", { value: "" }, _("the whole city")));
await load(true);
