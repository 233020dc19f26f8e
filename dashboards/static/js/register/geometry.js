// Shapes on the way to GeoJSON: points that can be moved, added and taken away; lengths and areas in metres. Nothing here draws.
export const METRES_PER_DEGREE = 111_195;
const DECIMALS = 8; // about 1 mm

/** Metres of one degree of longitude at a latitude. */
export const wide = (lat) => METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);

/** Metres between two [lon, lat]; good to 0.5 % over a city. */
export const metres = ([a, b], [c, d]) => Math.hypot((c - a) * wide((b + d) / 2), (d - b) * METRES_PER_DEGREE);

const rounded = (place) => place.slice(0, 2).map((degrees) => Number(degrees.toFixed(DECIMALS)));
const LEAST = { Point: 1, LineString: 2, Polygon: 3 };

/**
 * A shape in the making. `type` is Point, LineString or Polygon, or their Multi…; `lines` holds its points, ring by ring, a ring
 * without the repeated last one.
 */
export class Shape {
  constructor(type, lines = [[]], groups = null) {
    Object.assign(this, { type, lines, groups });
  }

  static of({ type, coordinates }) {
    const open = (ring) => ring.slice(0, -1).map((place) => [...place]);
    if (type === "Point") return new Shape(type, [[[...coordinates]]]);
    if (type === "LineString") return new Shape(type, [coordinates.map((place) => [...place])]);
    if (type === "MultiLineString") return new Shape(type, coordinates.map((line) => line.map((place) => [...place])));
    if (type === "Polygon") return new Shape(type, coordinates.map(open));
    return new Shape(type, coordinates.flatMap((rings) => rings.map(open)), coordinates.map((rings) => rings.length));
  }

  /** What one piece of it is: Point, LineString or Polygon. */
  get piece() {
    return this.type.replace("Multi", "");
  }

  get isClosed() {
    return this.piece === "Polygon";
  }

  get count() {
    return this.lines.reduce((sum, line) => sum + line.length, 0);
  }

  get isComplete() {
    return this.lines.every((line) => line.length >= LEAST[this.piece]);
  }

  copy() {
    return new Shape(this.type, this.lines.map((line) => line.map((place) => [...place])), this.groups);
  }

  geometry() {
    const lines = this.lines.map((line) => line.map(rounded));
    if (this.type === "Point") return { type: "Point", coordinates: lines[0][0] };
    if (this.type === "LineString") return { type: "LineString", coordinates: lines[0] };
    if (this.type === "MultiLineString") return { type: this.type, coordinates: lines };
    const rings = lines.map((line) => [...line, line[0]]);
    if (this.type === "Polygon") return { type: "Polygon", coordinates: rings };
    return { type: this.type, coordinates: this.groups.map((size) => rings.splice(0, size)) };
  }

  /** The same as far as it has come: two corners of an area are a line. Null without a point. */
  sketch() {
    if (!this.count) return null;
    if (this.isComplete) return this.geometry();
    const [line] = this.lines;
    return line.length === 1 ? { type: "Point", coordinates: line[0] } : { type: "LineString", coordinates: line };
  }

  add(place) {
    if (this.type === "Point") this.lines = [[place]];
    else this.lines.at(-1).push(place);
  }

  move([line, at], place) {
    this.lines[line][at] = place;
  }

  insert([line, at], place) {
    this.lines[line].splice(at, 0, place);
  }

  canRemove([line]) {
    return this.lines[line].length > LEAST[this.piece];
  }

  remove([line, at]) {
    this.lines[line].splice(at, 1);
  }

  /** [[line, at], place] of every point. */
  points() {
    return this.lines.flatMap((line, index) => line.map((place, at) => [[index, at], place]));
  }

  /** [[line, at], place] in the middle of every side: where a new point would be inserted. */
  middles() {
    return this.lines.flatMap((line, index) => line.flatMap((place, at) => {
      const next = line[at + 1] ?? (this.isClosed ? line[0] : null);
      return next ? [[[index, at + 1], [(place[0] + next[0]) / 2, (place[1] + next[1]) / 2]]] : [];
    }));
  }

  /** Metres of the line, or around the area. */
  get length() {
    return this.lines.reduce((sum, line) => sum + sides(line, this.isClosed && line.length > 2).reduce((all, [a, b]) => all + metres(a, b), 0), 0);
  }

  /** Metres before and after the place of the line that is nearest to another. */
  cutAt(place) {
    let [best, before, passed] = [Infinity, 0, 0];
    for (const [a, b] of sides(this.lines[0], false)) {
      const near = nearestOn([a, b], place);
      const away = metres(near, place);
      if (away < best) [best, before] = [away, passed + metres(a, near)];
      passed += metres(a, b);
    }
    return [before, passed - before];
  }

  /** Square metres; holes taken off. */
  get area() {
    if (!this.isClosed) return 0;
    const inner = new Set();
    (this.groups ?? [this.lines.length]).reduce((start, size) => (Array.from({ length: size - 1 }, (_unused, k) => inner.add(start + 1 + k)), start + size), 0);
    return this.lines.reduce((sum, line, index) => sum + ringArea(line) * (inner.has(index) ? -1 : 1), 0);
  }

  /** How many metres a point of this lies from the other shape at most, and the other way round. */
  awayFrom(other) {
    const most = (one, from) => one.points().reduce((worst, [, place]) => Math.max(worst, from.distanceTo(place)), 0);
    return Math.max(most(this, other), most(other, this));
  }

  /** Metres from a place to the nearest side, or to the point. */
  distanceTo(place) {
    if (this.type === "Point") return metres(this.lines[0][0], place);
    return this.lines.flatMap((line) => sides(line, this.isClosed)).reduce((best, side) => Math.min(best, metres(place, nearestOn(side, place))), Infinity);
  }
}

const sides = (line, closed) => line.slice(1).map((place, at) => [line[at], place]).concat(closed ? [[line.at(-1), line[0]]] : []);

/** The place on a side [a, b] that is nearest to a third, all [lon, lat]. */
export function nearestOn([a, b], place) {
  const w = wide(place[1]);
  const [dx, dy] = [(b[0] - a[0]) * w, (b[1] - a[1]) * METRES_PER_DEGREE];
  const along = ((place[0] - a[0]) * w * dx + (place[1] - a[1]) * METRES_PER_DEGREE * dy) / (dx * dx + dy * dy || 1);
  const share = Math.min(1, Math.max(0, along));
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

function ringArea(ring) {
  if (ring.length < 3) return 0;
  const w = wide(ring[0][1]);
  const [x0, y0] = ring[0]; // from a corner: degrees would lose digits
  const flat = ring.map(([x, y]) => [(x - x0) * w, (y - y0) * METRES_PER_DEGREE]);
  return Math.abs(flat.reduce((sum, [x, y], at) => {
    const [u, v] = flat[(at + 1) % flat.length];
    return sum + x * v - u * y;
  }, 0)) / 2;
}
