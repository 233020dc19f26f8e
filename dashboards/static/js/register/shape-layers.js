// How a shape in the making looks on the map: what was before beneath it, its points as handles, what it holds on to.
const EMPTY = { type: "FeatureCollection", features: [] };
const COLOURS = {
  light: { shape: "#b3007a", before: "#59636e", theirs: "#c4320a", halo: "#ffffff" },
  dark: { shape: "#ff7ad1", before: "#a8b3bf", theirs: "#ff9a70", halo: "#10141a" },
};

/** Source and layers of the editor; again after each change of colours. */
export function installShapes(map, theme) {
  if (map.getSource("edited")) return;
  const colours = COLOURS[theme] ?? COLOURS.light;
  const part = (...names) => ["in", ["get", "part"], ["literal", names]];
  const of = (type, names) => ["all", part(...names), ["==", ["geometry-type"], type]];
  const colour = ["match", ["get", "part"], "before", colours.before, "theirs", colours.theirs, colours.shape];
  map.addSource("edited", { type: "geojson", data: EMPTY });
  const line = (id, names, paint) => map.addLayer({ id, type: "line", source: "edited", filter: ["all", part(...names), ["!=", ["geometry-type"], "Point"]], layout: { "line-cap": "round", "line-join": "round" }, paint });
  map.addLayer({ id: "edited-ground", type: "fill", source: "edited", filter: of("Polygon", ["shape", "theirs"]), paint: { "fill-color": colour, "fill-opacity": 0.15 } });
  line("edited-before", ["before"], { "line-color": colours.before, "line-width": 4, "line-dasharray": [2, 1.5], "line-opacity": 0.9 });
  line("edited-theirs", ["theirs"], { "line-color": colours.theirs, "line-width": 4 });
  line("edited-halo", ["shape"], { "line-color": colours.halo, "line-width": 6, "line-opacity": 0.8 });
  line("edited-line", ["shape"], { "line-color": colours.shape, "line-width": 3 });
  line("edited-open", ["open"], { "line-color": colours.shape, "line-width": 2, "line-dasharray": [2, 2] });
  const dot = (id, name, paint) => map.addLayer({ id, type: "circle", source: "edited", filter: of("Point", [name]), paint });
  dot("edited-before-point", "before", { "circle-radius": 8, "circle-color": "transparent", "circle-stroke-color": colours.before, "circle-stroke-width": 3 });
  dot("edited-theirs-point", "theirs", { "circle-radius": 8, "circle-color": colours.theirs, "circle-stroke-color": colours.halo, "circle-stroke-width": 2 });
  dot("edited-shape-point", "shape", { "circle-radius": 8, "circle-color": colours.shape, "circle-stroke-color": colours.halo, "circle-stroke-width": 2 });
  dot("edited-middle", "middle", { "circle-radius": 4, "circle-color": colours.halo, "circle-opacity": 0.9, "circle-stroke-color": colours.shape, "circle-stroke-width": 1.5 });
  dot("edited-vertex", "vertex", { "circle-radius": ["case", ["get", "chosen"], 8, 6], "circle-color": ["case", ["get", "chosen"], colours.shape, colours.halo], "circle-stroke-color": colours.shape, "circle-stroke-width": 2.5 });
  dot("edited-held", "held", { "circle-radius": 12, "circle-color": "transparent", "circle-stroke-color": colours.shape, "circle-stroke-width": 3 });
}

/** Draw {before, theirs, shape, open: GeoJSON, held: [lon, lat], vertices, middles: places, chosen: index}. */
export function drawShapes(map, { before, theirs, shape, open, held, vertices = [], middles = [], chosen = -1 }) {
  const feature = (part, geometry, more = {}) => ({ type: "Feature", geometry, properties: { part, ...more } });
  const point = (coordinates) => ({ type: "Point", coordinates });
  const features = [
    ...Object.entries({ before, theirs, shape, open }).filter(([, geometry]) => geometry).map(([part, geometry]) => feature(part, geometry)),
    ...middles.map((place) => feature("middle", point(place))),
    ...vertices.map((place, at) => feature("vertex", point(place), { chosen: at === chosen })),
    ...(held ? [feature("held", point(held))] : []),
  ];
  map.getSource("edited")?.setData({ type: "FeatureCollection", features });
}
