// The catalogue: what the base consists of, whose it is, how fresh and how good; described and taken out from here.
import { download, get, put } from "./api.js";
import { all, fill, h, icon, one } from "./dom.js";
import { clearFaults, tellFaults } from "./faults.js";
import { _ } from "./i18n.js";
import { kindName } from "./kinds.js";
import { tellProblem } from "./notify.js";
import { drawConnected } from "./connected-systems.js";
import { startShell } from "./shell.js";
import { shortText } from "./time.js";

const FRESHNESS = { fresh: _("up to date"), due: _("due"), overdue: _("overdue"), never: _("never refreshed"), unplanned: _("no plan") };
const RHYTHM = { none: _("no plan"), daily: _("daily"), weekly: _("weekly"), monthly: _("monthly"), quarterly: _("quarterly"), yearly: _("yearly") };
const CLASSES = { public: _("public"), internal: _("internal") };
const QUALITY = { named: _("with a name"), coded: _("with a code"), with_unit: _("with a responsible unit"), with_accuracy: _("with an accuracy class") };
const FORMATS = { gpkg: "GeoPackage", geojson: "GeoJSON (WGS 84)", shp: "Shapefile (zip)", csv: "CSV (zip)" };
const HEADS = [_("Data set"), _("Holds"), _("Owner"), _("Refreshed"), _("Quality"), _("Refused rows"), _("Seen by"), ""];

let known = null;

async function load() {
  try {
    known = await get("/api/data-sets");
    drawTiles();
    drawTable();
  } catch (problem) {
    tellProblem(problem);
  }
}

const isLate = (set) => ["overdue", "never"].includes(set.freshness);

function drawTiles() {
  const { items } = known;
  const tiles = [
    [_("data sets"), items.length, false],
    [_("assets"), items.reduce((sum, set) => sum + set.assets, 0).toLocaleString(), false],
    [_("late"), items.filter(isLate).length, items.some(isLate)],
    [_("not described"), items.filter((set) => !set.described).length, false],
    [_("refused rows waiting"), items.reduce((sum, set) => sum + set.refused, 0).toLocaleString(), false],
  ];
  fill(one("#tiles"), tiles.map(([words, number, bad]) => h("div", { class: "tile", data: { bad } }, h("strong", {}, String(number)), h("span", { class: "hint" }, words))));
}

function drawTable() {
  const words = one("#filter").value.trim().toLowerCase();
  const lateOnly = one("#late").getAttribute("aria-pressed") === "true";
  const shown = known.items.filter((set) => (!lateOnly || isLate(set)) && [set.name, set.name_en, set.source, ...set.kinds].join(" ").toLowerCase().includes(words));
  fill(one("#sets tbody"), shown.map(row));
  one("#empty").hidden = known.items.length > 0;
}

function row(set) {
  return h("tr", { data: { source: set.source } },
    h("th", { scope: "row" }, set.name || set.source, h("small", {}, set.name ? set.source : _("not described yet")), h("small", {}, CLASSES[set.classification])),
    h("td", {}, set.assets ? _("{n} assets", { n: set.assets.toLocaleString() }) : _("{n} areas", { n: set.areas }), h("small", {}, set.kinds.map(kindName).join(" · "))),
    h("td", {}, set.owner_name ?? "–", h("small", {}, set.contact)),
    h("td", {}, h("span", { class: "chip", data: { freshness: set.freshness } }, FRESHNESS[set.freshness]), h("small", {}, [set.rhythm === "none" ? null : RHYTHM[set.rhythm], set.refreshed_at ? shortText(set.refreshed_at) : null].filter(Boolean).join(" · "))),
    h("td", {}, quality(set)),
    h("td", { class: "number" }, set.refused ? set.refused.toLocaleString() : "–"),
    h("td", {}, set.visible_to.length ? set.visible_to.map((post) => known.posts[post]).join(", ") : _("everybody")),
    h("td", {}, h("div", { class: "buttons" },
      known.may.keep ? h("button", { type: "button", class: "button", on: { click: () => describe(set) } }, _("Describe")) : null,
      known.may.export && set.assets ? h("button", { type: "button", class: "button", on: { click: () => takeOut(set) } }, icon("download"), " ", _("Take out")) : null)));
}

function quality(set) {
  const shares = Object.entries(set.quality);
  if (!shares.length) return "–";
  return h("div", { class: "quality" }, shares.map(([name, share]) => [h("span", {}, QUALITY[name]), h("meter", { min: 0, max: 1, value: share }), h("span", {}, `${Math.floor(100 * share)} %`)]));
}

function describe(set) {
  const dialog = one("#describe");
  const form = one("form", dialog);
  one("#describe-source").textContent = set.source;
  fill(one("#d-owner"), h("option", { value: "" }, "–"), Object.entries(known.units).map(([code, name]) => h("option", { value: code }, name)));
  fill(one("#d-rhythm"), known.rhythms.map((name) => h("option", { value: name }, RHYTHM[name])));
  fill(one("#d-posts"), Object.entries(known.posts).map(([post, name]) => h("label", {}, h("input", { type: "checkbox", value: post, checked: set.visible_to.includes(post) }), name)));
  for (const name of ["name", "name_en", "owner", "contact", "rhythm", "classification", "note"]) form.elements[name].value = set[name] ?? "";
  clearFaults(form);
  form.onsubmit = async (event) => {
    if (event.submitter?.value !== "save") return;
    event.preventDefault();
    const body = { version: set.version, visible_to: all("#d-posts input:checked").map((box) => box.value) };
    for (const name of ["name", "name_en", "owner", "contact", "rhythm", "classification", "note"]) body[name] = form.elements[name].value;
    try {
      await put(`/api/data-sets/${encodeURIComponent(set.source)}`, body);
      dialog.close();
      await Promise.all([load(), drawConnected()]);
    } catch (problem) {
      tellFaults(form, problem);
    }
  };
  dialog.showModal();
}

function takeOut(set) {
  const dialog = one("#export");
  one("#export-source").textContent = `${set.name || set.source} · ${_("{n} assets", { n: set.assets.toLocaleString() })}`;
  fill(one("#e-format"), known.formats.map((name) => h("option", { value: name }, FORMATS[name] ?? name)));
  const form = one("form", dialog);
  clearFaults(form);
  form.onsubmit = async (event) => {
    if (event.submitter?.value !== "take") return;
    event.preventDefault();
    clearFaults(form);
    const parameters = { source: set.source, format: one("#e-format").value, system: one("#e-system").value, area: one("#e-area").value.trim() };
    try {
      await download("/api/exports/assets", { parameters });
      dialog.close();
    } catch (problem) {
      tellFaults(form, problem);
    }
  };
  dialog.showModal();
}

fill(one("#sets thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
startShell();
one("#choice").addEventListener("submit", (event) => event.preventDefault());
one("#filter").addEventListener("input", drawTable);
one("#late").addEventListener("click", ({ currentTarget }) => {
  currentTarget.setAttribute("aria-pressed", String(currentTarget.getAttribute("aria-pressed") !== "true"));
  drawTable();
});
await Promise.all([load(), drawConnected()]);
