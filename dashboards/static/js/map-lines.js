// A bus line in the panel: its stops in order with metres, the stretch of each, and where on the line a clicked place lies.
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { _, locale } from "./i18n.js";
import { files } from "./map-networks.js";
import { tellProblem } from "./notify.js";

const KINDS = ["bus_line", "transit_line"];
const COLOUR = { light: "#0b7a55", dark: "#4fd1a1" };
const EMPTY = { type: "FeatureCollection", features: [] };
const REACH_PX = 9;

/**
 * An overlay for createMap().add(). section(asset) is its part of the panel, or null; passes(point) says whether the line of the panel is
 * drawn at that point of the screen, where(lngLat, others) answers what is there. onOpen(id) gets a stop, or one of `others`.
 */
export function lineOverlay({ onOpen }) {
  let map = null;
  let data = EMPTY;
  let shown = null; // {id, answer, said}

  function draw(features = []) {
    data = { type: "FeatureCollection", features };
    map?.getSource("line-answer")?.setData(data);
  }

  function section(asset) {
    clear();
    if (!KINDS.includes(asset.kind) || asset.status === "removed") return null;
    const said = h("div", { class: "line-said", role: "status" }, h("p", { class: "hint" }, _("Click a stop for its stretch, or a place on the line for its distance.")));
    const list = h("ol", { class: "line-stops", "aria-label": _("Stops in order") });
    const element = h("section", { data: { line: asset.id } }, h("h3", {}, _("Along the line")), said, list);
    const mine = (shown = { id: asset.id, said });
    get(`/api/lines/${asset.id}/along`).then((whole) => {
      if (shown !== mine) return;
      const { stops } = (mine.whole = whole);
      fill(list, stops.map((stop, index) => row(stop, () => stretch(stops, index))));
      if (!stops.length) list.replaceWith(h("p", { class: "hint" }, _("Its stops are not known.")));
      element.append(files((format) => `/api/lines/${asset.id}/along?format=${format}`));
    }, (problem) => shown === mine && fill(said, h("p", { class: "hint" }, problem.message)));
    return element;
  }

  /** From the stop before to the stop after. */
  async function stretch(stops, index) {
    const mine = shown;
    const [from, to] = [stops[index - 1] ?? stops[index], stops[index + 1] ?? stops[index]];
    try {
      const answer = await get(`/api/lines/${mine.id}/along`, { from_m: from.at_m, to_m: from === to ? null : to.at_m });
      if (shown !== mine) return;
      const stop = stops[index];
      const spots = answer.stops.filter(({ lon }) => lon !== null);
      draw([feature(answer.shape, "stretch"), ...spots.map((one) => feature(point(one), one.number === stop.number ? "here" : "stop"))]);
      fit(answer.shape.coordinates);
      fill(mine.said, h("p", {}, h("strong", {}, stop.name), ` · ${length(stop.at_m)}${wayOf(stop)}`), h("p", {}, answer.said[locale]),
        stop.asset_id && h("button", { type: "button", class: "button small", on: { click: () => onOpen(stop.asset_id) } }, _("Open the stop")));
    } catch (problem) {
      tellProblem(problem);
    }
  }

  async function where({ lng: lon, lat }, others = []) {
    const mine = shown;
    const answer = await get(`/api/lines/${mine.id}/where`, { lon, lat });
    if (shown !== mine) return;
    draw(answer.positions.map((one) => feature(point(one), "here")));
    const several = answer.positions.length > 1;
    const rest = others.filter(({ id }) => id !== mine.id);
    fill(mine.said, several ? [h("p", {}, _("The line passes here {count} times:", { count: answer.positions.length })), h("ol", { class: "passages" }, answer.positions.map(({ said }) => h("li", {}, said[locale])))]
      : h("p", {}, answer.said[locale]),
    rest.length > 0 && h("p", { class: "also" }, h("span", {}, _("Also here:")), " ", rest.map((one) => h("button", { type: "button", class: "link", on: { click: () => onOpen(one.id) } }, `${one.kind_title} ${one.name || one.code || one.id}`))));
    mine.said.scrollIntoView({ block: "nearest" });
  }

  function passes({ x, y }) {
    if (!shown?.said.isConnected || !map.getLayer("chosen-asset-line")) return false;
    return map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: ["chosen-asset-line"] }).length > 0;
  }

  function clear() {
    shown = null;
    if (data.features.length) draw();
  }

  function fit(places) {
    const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]));
    map.fitBounds([[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]], { padding: 80, maxZoom: 17, duration: 500 });
  }

  return {
    section, passes, where, clear,
    install(target, theme) {
      map = target;
      const colour = COLOUR[theme] ?? COLOUR.light;
      const part = (name) => ["==", ["get", "part"], name];
      map.addSource("line-answer", { type: "geojson", data });
      map.addLayer({ id: "line-stretch", type: "line", source: "line-answer", filter: part("stretch"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colour, "line-width": 7, "line-opacity": 0.75 } });
      map.addLayer({ id: "line-spots", type: "circle", source: "line-answer", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": ["match", ["get", "part"], "here", 9, 6], "circle-color": ["match", ["get", "part"], "here", colour, "#ffffff"], "circle-stroke-color": ["match", ["get", "part"], "here", "#ffffff", colour], "circle-stroke-width": 3 } });
    },
  };
}

const row = (stop, onChoose) => h("li", {}, h("button", { type: "button", class: "quiet", data: { stop: stop.number }, on: { click: onChoose } },
  h("span", { class: "metres" }, length(stop.at_m)), h("span", {}, stop.name), stop.way && h("small", {}, way(stop))));
const feature = (geometry, part) => ({ type: "Feature", geometry, properties: { part } });
const point = ({ lon, lat }) => ({ type: "Point", coordinates: [lon, lat] });
const way = (stop) => ({ out: _("outward"), back: _("on the way back") })[stop.way] ?? "";
const wayOf = (stop) => (stop.way ? ` · ${way(stop)}` : "");
const length = (metres) => (metres >= 999.5 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres)} m`);
