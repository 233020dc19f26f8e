// The map of a mapping: candidate systems each in a colour, or the rows as they would lie; refused ones red.
import { createMap } from "./map.js";
import { COLOURS, firstPlace, letterOf } from "./mapping-place.js";

const ROWS = "mapping-rows";
const BROAD = ["min", ["get", "candidate"], 5];
/** Readings that nearly fall together stay apart to the eye: each lies under the one before it and is broader, so that its rim shows. */
const RIM = { point: [["+", 4, ["*", 2, BROAD]], ["+", 6, ["*", 3, BROAD]]], line: [["+", 1.5, ["*", 1.5, BROAD]], ["+", 4, ["*", 2.5, BROAD]]] };
/** Where the letter of a reading stands beside its first shape, in ems: no two letters of the first eight at one place. */
const AROUND = [[0, -1.5], [1.7, 0], [0, 1.5], [-1.7, 0], [1.4, -1.2], [1.4, 1.2], [-1.4, 1.2], [-1.4, -1.2]];
const EMPTY = { type: "FeatureCollection", features: [] };

/** Draw in `container`. Returns {candidates(list), rows(features), show("systems" | "rows"), goTo(row)}. */
export function groundMap(container, { onChooseSystem, onChooseRow }) {
  const ground = createMap(container);
  const { map } = ground;
  let data = EMPTY;
  let letters = EMPTY;
  let rows = EMPTY;
  let shown = "systems";
  ground.add({
    install() {
      map.addSource("mapping-systems", { type: "geojson", data });
      map.addSource(ROWS, { type: "geojson", data: rows });
      const colour = ["match", ["get", "candidate"], ...COLOURS.flatMap((value, number) => [number, value]), "#6b7480"];
      layers("systems", "mapping-systems", colour, RIM, ["-", ["get", "candidate"]]);
      map.addSource("mapping-letters", { type: "geojson", data: letters });
      map.addLayer({
        id: "systems-letter", type: "symbol", source: "mapping-letters",
        layout: { "text-field": ["get", "letter"], "text-font": ["Noto Sans Regular"], "text-size": 15, "text-allow-overlap": true, "text-ignore-placement": true, "text-offset": ["get", "offset"] },
        paint: { "text-color": colour, "text-halo-color": "#ffffff", "text-halo-width": 2.5 },
      });
      layers("rows", ROWS, ["case", ["get", "taken"], "#1a7a56", "#c4320a"], { point: [3, 6], line: [1.5, 4] });
      map.addLayer({ id: "rows-chosen", type: "circle", source: ROWS, filter: ["==", ["get", "row"], -1], paint: { "circle-color": "transparent", "circle-radius": 12, "circle-stroke-color": "#1b69aa", "circle-stroke-width": 3 } });
      apply();
    },
  });

  function layers(name, source, colour, rim, order = 0) {
    const wide = (sizes) => ["interpolate", ["linear"], ["zoom"], 10, sizes[0], 16, sizes[1]];
    map.addLayer({ id: `${name}-fill`, type: "fill", source, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.25 } });
    map.addLayer({ id: `${name}-line`, type: "line", source, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour, "line-width": wide(rim.line) }, layout: { "line-sort-key": order } });
    map.addLayer({
      id: `${name}-point`, type: "circle", source, filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": colour, "circle-radius": wide(rim.point), "circle-stroke-color": "#ffffff", "circle-stroke-width": 1 },
      layout: { "circle-sort-key": order },
    });
  }

  function apply() {
    for (const name of ["systems", "rows"]) {
      for (const kind of ["fill", "line", "point", "letter"]) if (map.getLayer(`${name}-${kind}`)) map.setLayoutProperty(`${name}-${kind}`, "visibility", name === shown ? "visible" : "none");
    }
  }

  map.on("click", ({ point }) => {
    const around = [[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]];
    const [hit] = map.queryRenderedFeatures(around, { layers: ["point", "line", "fill"].map((kind) => `${shown}-${kind}`).filter((id) => map.getLayer(id)) });
    if (hit && shown === "systems") onChooseSystem(hit.properties.candidate);
    else if (hit) onChooseRow(hit.properties.row);
  });
  for (const id of ["systems-point", "rows-point", "systems-line", "rows-line"]) {
    map.on("mouseenter", id, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", id, () => (map.getCanvas().style.cursor = ""));
  }

  return {
    candidates(found) {
      data = { type: "FeatureCollection", features: found.flatMap((one, number) => one.features.features.map((feature) => ({ ...feature, properties: { candidate: number } }))) };
      map.getSource("mapping-systems")?.setData(data);
      letters = { type: "FeatureCollection", features: found.flatMap((one, number) => letter(one, number)) };
      map.getSource("mapping-letters")?.setData(letters);
      const inside = found.filter((one, number) => one.inside || number === 0).flatMap((one) => one.features.features);
      fit(inside.length ? inside : data.features);
    },
    /** One reading alone in full colour, while the pointer or the keyboard is on it in the list; null: all of them. */
    emphasise(number) {
      const only = (value, faint) => (number === null ? value : ["case", ["==", ["get", "candidate"], number], value, faint]);
      for (const [id, name, value, faint] of [["fill", "fill-opacity", 0.25, 0.03], ["line", "line-opacity", 1, 0.12], ["point", "circle-opacity", 1, 0.12], ["point", "circle-stroke-opacity", 1, 0.12], ["letter", "text-opacity", 1, 0.15]]) {
        if (map.getLayer(`systems-${id}`)) map.setPaintProperty(`systems-${id}`, name, only(value, faint));
      }
    },
    rows(features) {
      rows = features;
      map.getSource(ROWS)?.setData(rows);
    },
    show(what) {
      shown = what;
      apply();
      if (what === "rows") fit(rows.features);
    },
    goTo(row) {
      if (map.getLayer("rows-chosen")) map.setFilter("rows-chosen", ["==", ["get", "row"], row.row]);
      if (row.lon !== null) map.easeTo({ center: [row.lon, row.lat], zoom: Math.max(map.getZoom(), 15) });
    },
  };

  function letter({ features }, number) {
    const [first] = features.features;
    const at = firstPlace(first?.geometry?.coordinates);
    return at ? [{ type: "Feature", properties: { candidate: number, letter: letterOf(number), offset: AROUND[number % AROUND.length] }, geometry: { type: "Point", coordinates: at } }] : [];
  }

  function fit(features) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const take = (part) => {
      if (typeof part[0] !== "number") return part.forEach(take);
      [box[0], box[1], box[2], box[3]] = [Math.min(box[0], part[0]), Math.min(box[1], part[1]), Math.max(box[2], part[0]), Math.max(box[3], part[1])];
    };
    features.forEach(({ geometry }) => geometry?.coordinates && take(geometry.coordinates));
    if (Number.isFinite(box[0])) map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: 40, maxZoom: 16, animate: false });
  }
}
