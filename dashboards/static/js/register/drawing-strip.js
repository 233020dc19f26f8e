// The strip above the map while somebody draws: what has come so far in metres, what the point holds on to, and the next steps as buttons.
import { fill, h, icon } from "../dom.js";
import { _ } from "../i18n.js";
import { kindName } from "../kinds.js";

/** {element, show({mode, shape, original, pointer, held, chosen, canUndo}), hide()}; `act` holds undo, finish, removePoint, restore. */
export function drawingStrip(act) {
  const said = h("strong", { class: "measure" });
  const holds = h("span", { class: "holds" });
  const spoken = h("span", { class: "visually-hidden", role: "status" });
  const button = (name, symbol, label) => h("button", { type: "button", class: "button small", data: { draw: name }, on: { click: act[name] } }, icon(symbol), label);
  const buttons = {
    undo: button("undo", "arrow-back-up", _("Undo")), removePoint: button("removePoint", "x", _("Remove this point")),
    restore: button("restore", "history", _("As before")), finish: button("finish", "check", _("Finish drawing")),
  };
  const hint = h("small", {});
  const element = h("div", { class: "drawing-strip", role: "group", "aria-label": _("Drawing"), hidden: true }, h("div", { class: "line" }, said, holds), h("div", { class: "line" }, Object.values(buttons), spoken), hint);

  function show(state) {
    element.hidden = false;
    const { mode, shape, held, chosen, canUndo } = state;
    said.textContent = measured(state);
    holds.textContent = held ? _("held at {name}", { name: [kindName(held.kind), held.name].filter(Boolean).join(" ") }) : "";
    buttons.undo.disabled = !canUndo;
    buttons.finish.hidden = mode !== "draw" || shape.type === "Point";
    buttons.finish.disabled = !shape.isComplete;
    buttons.removePoint.hidden = mode === "draw" || shape.type === "Point";
    buttons.removePoint.disabled = !chosen || !shape.canRemove(chosen);
    buttons.restore.hidden = !state.original;
    fill(hint, hints(mode, shape));
  }
  return {
    element, show,
    speak: (state) => (spoken.textContent = [_("{count} corners", { count: state.shape.count }), measured(state)].join(", ")),
    hide: () => (element.hidden = true),
  };
}

function hints(mode, shape) {
  if (mode !== "draw") return shape.type === "Point" ? _("Drag the point, or click where it belongs. Alt: do not snap.") : _("Drag a point; drag a small one to add; right click or Delete removes. Alt: do not snap.");
  if (shape.type === "Point") return _("Click on the map, or move the map with the arrow keys and press the space bar.");
  return _("Click point by point; Backspace takes the last away; double click or Enter ends. Alt: do not snap.");
}

function measured({ mode, shape, original, pointer }) {
  if (!shape.count && !pointer) return _("Nothing drawn yet");
  if (original && mode !== "draw") return compared(shape, original);
  if (shape.type === "Point") {
    const [lon, lat] = shape.lines[0][0] ?? pointer;
    return `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
  }
  const sketch = shape.copy();
  const before = sketch.length;
  if (pointer && mode === "draw") sketch.add(pointer);
  if (shape.isClosed && sketch.lines[0].length > 2) return _("{area}, {length} around", { area: areaText(sketch.area), length: lengthText(sketch.length) });
  const last = pointer && mode === "draw" && shape.count ? sketch.length - before : 0;
  return last ? _("{length}, the last side {last}", { length: lengthText(sketch.length), last: lengthText(last) }) : lengthText(sketch.length);
}

/** How far it has moved and how its size has changed. */
function compared(shape, original) {
  const moved = shape.awayFrom(original);
  const size = shape.isClosed ? [areaText(original.area), areaText(shape.area)] : shape.type === "Point" ? null : [lengthText(original.length), lengthText(shape.length)];
  const words = shape.type === "Point" ? _("moved {metres}", { metres: lengthText(moved) }) : _("moved by up to {metres}", { metres: lengthText(moved) });
  return [words, size && (size[0] === size[1] ? size[0] : `${size[0]} → ${size[1]}`)].filter(Boolean).join(" · ");
}

export const lengthText = (metres) => (metres >= 10_000 ? `${(metres / 1000).toFixed(2)} km` : `${metres.toFixed(metres < 1000 ? 1 : 0)} m`);
export const areaText = (metres) => (metres >= 1_000_000 ? `${(metres / 1e6).toFixed(3)} km²` : `${metres.toFixed(metres < 100 ? 1 : 0)} m²`);
