// Draw a circle or a polygon on the map: a click for the middle and one for the rim; or clicks for the corners, the last one twice.
import { METRES_PER_DEGREE, metres, wide } from "./register/geometry.js";

const CORNERS = 64;

/**
 * An overlay for createMap().add(). start("circle" | "polygon", onDrawn) takes the next clicks; onDrawn gets {lon, lat, radius_m} or
 * {shape: GeoJSON}; show(shape) draws what was counted; stop() gives up; `active` while clicks belong to the drawing.
 */
export function drawOverlay() {
  let map = null;
  let mode = null;
  let done = null;
  let points = [];
  let shown = null;

  function start(wanted, onDrawn) {
    [mode, done, points, shown] = [wanted, onDrawn, [], null];
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("drawing");
    draw();
  }
  function stop() {
    if (!mode) return;
    mode = null;
    points = [];
    map.getContainer().classList.remove("drawing");
    setTimeout(() => map.doubleClickZoom.enable(), 0); // the click that ended it must not zoom
    draw();
  }
  function click({ lngLat }) {
    if (!mode) return;
    const point = [lngLat.lng, lngLat.lat];
    const last = points.at(-1);
    if (mode === "polygon" && last && near(last, point)) return points.length > 2 ? finish({ shape: polygon(points) }) : undefined;
    points.push(point);
    if (mode === "circle" && points.length === 2) {
      const [[lon, lat]] = points;
      const radius = Math.max(1, Math.round(metres(...points)));
      return finish({ lon, lat, radius_m: radius }, polygon(ring(points[0], radius)));
    }
    draw();
  }
  function finish(drawn, shape = drawn.shape) {
    const then = done;
    stop();
    shown = shape;
    draw();
    then(drawn);
  }
  const near = (a, b) => Math.hypot(...["x", "y"].map((axis) => map.project(a)[axis] - map.project(b)[axis])) < 6;

  function draw(pointer = null) {
    const features = [];
    if (shown) features.push(shape(shown));
    const open = pointer && mode ? [...points, pointer] : points;
    if (mode === "circle" && open.length === 2) features.push(shape(polygon(ring(open[0], metres(...open)))));
    if (mode === "polygon" && open.length > 2) features.push(shape(polygon(open)));
    if (mode === "polygon" && open.length === 2) features.push(shape({ type: "LineString", coordinates: open }));
    for (const point of points) features.push(shape({ type: "Point", coordinates: point }));
    map.getSource("drawn")?.setData({ type: "FeatureCollection", features });
  }

  return {
    start, stop,
    get active() {
      return mode !== null;
    },
    show(geometry) {
      shown = geometry;
      draw();
    },
    install(target) {
      if (!map) {
        target.on("click", click);
        target.on("mousemove", ({ lngLat }) => mode && points.length && draw([lngLat.lng, lngLat.lat]));
      }
      map = target;
      if (map.getSource("drawn")) return;
      map.addSource("drawn", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      map.addLayer({ id: "drawn-ground", type: "fill", source: "drawn", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#1f6fb2", "fill-opacity": 0.12 } });
      map.addLayer({ id: "drawn-line", type: "line", source: "drawn", paint: { "line-color": "#1f6fb2", "line-width": 2, "line-dasharray": [3, 2] } });
      map.addLayer({ id: "drawn-corner", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 4, "circle-color": "#1f6fb2" } });
      draw();
    },
  };
}

const shape = (geometry) => ({ type: "Feature", properties: {}, geometry });
const polygon = (corners) => ({ type: "Polygon", coordinates: [[...corners, corners[0]]] });

/** Corners of a circle; only to be seen, the database measures. */
function ring([lon, lat], radius) {
  return Array.from({ length: CORNERS }, (_unused, at) => {
    const angle = (2 * Math.PI * at) / CORNERS;
    return [lon + (radius * Math.sin(angle)) / wide(lat), lat + (radius * Math.cos(angle)) / METRES_PER_DEGREE];
  });
}
