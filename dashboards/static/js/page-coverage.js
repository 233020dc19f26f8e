// Coverage and gaps: the figures of one programme as tiles, map and table; hidden figures say that they are.
import { get } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";

const choice = one("#choice");
const programme = one("#programme");
const measure = one("#measure");
/** Columns that add up stand together. */
const GROUPS = [[_("Qualify"), ["eligible", "covered", "gap", "coverage"]], [_("Receive"), ["receiving", "no_longer", "unassessed"]], [_("Not yet known"), ["undetermined"]]];
/** What a column is called under its group. */
const SHORT = {
  eligible: _("in all"), covered: _("receiving"), gap: _("not receiving"), coverage: _("coverage"),
  receiving: _("in all"), no_longer: _("no longer qualify"), unassessed: _("facts missing"), undetermined: _("facts missing"),
};
const TILES = ["eligible", "covered", "gap", "undetermined", "no_longer"];
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
  const tiles = Object.entries(columns).filter(([name]) => TILES.includes(name)).map(([name, words]) => [name, words, figure(whole[name])]);
  tiles.splice(3, 0, ["coverage", _("coverage"), percent(whole.coverage)]);
  fill(one("#tiles"), tiles.map(([name, words, text]) => h("div", { class: "tile", data: { measure: name } }, h("strong", {}, text), h("span", { class: "hint" }, words))));
}

function drawTable({ rows, columns, least, day }) {
  const known = GROUPS.map(([label, names]) => [label, names.filter((name) => name === "coverage" || name in columns)]);
  const names = known.flatMap(([, some]) => some);
  const first = new Set(known.map(([, [name]]) => name));
  const begins = (name) => (first.has(name) ? "begins" : "");
  fill(one("#table thead"),
    h("tr", {}, h("th", { scope: "col", rowspan: 2 }, _("Area")), known.map(([label, some]) => h("th", { scope: "colgroup", colspan: some.length, class: "begins" }, label))),
    h("tr", {}, names.map((name) => h("th", { scope: "col", class: begins(name) }, SHORT[name]))));
  const sorted = [...rows].sort((a, b) => TOP.indexOf(a.level) - TOP.indexOf(b.level) || a.code.localeCompare(b.code));
  fill(one("#table tbody"), sorted.map((row) => h("tr", { data: { level: row.level, code: row.code } }, h("th", { scope: "row" }, row.name),
    names.map((name) => h("td", { class: `${row[name] === null ? "hidden-figure " : ""}${begins(name)}` }, name === "coverage" ? percent(row.coverage) : figure(row[name]))))));
  one("#note").textContent = _("Households, as of {day}. Figures below {least} are hidden (–), and others with them, so that nobody can be worked out.", { day, least });
}

function drawMap() {
  const address = `/coverage/map.html?programme=${encodeURIComponent(programme.value)}&measure=${encodeURIComponent(measure.value)}`;
  one("#drawing").setAttribute("aria-busy", "true");
  one("#map").src = address;
  one("#download").href = `${address}&download=true`;
}

const figure = (value) => (value === null ? "–" : String(value));
const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);

one("#map").addEventListener("load", () => one("#map").src && one("#drawing").setAttribute("aria-busy", "false"));
startShell();
choice.addEventListener("submit", (event) => event.preventDefault());
programme.addEventListener("change", load);
measure.addEventListener("change", drawMap);
await load();
