// What the search found, on the map: a road or an area whole, anything else from near, with a pin until the next search.
import { Marker } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";

const PLACES = new Set(["area", "grid", "unit_grid", "place", "address", "crossing", "road"]);

/** Whether a hit of the search is a thing of the register that has a panel. */
export const isAsset = ({ id, kind }) => Boolean(id) && !PLACES.has(kind);

/** show(hit) for a map. */
export function foundPlace(map) {
  const found = new Marker({ color: "#1f6fb2" });
  return ({ lon, lat, extent }) => {
    found.setLngLat([lon, lat]).addTo(map);
    if (extent && (extent[0] < extent[2] || extent[1] < extent[3])) map.fitBounds([extent.slice(0, 2), extent.slice(2)], { padding: 60, maxZoom: 17, duration: 500 });
    else map.easeTo({ center: [lon, lat], zoom: 17, duration: 500 });
  };
}
