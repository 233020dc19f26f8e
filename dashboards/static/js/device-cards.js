// The card of one device beside its mark; it follows what the device says, never older than the map around it.
import { Popup } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { deviceCard } from "./map-devices.js";

/** `now(id)` gives a device's feature as it is, `onOpen(id)` opens its asset. Returns {show(properties, point), refresh(news)}. */
export function deviceCards({ map, now, onOpen }) {
  let card = null;

  function show(properties, point) {
    const open = () => onOpen(properties.id);
    const popup = new Popup({ closeButton: true, maxWidth: "280px", offset: 10 }).setLngLat(point).setDOMContent(deviceCard(properties, open)).addTo(map);
    card = { id: properties.id, popup, open };
    popup.on("close", () => (card = card?.popup === popup ? null : card));
  }

  function refresh({ features = [] }) {
    const feature = card && features.some(({ id }) => id === card.id) && now(card.id);
    if (feature) card.popup.setLngLat(feature.geometry.coordinates).setDOMContent(deviceCard(feature.properties, card.open));
  }

  return { show, refresh };
}
