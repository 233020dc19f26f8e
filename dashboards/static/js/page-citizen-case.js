// One case on the public's map: where it is, as exactly as the public may know.
import { one } from "./dom.js";

async function show() {
  const field = one("#map-field");
  if (!field) return;
  field.hidden = false;
  const [{ createMap }, { Marker }] = await Promise.all([import("./map.js"), import("/static/vendor/maplibre-gl/dist/maplibre-gl.mjs")]);
  const at = [Number(field.dataset.lon), Number(field.dataset.lat)];
  const { map } = createMap(one("#map"));
  map.jumpTo({ center: at, zoom: field.dataset.rounded ? 15 : 16.5 });
  new Marker({ color: "#1b69aa", opacity: field.dataset.rounded ? 0.6 : 1 }).setLngLat(at).addTo(map);
}

show().finally(() => (document.body.dataset.ready = "1"));
