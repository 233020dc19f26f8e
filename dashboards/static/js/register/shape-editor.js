// Draw a shape, or move its points: with the mouse, a finger, or the keyboard alone. The old shape stays to be seen beneath.
import { drawShapes, installShapes } from "./shape-layers.js";
import { drawingStrip } from "./drawing-strip.js";
import { Shape } from "./geometry.js";
import { snapping } from "./snapping.js";

const HANDLE_PX = 11;
const SAME_PX = 6;
const TYPES = { point: "Point", line: "LineString", area: "Polygon" };

/**
 * An overlay for createMap().add(); its strip goes into `ground`.
 * draw("point" | "line" | "area", {onChange}) and reshape(geometry, {except, onChange}): onChange gets the GeoJSON, or null while it is not
 * whole. compare({before, theirs, mine}) only shows; stop() ends all; escape() takes one step back and says whether there was one.
 */
export function shapeEditor(ground) {
  let map = null;
  let snap = null;
  let mode = null; // "draw", "reshape", "compare"
  let [shape, original, pointer, held, chosen, dragged, onChange] = [new Shape("Point"), null, null, null, null, null, null];
  let past = [];
  let shown = {};

  const act = { undo, finish, removePoint: () => remove(chosen), restore: () => take(original.copy()) };
  const strip = drawingStrip(act);
  ground.append(strip.element);

  function begin(wanted, next, { onChange: told, except = 0 }) {
    [mode, shape, original, pointer, held, chosen, dragged, onChange, past, shown] = [wanted, next, wanted === "reshape" ? next.copy() : null, null, null, null, null, told, [], {}];
    snap.start(except);
    map.doubleClickZoom.disable();
    const element = map.getContainer();
    element.dataset.editing = mode;
    ground.classList.add("editing");
    if (wanted === "draw") map.getCanvas().focus({ preventScroll: true });
    redraw();
  }
  function stop() {
    if (!mode) return;
    [mode, pointer, held, chosen, original, onChange, shown] = [null, null, null, null, null, null, {}];
    snap.stop();
    delete map.getContainer().dataset.editing;
    ground.classList.remove("editing");
    strip.hide();
    setTimeout(() => map.doubleClickZoom.enable(), 0); // the click that ended it must not zoom
    redraw();
  }

  // ---- changes: each can be undone ----
  function take(next) {
    past.push(shape);
    shape = next;
    chosen = null;
    tell();
  }
  function changed(change) {
    past.push(shape.copy());
    change(shape);
    tell();
  }
  function tell() {
    onChange?.(shape.isComplete ? shape.geometry() : null);
    redraw();
    strip.speak(state());
  }
  function undo() {
    if (!past.length) return;
    shape = past.pop();
    chosen = null;
    if (!shape.isComplete) mode = "draw";
    tell();
  }
  function add(place) {
    changed((one) => one.add(place));
    if (shape.type === "Point") finish();
  }
  function finish() {
    if (mode !== "draw" || !shape.isComplete) return;
    mode = "reshape";
    pointer = held = null;
    map.getContainer().dataset.editing = mode;
    tell();
  }
  function remove(at) {
    if (at && shape.canRemove(at)) changed((one) => one.remove(at));
    chosen = null;
    redraw();
  }

  // ---- pointer ----
  const px = (place) => map.project(place);
  const near = (place, point, within) => Math.hypot(px(place).x - point.x, px(place).y - point.y) < within;
  const handleAt = (point, handles) => handles.find(([, place]) => near(place, point, HANDLE_PX));
  const whereTo = ({ lngLat, originalEvent }) => {
    held = originalEvent?.altKey ? null : snap.at([lngLat.lng, lngLat.lat]);
    return held ? [...held.place] : [lngLat.lng, lngLat.lat];
  };

  function click(event) {
    if (mode === "draw") {
      const line = shape.lines.at(-1);
      const ends = [line.at(-1), shape.isClosed ? line[0] : null].filter(Boolean);
      if (line.length && shape.type !== "Point" && ends.some((place) => near(place, event.point, SAME_PX))) return finish();
      add(whereTo(event));
    } else if (mode === "reshape" && shape.type === "Point" && !handleAt(event.point, shape.points())) changed((one) => one.move([0, 0], whereTo(event)));
  }
  function press(event) {
    if (mode !== "reshape") return;
    const handle = handleAt(event.point, shape.points());
    const middle = !handle && shape.type !== "Point" && handleAt(event.point, shape.middles());
    if (!handle && !middle) return;
    event.preventDefault();
    past.push(shape.copy());
    if (middle) shape.insert(...middle);
    chosen = dragged = (handle || middle)[0];
    redraw();
  }
  function drag(event) {
    if (mode === "draw") {
      pointer = whereTo(event);
      return redraw();
    }
    if (mode !== "reshape") return;
    if (!dragged) return void (map.getCanvas().style.cursor = handleAt(event.point, [...shape.points(), ...shape.middles()]) ? "move" : "");
    shape.move(dragged, whereTo(event));
    redraw();
  }
  function release() {
    if (!dragged) return;
    dragged = held = null;
    tell();
  }
  function menu(event) {
    const handle = mode === "reshape" && handleAt(event.point, shape.points());
    if (handle) remove(handle[0]);
  }

  // ---- keys ----
  function key(event) {
    if (!mode || mode === "compare" || event.target.closest("input, textarea, select, dialog")) return;
    const onMap = event.target === map.getCanvas();
    const undoKey = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (undoKey || (event.key === "Backspace" && mode === "draw")) undo();
    else if (event.key === "Delete" || event.key === "Backspace") remove(chosen);
    else if (event.key === "Enter" && mode === "draw" && (onMap || event.target === document.body)) finish();
    else if (event.key === " " && onMap) atCentre();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  /** Without a mouse: the map is moved with the arrow keys, its middle is the pointer. */
  function atCentre() {
    const event = { lngLat: map.getCenter(), point: px(map.getCenter()) };
    if (mode === "draw") add(whereTo(event));
    else if (chosen || shape.type === "Point") changed((one) => one.move(chosen ?? [0, 0], whereTo(event)));
  }

  const state = () => ({ mode, shape, original, pointer, held, chosen, canUndo: past.length > 0 });
  function redraw() {
    if (!map) return;
    if (mode === null || mode === "compare") return drawShapes(map, shown);
    const points = shape.points();
    const sketch = shape.sketch();
    const last = shape.lines.at(-1).at(-1);
    const open = mode === "draw" && pointer && last ? { type: "LineString", coordinates: [last, pointer, ...(shape.isClosed && shape.count > 1 ? [shape.lines[0][0]] : [])] } : null;
    drawShapes(map, {
      before: original?.geometry(), shape: sketch?.type === "Point" && shape.type !== "Point" ? null : sketch, open, held: held?.place,
      vertices: shape.type === "Point" ? [] : points.map(([, place]) => place), middles: mode === "reshape" && shape.type !== "Point" ? shape.middles().map(([, place]) => place) : [],
      chosen: chosen ? points.findIndex(([[line, at]]) => line === chosen[0] && at === chosen[1]) : -1,
    });
    strip.show(state());
  }

  return {
    stop, undo,
    draw: (type, options) => begin("draw", new Shape(TYPES[type]), options),
    reshape: (geometry, options) => begin("reshape", Shape.of(geometry), options),
    compare({ before, theirs, mine }) {
      stop();
      [mode, shown] = ["compare", { before, theirs, shape: mine }];
      redraw();
    },
    get active() {
      return mode === "draw" || mode === "reshape";
    },
    /** Take another shape over, as if it had been drawn. */
    put(geometry) {
      mode = "reshape";
      map.getContainer().dataset.editing = mode;
      take(Shape.of(geometry));
    },
    /** One step back: what has been drawn goes first. */
    escape() {
      if (mode !== "draw" || !shape.count) return false;
      take(new Shape(shape.type));
      return true;
    },
    install(target, theme) {
      const first = !map;
      map = target;
      installShapes(map, theme);
      redraw();
      if (!first) return;
      snap = snapping(map);
      map.on("click", click);
      for (const [name, listener] of Object.entries({ mousedown: press, touchstart: press, mousemove: drag, touchmove: drag, contextmenu: menu })) map.on(name, listener);
      for (const name of ["mouseup", "touchend"]) document.addEventListener(name, release);
      document.addEventListener("keydown", key, true);
    },
  };
}
