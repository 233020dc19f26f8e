// Where the phone is. A browser's geolocation is WGS 84; the server is told so and never has to guess.
import { _ } from "./i18n.js";

/** {lon, lat, system: "wgs84", accuracy_m}; rejects with an Error whose message names the next step. */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error(_("This device does not tell its position. Choose the place on the map.")));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, system: "wgs84", accuracy_m: Math.round(coords.accuracy) }),
      (error) => reject(new Error(words(error.code))),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 },
    );
  });
}

function words(code) {
  if (code === 1) return _("The browser may not use the position. Allow it in the settings, or choose the place on the map.");
  return _("The position could not be found. Step into the open and try again, or choose the place on the map.");
}

/** Metres between two points in degrees (sphere; good to 0.5 %). */
export function metresBetween(a, b) {
  const radians = Math.PI / 180;
  const x = (b.lon - a.lon) * radians * Math.cos(((a.lat + b.lat) / 2) * radians);
  const y = (b.lat - a.lat) * radians;
  return Math.hypot(x, y) * 6_371_000;
}

/** "35 m", "1.2 km". */
export function distanceText(metres) {
  return metres < 1000 ? _("{metres} m", { metres: Math.round(metres) }) : _("{kilometres} km", { kilometres: (metres / 1000).toFixed(1) });
}
