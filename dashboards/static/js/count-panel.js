// What lies in a circle, a polygon or each area: a table, a chart, a list, and the same as a file.
import { download, get, post } from "./api.js";
import { registerWords } from "./asset-panel.js";
import { fill, h, icon, one } from "./dom.js";
import { drawerOf } from "./drawer.js";
import { _, locale } from "./i18n.js";
import { kindName } from "./kinds.js";
import { tellProblem } from "./notify.js";

const LEVELS = { district: _("Districts"), subdistrict: _("Sub-districts"), community: _("Communities"), walk: _("Responsibility grids"), grid: _("Unit grids") };
const LISTED = 200;

/** The drawer with its button; `drawing` is map-draw.js, onShow gets a thing of the list, makeRoom() says whether it may open. */
export function countDrawer({ drawing, onShow, makeRoom }) {
  const panel = countPanel({ drawing, onShow });
  one("#count-place").append(panel.element);
  return drawerOf("count", panel, makeRoom);
}

function countPanel({ drawing, onShow }) {
  const buttons = {
    circle: mode(_("Circle"), () => draw("circle", _("Click the middle, then the rim."))),
    polygon: mode(_("Polygon"), () => draw("polygon", _("Click the corners; click the last one twice."))),
    ...Object.fromEntries(Object.entries(LEVELS).map(([level, name]) => [level, mode(name, () => countAreas(level))])),
  };
  const hint = h("p", { class: "hint", role: "status" }, _("Choose a shape, draw it on the map: what lies in it is counted."));
  const result = h("div", { class: "count", data: { counted: "" } });
  const kind = h("select", { "aria-label": _("What is counted"), on: { change: () => again?.() } }, h("option", { value: "" }, _("all kinds of things")));
  let again = null;
  registerWords().then(({ kinds }) => kind.append(...kinds.map(({ code, title }) => h("option", { value: code }, title)))).catch(tellProblem);
  const element = h("div", { class: "count" }, kind, h("div", { class: "modes", role: "group", "aria-label": _("Shape") }, Object.values(buttons)), hint, result);

  function mode(name, action) {
    return h("button", { type: "button", class: "button small", "aria-pressed": "false", on: { click: action } }, name);
  }
  function press(chosen) {
    for (const [name, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(name === chosen));
    fill(result);
  }
  function draw(shape, words) {
    press(shape);
    fill(hint, words);
    again = null;
    drawing.start(shape, (drawn) => (again = () => count(drawn).catch(refuse))());
  }

  function refuse({ message, nextStep }) {
    fill(hint);
    fill(result, h("p", { class: "error", role: "alert" }, [message, nextStep].filter(Boolean).join(" ")));
  }

  async function count(drawn) {
    fill(hint, _("Counting…"));
    const wanted = { ...drawn, kind: kind.value };
    const [statistics, listed] = await Promise.all([post("/api/gis/statistics", wanted), post("/api/gis/within", wanted)]);
    const rows = statistics.rows.map((row) => ({ ...row, name: kindName(row.what) }));
    const total = rows.reduce((sum, { number }) => sum + number, 0);
    fill(hint, drawn.radius_m ? _("{total} things within {radius} m", { total: amount(total), radius: amount(drawn.radius_m) }) : _("{total} things in the polygon", { total: amount(total) }));
    await show(rows, [_("Kind"), _("Number"), _("Length, m"), _("Ground, m²")], ({ name, number, length_m, area_m2 }) => [name, amount(number), some(length_m), some(area_m2)],
      () => download("/api/gis/statistics", { body: { ...wanted, format: "csv" }, name: "statistics.csv" }).catch(tellProblem));
    const things = [...listed.things].sort((a, b) => Boolean(b.name) - Boolean(a.name));
    result.append(h("details", {}, h("summary", {}, _("List ({count})", { count: amount(listed.things.length) + (listed.more ? "+" : "") })),
      h("button", { type: "button", class: "button small", on: { click: () => download("/api/gis/within", { body: { ...wanted, format: "csv" }, name: "list.csv" }).catch(tellProblem) } }, icon("download"), _("List as CSV")),
      h("ol", {}, things.slice(0, LISTED).map((thing) => h("li", {}, h("button", { type: "button", class: "quiet", on: { click: () => onShow(thing) } }, h("span", {}, thing.name || thing.code || kindName(thing.kind)), h("small", {}, kindName(thing.kind))))))));
  }

  async function countAreas(level) {
    drawing.stop();
    drawing.show(null);
    press(level);
    again = () => countAreas(level);
    fill(hint, _("Counting…"));
    const answer = await get(`/api/gis/areas/${level}/statistics`, { kind: kind.value }).catch(refuse);
    if (!answer) return;
    const areas = Object.values(answer.rows.reduce((sums, { code, area, number, length_m }) => {
      const sum = (sums[code] ??= { name: area, number: 0, length_m: 0 });
      sum.number += number;
      sum.length_m += length_m;
      return sums;
    }, {})).sort((a, b) => b.number - a.number);
    fill(hint, _("Every thing counts where a point on it lies."));
    await show(areas, [LEVELS[level], _("Number"), _("Length, m")], ({ name, number, length_m }) => [name, amount(number), some(length_m)],
      () => location.assign(`/api/gis/areas/${level}/statistics?format=csv&kind=${kind.value}`));
  }

  async function show(rows, heads, cells, save) {
    const { countChart } = await import("./charts.js"); // large, and not everybody counts
    const picture = h("div", { class: "chart", role: "img", "aria-label": _("Number") });
    fill(result, picture,
      h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((cell) => h("td", {}, cell)))))),
      h("button", { type: "button", class: "button small", on: { click: save } }, icon("download"), _("Table as CSV")));
    countChart(picture).draw(rows);
  }

  return {
    element,
    focus: () => buttons.circle.focus(),
    clear() {
      drawing.stop();
      drawing.show(null);
      press(null);
      again = null;
      fill(hint, _("Choose a shape, draw it on the map: what lies in it is counted."));
    },
  };
}

const amount = (value) => value.toLocaleString(locale);
const some = (value) => (value ? amount(Math.round(value)) : "–");
