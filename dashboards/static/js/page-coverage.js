// Coverage and gaps: the figures of one programme as tiles, map and table; hidden figures say that they are.
import { get } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";

const choice = one("#choice");
const programme = one("#programme");
const measure = one("#measure");
const TOP = ["city", "district", "subdistrict", "community"];

async function load() {
  try {
    const found = await get("/api/coverage", { programme: programme.value || null });
    offer(found);
    drawTiles(found);
    drawTable(found);
    drawMap();
  } catch (problem) {
    tellProblem(problem);
  }
}

function offer(found) {
  if (programme.options.length) return;
  programme.append(...found.programmes.map(({ code, name, statutory }) => h("option", { value: code, selected: code === found.programme }, [name, statutory ? _("statutory") : _("non-statutory")].join(" · "))));
  measure.append(...Object.entries(found.columns).map(([name, words]) => h("option", { value: name, selected: name === "gap" }, words)));
}

function drawTiles({ rows, columns }) {
  const whole = rows.at(-1);
  const tiles = Object.entries(columns).map(([name, words]) => [name, words, figure(whole[name])]);
  tiles.splice(2, 0, ["coverage", _("coverage"), percent(whole.coverage)]);
  fill(one("#tiles"), tiles.map(([name, words, text]) => h("div", { class: "tile", data: { measure: name } }, h("strong", {}, text), h("span", { class: "hint" }, words))));
}

function drawTable({ rows, columns, least, day }) {
  const heads = [_("Area"), ...Object.values(columns), _("coverage")];
  fill(one("#table thead tr"), heads.map((text) => h("th", { scope: "col" }, text)));
  const sorted = [...rows].sort((a, b) => TOP.indexOf(a.level) - TOP.indexOf(b.level) || a.code.localeCompare(b.code));
  fill(one("#table tbody"), sorted.map((row) => h("tr", { data: { level: row.level, code: row.code } }, h("th", { scope: "row" }, row.name),
    Object.keys(columns).map((name) => h("td", { class: row[name] === null ? "hidden-figure" : "" }, figure(row[name]))), h("td", {}, percent(row.coverage)))));
  one("#note").textContent = _("Households, as of {day}. Figures below {least} are hidden (–), and others with them, so that nobody can be worked out.", { day, least });
}

function drawMap() {
  const address = `/coverage/map.html?programme=${encodeURIComponent(programme.value)}&measure=${encodeURIComponent(measure.value)}`;
  one("#map").src = address;
  one("#download").href = `${address}&download=true`;
}

const figure = (value) => (value === null ? "–" : String(value));
const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);

startShell();
choice.addEventListener("submit", (event) => event.preventDefault());
programme.addEventListener("change", load);
measure.addEventListener("change", drawMap);
await load();
