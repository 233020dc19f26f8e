// The place of an asset in a form: what has been drawn, in words; for a point its coordinates can be typed.
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";
import { areaText, lengthText } from "./drawing-strip.js";
import { Shape } from "./geometry.js";

/** {name: "geometry", element, geometry(), giveWay(), resume(), complain(words)}; geometry() is null where nothing differs. */
export function shapeField(asset, editor, { start = false } = {}) {
  const isPoint = asset.geometry.type === "Point";
  let base = asset.geometry;
  let drawn = null;
  const words = h("span", { class: "measure", role: "status" });
  const typed = !isPoint ? null : coordinatesInput((place) => {
    drawn = place;
    editor.reshape(base, { except: asset.id, onChange });
    editor.put(place);
  });
  const button = h("button", { type: "button", class: "button small", data: { action: "reshape" }, on: { click: begin } }, isPoint ? _("Move on the map") : _("Reshape on the map"));
  const wrong = h("small", { class: "wrong", role: "alert" });
  const element = h("div", { class: "field", data: { field: "geometry" } }, h("span", { class: "label" }, _("Position")), h("div", { class: "line" }, words, button), typed?.element, wrong);

  function onChange(geometry) {
    drawn = geometry;
    wrong.textContent = geometry ? "" : _("The shape is not whole yet.");
    say();
  }
  function begin() {
    button.hidden = true;
    editor.reshape(base, { except: asset.id, onChange });
  }
  function say() {
    const now = Shape.of(drawn ?? base);
    const moved = drawn ? now.awayFrom(Shape.of(base)) : 0;
    const size = isPoint ? null : now.isClosed ? areaText(now.area) : lengthText(now.length);
    fill(words, [size, moved > 0 ? _("moved by {metres}", { metres: lengthText(moved) }) : !drawn && isPoint ? null : _("not moved")].filter(Boolean).join(" · "));
    typed?.show(now);
  }
  say();
  if (start) begin();
  return {
    name: "geometry", element, control: button,
    geometry: () => (drawn && JSON.stringify(drawn) !== JSON.stringify(base) ? drawn : null),
    complain: (text) => (wrong.textContent = text),
    giveWay(theirs) {
      base = theirs;
      drawn = null;
      say();
    },
    resume() {
      const mine = drawn;
      editor.reshape(base, { except: asset.id, onChange });
      if (mine) editor.put(mine);
    },
  };
}

/** Latitude and longitude as text: for surveyors with a list of coordinates, and for whoever uses no mouse. */
export function coordinatesInput(take) {
  const input = h("input", { type: "text", name: "coordinates", inputmode: "decimal", "aria-label": _("Latitude, longitude"), placeholder: _("latitude, longitude"), on: { change: read } });
  const wrong = h("small", { class: "wrong", role: "alert" });
  function read() {
    const [lat, lon] = input.value.split(/[,，\s]+/).filter(Boolean).map(Number);
    const good = Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
    wrong.textContent = good ? "" : _("Write latitude and longitude in degrees, such as 38.408000, 115.600000.");
    if (good) take({ type: "Point", coordinates: [lon, lat] });
  }
  return { element: h("div", {}, input, wrong), show: (shape) => (input.value = shape.count ? `${shape.lines[0][0][1].toFixed(7)}, ${shape.lines[0][0][0].toFixed(7)}` : "") };
}
