// What the routing page shows on the map: grounds of rules, cases of a dry run, the place that is asked about; and drawing.
import { Marker } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { drawOverlay } from "../map-draw.js";
import { createMap } from "../map.js";

const EMPTY = { type: "FeatureCollection", features: [] };

/**
 * {map, grounds(rules, chosen), cases(points), pin(place), drawZone(then), pickTwo(then), onPlace(action), stop(), seek(geometry)}.
 * Places are {lon, lat} in WGS 84; `cases` are {lon, lat, id}; clicks belong to a drawing while it lasts.
 */
export function groundMap(container) {
  const { map, add } = createMap(container);
  const drawing = drawOverlay();
  const marker = new Marker({ color: "#1f6fb2" });
  let rules = EMPTY;
  let points = EMPTY;
  let place = null;
  let two = null;

  add(drawing);
  add({
    install(target, theme) {
      const [ink, spot] = theme === "dark" ? ["#bba3f0", "#ff8f6b"] : ["#6448a0", "#c4320a"];
      target.addSource("rule-grounds", { type: "geojson", data: rules });
      target.addLayer({ id: "rule-ground", type: "fill", source: "rule-grounds", paint: { "fill-color": ink, "fill-opacity": ["case", ["get", "chosen"], 0.35, 0.12] } });
      target.addLayer({ id: "rule-line", type: "line", source: "rule-grounds", paint: { "line-color": ink, "line-width": ["case", ["get", "chosen"], 3, 1.2] } });
      target.addLayer({ id: "rule-number", type: "symbol", source: "rule-grounds", layout: { "text-field": ["get", "label"], "text-font": ["Noto Sans Regular"], "text-size": 13 }, paint: { "text-color": ink, "text-halo-color": theme === "dark" ? "#12161b" : "#ffffff", "text-halo-width": 1.5 } });
      target.addSource("moved-cases", { type: "geojson", data: points });
      target.addLayer({ id: "moved-case", type: "circle", source: "moved-cases", paint: { "circle-radius": 5, "circle-color": spot, "circle-opacity": 0.75, "circle-stroke-width": 1, "circle-stroke-color": theme === "dark" ? "#10141a" : "#ffffff" } });
    },
  });
  map.on("click", ({ lngLat }) => {
    const here = { lon: lngLat.lng, lat: lngLat.lat };
    if (two) {
      two.ends.push(here);
      pin(here);
      if (two.ends.length === 2) {
        const { ends, then } = two;
        two = null;
        map.getContainer().classList.remove("picking");
        then(...ends);
      }
    } else if (!drawing.active) place?.(here);
  });

  const show = (source, data) => map.getSource(source)?.setData(data);
  function pin(where) {
    if (where) marker.setLngLat([where.lon, where.lat]).addTo(map);
    else marker.remove();
  }
  return {
    map,
    pin,
    grounds(all, chosen = null) {
      rules = { type: "FeatureCollection", features: all.filter(({ ground }) => ground).map((rule) => ({ type: "Feature", geometry: rule.ground, properties: { label: String(rule.number), chosen: rule.number === chosen } })) };
      show("rule-grounds", rules);
    },
    cases(all) {
      points = { type: "FeatureCollection", features: all.filter(({ lon }) => lon !== null).map(({ id, lon, lat }) => ({ type: "Feature", properties: { id }, geometry: { type: "Point", coordinates: [lon, lat] } })) };
      show("moved-cases", points);
      if (points.features.length) fit(points.features.map(({ geometry }) => geometry.coordinates));
    },
    drawZone: (then) => drawing.start("polygon", ({ shape }) => then(shape)),
    showZone: (shape) => drawing.show(shape),
    pickTwo(then) {
      two = { ends: [], then };
      map.getContainer().classList.add("picking");
    },
    onPlace: (action) => (place = action),
    stop() {
      drawing.stop();
      drawing.show(null);
      two = null;
      place = null;
      pin(null);
    },
    seek: (geometry) => geometry && fit(geometry.coordinates.flat(2)),
  };

  function fit(places) {
    const reach = (axis, pick) => places.reduce((best, each) => pick(best, each[axis]), places[0][axis]);
    map.fitBounds([[reach(0, Math.min), reach(1, Math.min)], [reach(0, Math.max), reach(1, Math.max)]], { padding: 70, maxZoom: 16.5, duration: 400 });
  }
}
