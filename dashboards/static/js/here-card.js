// What is here: a place of the map in words, with grid, areas, what stands there and what of a kind is nearest.
import { Popup } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { get } from "./api.js";
import { registerWords } from "./asset-panel.js";
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { kindName } from "./kinds.js";
import { tellProblem } from "./notify.js";

const LISTED = 8;

/**
 * A right click, or a click after `button`, opens the card of a place; onOpen(id) gets a thing of it. `active` while the next click asks,
 * and until whoever else hears that click has heard it; close() says whether there was anything to close.
 */
export function hereCard({ map, button, onOpen, isFree }) {
  let asking = false;
  let popup = null;

  function listen(wanted) {
    asking = wanted;
    button?.setAttribute("aria-pressed", String(wanted));
    map.getContainer().classList.toggle("picking", wanted);
  }

  async function show({ lng: lon, lat }) {
    popup?.remove();
    const element = h("div", { class: "here" }, h("p", {}, _("Looking …")));
    popup = new Popup({ maxWidth: "320px", closeOnClick: false, className: "here-popup" }).setLngLat([lon, lat]).setDOMContent(element).addTo(map);
    try {
      const [words, at, { kinds }] = await Promise.all([get("/api/gis/describe", { lon, lat }), get("/api/gis/identify", { lon, lat }), registerWords()]);
      const nearest = h("ul", {});
      const kind = h("select", { "aria-label": _("Nearest of a kind"), on: { change: () => kind.value && near(kind.value) } }, h("option", { value: "" }, _("Nearest of a kind …")), kinds.map(({ code, title }) => h("option", { value: code }, title)));
      const near = (code) => get("/api/gis/nearest", { lon, lat, kind: code, reach_m: 2000, k: LISTED }).then((found) => fill(nearest, found.length ? found.map(row) : h("li", {}, _("None within 2 km."))), tellProblem).then(refit);
      fill(element, h("h2", {}, words.text || _("No street or place is near.")),
        h("dl", {}, line(_("Unit grid"), at.grid), line(_("Areas"), at.areas.map(({ name }) => name).join(" · ")), line("WGS 84", `${lat.toFixed(6)}, ${lon.toFixed(6)}`)),
        at.things.length > 0 && h("ul", { "aria-label": _("What stands here") }, at.things.slice(0, LISTED).map(row)), kind, nearest);
      refit();
    } catch (problem) {
      popup.remove();
      tellProblem(problem);
    }
  }

  /** It has grown: the side on which it opens is chosen anew. */
  const refit = () => popup.isOpen() && popup.setLngLat(popup.getLngLat());
  const row = (thing) => h("li", {}, h("button", { type: "button", class: "quiet", on: { click: () => onOpen(thing.id) } },
    h("span", {}, thing.name || thing.code || kindName(thing.kind)), h("small", {}, `${kindName(thing.kind)} · ${Math.round(thing.distance_m)} m`)));

  button?.addEventListener("click", () => listen(!asking));
  map.on("contextmenu", ({ lngLat, originalEvent }) => {
    if (!isFree()) return;
    originalEvent.preventDefault();
    show(lngLat);
  });
  map.on("click", ({ lngLat }) => {
    if (!asking) return;
    setTimeout(() => listen(false), 0); // what else hears this click must know whose it is
    show(lngLat);
  });

  return {
    get active() {
      return asking;
    },
    close() {
      const there = asking || Boolean(popup?.isOpen());
      listen(false);
      popup?.remove();
      return there;
    },
  };
}

const line = (title, text) => text && [h("dt", {}, title), h("dd", {}, text)];
