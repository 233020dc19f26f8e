// From here to there along the streets: length, time and turns; and what stands along a road between two addresses.
import { get } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { drawerOf } from "./drawer.js";
import { _, locale } from "./i18n.js";
import { kindName } from "./kinds.js";
import { files } from "./map-networks.js";
import { searchBox } from "./search-box.js";

const TURNS = {
  start: ["•", _("Begin")], straight: ["↑", _("straight on")], slight_left: ["↖", _("slightly left")], left: ["←", _("left")], sharp_left: ["↙", _("sharp left")],
  slight_right: ["↗", _("slightly right")], right: ["→", _("right")], sharp_right: ["↘", _("sharp right")], back: ["↩", _("turn round")],
};
const COLOUR = { light: "#1f6fb2", dark: "#5aa9e6" };
const EMPTY = { type: "FeatureCollection", features: [] };
const LISTED = 200;

/** The drawer with its button and its overlay for createMap().add(); `active` while the next click is a place of it. */
export function waysDrawer({ onShow, makeRoom }) {
  const panel = waysPanel({ onShow });
  one("#ways-place").append(panel.element);
  const drawer = drawerOf("ways", panel, makeRoom);
  return Object.defineProperties({ overlay: panel.overlay, ...drawer }, { active: { get: () => panel.active }, isOpen: { get: () => drawer.isOpen } });
}

/** {element, overlay, focus(), clear(), active}; onShow gets a place to look at. */
function waysPanel({ onShow }) {
  let map = null;
  let picking = null;
  let drawn = EMPTY;
  const ends = { from: end(_("From")), to: end(_("To")) };
  const result = h("div", { class: "count", role: "status" });
  const element = h("form", { class: "count", on: { submit: (event) => (event.preventDefault(), route()) } },
    h("p", { class: "hint" }, _("Type a street, an address or a crossing, or take a place from the map.")),
    Object.values(ends).map(({ row }) => row),
    h("div", { class: "modes" },
      h("button", { class: "button primary small" }, icon("route"), _("Way")),
      h("button", { type: "button", class: "button small", on: { click: turnRound } }, icon("refresh"), _("Way back")),
      h("button", { type: "button", class: "button small", on: { click: along } }, icon("list-check"), _("What stands along it"))),
    result);

  function end(label) {
    const input = h("input", { type: "search", id: `way-${crypto.randomUUID()}`, placeholder: label, "aria-label": label, maxlength: 100 });
    const pick = h("button", { type: "button", class: "button small", title: _("Take it from the map"), "aria-label": `${label}: ${_("Take it from the map")}`, "aria-pressed": "false" }, icon("map-pin"));
    const made = { input, pick, place: null, row: h("div", { class: "line way-end" }, h("div", { class: "field" }, input), pick) };
    input.after(searchBox(input, { onChoose: (hit) => take(made, hit, hit.name), near: () => map.getCenter() }));
    input.addEventListener("input", () => (made.place = null));
    pick.addEventListener("click", () => listen(picking === made ? null : made));
    return made;
  }
  function listen(made) {
    picking = made;
    for (const { pick } of Object.values(ends)) pick.setAttribute("aria-pressed", String(picking?.pick === pick));
    map?.getContainer().classList.toggle("picking", Boolean(picking));
  }
  function take(made, { lon, lat }, words) {
    made.place = { lon, lat };
    made.input.value = words;
    draw();
  }
  function click({ lngLat }) {
    if (!picking) return;
    const made = picking;
    setTimeout(() => listen(null), 0); // what else hears this click must know whose it is
    take(made, { lon: lngLat.lng, lat: lngLat.lat }, `${lngLat.lat.toFixed(5)}, ${lngLat.lng.toFixed(5)}`);
    if (ends.from.place && ends.to.place) route();
  }
  function turnRound() {
    const [from, to] = [ends.from, ends.to].map(({ place, input }) => ({ place, words: input.value }));
    for (const [made, { place, words }] of [[ends.from, to], [ends.to, from]]) [made.place, made.input.value] = [place, words];
    route();
  }

  /** What was typed and not chosen from the list means its first hit. */
  async function placed() {
    for (const made of Object.values(ends)) {
      const words = made.input.value.trim();
      if (made.place || !words) continue;
      const hit = (await get("/api/search", { q: words })).find(({ lon, precision }) => lon !== null && precision !== "apart");
      if (hit) take(made, hit, hit.name);
    }
    const missing = Object.values(ends).find(({ place }) => !place);
    if (!missing) return true;
    fill(result, h("p", { class: "empty" }, _("Two places are needed: choose both from the list or on the map.")));
    missing.input.focus();
    return false;
  }

  async function route() {
    try {
      if (!(await placed())) return;
      const [{ place: a }, { place: b }] = [ends.from, ends.to];
      const asked = { from_lon: a.lon, from_lat: a.lat, to_lon: b.lon, to_lat: b.lat };
      const answer = await get("/api/networks/street/path", asked);
      draw(answer.shapes);
      fit(answer.shapes);
      fill(result,
        h("p", { class: "said" }, h("strong", {}, length(answer.length_m)), " · ", _("about {minutes} min", { minutes: Math.max(1, Math.round(answer.seconds / 60)) })),
        h("p", { class: "hint" }, _("The shortest way; time by the class of the streets, without traffic, lights and one-way streets.")),
        h("ol", { class: "turns" }, answer.steps.map((step) => h("li", {}, h("button", { type: "button", class: "quiet", on: { click: () => onShow(step) } },
          h("span", { class: "turn", "aria-hidden": "true" }, TURNS[step.turn][0]), h("span", {}, `${TURNS[step.turn][1]} · ${nameOf(step)}`), h("small", {}, length(step.length_m)))))),
        files((format) => `/api/networks/street/path?${new URLSearchParams({ ...asked, format })}`));
    } catch (problem) {
      refuse(problem);
    }
  }

  async function along() {
    const [from, to] = Object.values(ends).map(({ input }) => input.value.trim());
    if (!from || !to) return fill(result, h("p", { class: "empty" }, _("Give two house numbers or crossings of the same road.")));
    try {
      const answer = await get("/api/gis/along", { from, to });
      const stretch = { features: [{ type: "Feature", properties: {}, geometry: answer.shape }] };
      draw(stretch);
      fit(stretch);
      fill(result, h("p", { class: "said" }, h("strong", {}, length(answer.length_m)), " · ", _("{count} things along {road}", { count: answer.things.length, road: answer.road })),
        h("ol", { class: "turns" }, answer.things.slice(0, LISTED).map((thing) => h("li", {}, h("button", { type: "button", class: "quiet", on: { click: () => onShow(thing) } },
          h("span", { class: "turn" }, `${Math.round(thing.along_m)} m`), h("span", {}, thing.name || thing.code || kindName(thing.kind)), h("small", {}, kindName(thing.kind)))))),
        answer.things.length > LISTED && h("small", {}, _("{shown} of {total} shown", { shown: LISTED, total: answer.things.length })),
        files((format) => `/api/gis/along?${new URLSearchParams({ from, to, format })}`));
    } catch (problem) {
      refuse(problem);
    }
  }

  /** Why there is no answer stands where the answer would; the first place gets the focus. */
  function refuse({ message, nextStep }) {
    draw();
    fill(result, h("p", { class: "error", role: "alert" }, [message, nextStep].filter(Boolean).join(" ")));
    ends.from.input.focus();
  }

  function draw(shapes = EMPTY) {
    const points = Object.values(ends).filter(({ place }) => place).map(({ place }) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [place.lon, place.lat] } }));
    drawn = { type: "FeatureCollection", features: [...shapes.features, ...points] };
    map?.getSource("way")?.setData(drawn);
  }
  function fit({ features }) {
    const places = features.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "MultiLineString" ? 1 : 0));
    const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]).sort((a, b) => a - b));
    if (places.length) map.fitBounds([[x[0], y[0]], [x.at(-1), y.at(-1)]], { padding: 60, maxZoom: 17, duration: 500 });
  }

  return {
    element,
    get active() {
      return Boolean(picking);
    },
    focus: () => ends.from.input.focus(),
    clear() {
      listen(null);
      for (const made of Object.values(ends)) [made.place, made.input.value] = [null, ""];
      fill(result);
      draw();
    },
    overlay: {
      install(target, theme) {
        const first = !map;
        map = target;
        const colour = COLOUR[theme] ?? COLOUR.light;
        map.addSource("way", { type: "geojson", data: drawn });
        map.addLayer({ id: "way-line", type: "line", source: "way", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colour, "line-width": 6, "line-opacity": 0.85 } });
        map.addLayer({ id: "way-end", type: "circle", source: "way", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 8, "circle-color": colour, "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } });
        if (first) map.on("click", click);
      },
    },
  };
}

const nameOf = ({ name, name_en }) => (locale === "en" && name_en) || name || _("a street without a name");
const length = (metres) => (metres >= 1000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres)} m`);
