// Pipes on the map: of a chosen main isolate a burst, of a sewer follow the water; the answer as a card, a drawing and files.
import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _, locale } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { shortText } from "./time.js";

const COLOURS = {
  light: { drained: "#c4320a", dry: "#e2703f", trace: "#1f6fb2", close: "#c4320a", look: "#6b7480", stuck: "#16191d", ink: "#ffffff" },
  dark: { drained: "#ff7a4d", dry: "#ffab86", trace: "#5aa9e6", close: "#ff7a4d", look: "#8b95a1", stuck: "#000000", ink: "#10141a" },
};
const EMPTY = { type: "FeatureCollection", features: [] };
const WATER_KINDS = ["water_main", "flow_meter", "pressure_meter", "valve", "hydrant"];

/** An overlay for createMap().add(); answers are shown in `card`, questions(asset) are asked from the asset's panel. */
export function networkOverlay(card) {
  let map = null;
  let shapes = EMPTY;

  function draw(collection) {
    shapes = collection;
    map?.getSource("network-answer")?.setData(shapes);
  }

  function close() {
    card.hidden = true;
    draw(EMPTY);
  }

  async function ask(path, parameters) {
    card.hidden = false;
    card.dataset.state = "asking";
    fill(card, heading(_("Following the pipes …"), close));
    try {
      const answer = await get(path, parameters);
      answer.said = { ...answer.said, [locale]: answer.said[locale] + (answer.renewing ? ` ${_("Assets have changed since: this is the network of {time}, the next version is being built.", { time: shortText(answer.built_at) })}` : "") };
      draw(answer.shapes);
      show(answer.shapes);
      card.dataset.state = "answered";
      return answer;
    } catch (error) {
      close();
      tellProblem(error);
      return null;
    }
  }

  function show(collection) {
    const places = collection.features.flatMap(({ geometry }) => (geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates.flat(1)));
    if (!places.length) return;
    const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]));
    const least = (values) => values.reduce((a, b) => Math.min(a, b));
    const most = (values) => values.reduce((a, b) => Math.max(a, b));
    map.fitBounds([[least(x), least(y)], [most(x), most(y)]], { padding: { top: 80, bottom: 60, left: 380, right: 60 }, maxZoom: 17, duration: 500 });
  }

  async function isolate(place, stuck = []) {
    const path = "/api/networks/water/isolate";
    const query = addressOf(path, place, { stuck });
    const answer = await ask(query, {});
    if (!answer) return;
    const start = { asset_id: answer.asset_id };
    const stick = (valve) => isolate(start, [...stuck, valve.asset_id]);
    fill(card, heading(_("Isolate this burst"), close),
      h("p", { class: "said", role: "status" }, answer.said[locale]),
      h("dl", { class: "figures" },
        figure(_("Buildings without water"), answer.customers ?? _("unknown")), figure(_("People, estimated"), answer.population ?? _("unknown")),
        figure(_("Mains emptied"), length(answer.drained_m)), figure(_("Cut off besides"), length(answer.dry_m))),
      h("ol", { class: "valves" }, answer.valves.map((valve) => valveRow(valve, { stick, seek }))),
      stuck.length > 0 && h("button", { type: "button", class: "button small", on: { click: () => isolate(start) } }, icon("refresh"), _("All valves turn again")),
      files((format) => addressOf(path, start, { stuck, format })));
  }

  async function follow(kind, place, direction) {
    const path = `/api/networks/${kind}/trace`;
    const answer = await ask(addressOf(path, place, { direction }), {});
    if (!answer) return;
    const start = { asset_id: answer.asset_id };
    fill(card, heading({ up: _("What drains here"), down: _("Where it drains to"), part: _("Connected part") }[direction], close),
      h("p", { class: "said", role: "status" }, answer.said[locale]),
      h("div", { class: "line" }, kind === "sewer" && turns(kind, start, direction)),
      h("ul", { class: "lines" }, answer.list.slice(0, 60).map((line) => h("li", {}, h("span", {}, line.name || line.ref), h("small", {}, [line.diameter_mm && `DN${line.diameter_mm}`, length(line.length_m)].filter(Boolean).join(" · "))))),
      answer.listed > 60 && h("small", {}, _("{count} more in the files below.", { count: answer.listed - 60 })),
      files((format) => addressOf(path, start, { direction, format })));
  }

  function turns(kind, start, direction) {
    const other = direction === "up" ? "down" : "up";
    return h("button", { type: "button", class: "button small", on: { click: () => follow(kind, start, other) } }, icon("route"), other === "up" ? _("Upstream") : _("Downstream"));
  }

  function seek(valve) {
    map.easeTo({ center: [valve.lon, valve.lat], zoom: Math.max(map.getZoom(), 17), duration: 400 });
  }

  /** What can be asked of a pipe, as buttons. */
  function questions({ id, kind }) {
    const start = { asset_id: id };
    const button = (name, label, action) => h("button", { type: "button", class: "button small", on: { click: action } }, icon(name), label);
    const part = (network) => button("route", _("Connected part"), () => follow(network, start, "part"));
    if (kind === "sewer") return [button("route", _("Upstream"), () => follow("sewer", start, "up")), button("route", _("Downstream"), () => follow("sewer", start, "down")), part("sewer")];
    if (kind === "road") return [part("street")];
    return kind === "water_main" ? [button("tool", _("Isolate this burst"), () => isolate(start)), part("water")] : [];
  }

  return {
    isolate, questions, close,
    install(target, theme) {
      const first = !map;
      map = target;
      map.addSource("network-answer", { type: "geojson", data: shapes });
      layersOf(COLOURS[theme] ?? COLOURS.light).forEach((layer) => map.addLayer(layer));
      if (!first) return;
      map.on("mouseenter", "pipe", () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", "pipe", () => (map.getCanvas().style.cursor = ""));
    },
    /** Offer to isolate a case that concerns a main. */
    offer(detail, element) {
      const about = WATER_KINDS.includes(detail.asset?.kind);
      if (!about || detail.lon === null || !element) return;
      element.append(h("button", { type: "button", class: "button small", data: { isolate: detail.id }, on: { click: () => isolate({ lon: detail.lon, lat: detail.lat }) } }, icon("tool"), _("Isolate this burst")));
    },
  };
}

function valveRow(valve, { stick, seek }) {
  const name = valve.name || valve.ref;
  const words = { close: valve.pressed ? _("under pressure") : _("against backflow"), look: _("counts as shut: check"), stuck: _("stuck") };
  return h("li", { data: { do: valve.do } },
    h("span", { class: "number" }, valve.number ?? (valve.do === "stuck" ? "×" : "?")),
    h("button", { type: "button", class: "quiet name", on: { click: () => seek(valve) } }, name, h("small", {}, [valve.diameter_mm && `DN${valve.diameter_mm}`, words[valve.do]].filter(Boolean).join(" · "))),
    valve.do === "close" && h("button", { type: "button", class: "button small", title: _("This valve is stuck"), on: { click: () => stick(valve) } }, _("stuck")));
}

function heading(text, close) {
  return h("header", {}, h("h2", {}, text), h("button", { type: "button", class: "quiet", "aria-label": _("Close"), on: { click: close } }, icon("x")));
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
const length = (metres) => (metres >= 10_000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres)} m`);

/** Links to an answer as CSV and as GeoJSON; address(format) is where it comes from. */
export function files(address) {
  const link = (format) => h("a", { class: "button small", href: address(format), download: "" }, icon("download"), format === "csv" ? "CSV" : "GeoJSON");
  return h("div", { class: "line files" }, link("csv"), link("geojson"));
}

function addressOf(path, place, more) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...place, ...more })) {
    for (const each of [value].flat()) query.append(name, each);
  }
  return `${path}?${query}`;
}

function layersOf(colours) {
  const part = (name) => ["==", ["get", "part"], name];
  const line = (id, colour, width, more = {}) => ({
    id: `network-${id}`, type: "line", source: "network-answer", filter: part(id), layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 11, width / 2, 16, width], ...more },
  });
  const doing = (close, look, stuck) => ["match", ["get", "do"], "close", close, "look", look, stuck];
  return [
    line("dry", colours.dry, 5, { "line-dasharray": [1.2, 1.6] }), line("drained", colours.drained, 6), line("trace", colours.trace, 5, { "line-opacity": 0.85 }), line("path", colours.trace, 5),
    { id: "network-valve", type: "circle", source: "network-answer", filter: part("valve"), paint: { "circle-radius": 11, "circle-color": doing(colours.close, colours.look, colours.stuck), "circle-stroke-color": colours.ink, "circle-stroke-width": 2 } },
    { id: "network-valve-number", type: "symbol", source: "network-answer", filter: part("valve"), layout: { "text-field": ["coalesce", ["to-string", ["get", "number"]], "?"], "text-font": ["Noto Sans Regular"], "text-size": 13, "text-allow-overlap": true }, paint: { "text-color": "#ffffff" } },
  ];
}
