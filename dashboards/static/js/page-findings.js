// The steward's work list: what does not fit together in the networks, where it lies, and what was decided about it.
import { get, post } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { _, named } from "./i18n.js";
import { createMap } from "./map.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";

const CHECKS = {
  unsnapped_end: _("ends that do not meet"), unjoined: _("two nodes for one place"), loose_point: _("things on no line"), duplicate: _("drawn twice"), no_source: _("mains without a source"),
  no_outlet: _("sewers without an outfall"), circle: _("sewers in a circle"), adverse_slope: _("adverse slopes"), valve_without_pipe: _("valves without a pipe"),
  lamp_off_street: _("lamps off the street"), stop_off_line: _("stops off the line"),
};
const COLOUR = { light: "#c4320a", dark: "#ff7a4d" };
const filters = one("#filters");
const { map, add } = createMap(one("#map"));
const NETWORKS = { water: _("water supply"), sewer: _("sewers"), street: _("streets") };
let items = [];
let people = [];
let chosen = null;
let again = 0;

const points = () => ({ type: "FeatureCollection", features: items.map(({ id, lon, lat }) => ({ type: "Feature", id, properties: { id }, geometry: { type: "Point", coordinates: [lon, lat] } })) });

add({
  install(target, theme) {
    target.addSource("findings", { type: "geojson", data: points() });
    const size = ["case", ["==", ["get", "id"], chosen ?? 0], 12, 6];
    target.addLayer({ id: "finding", type: "circle", source: "findings", paint: { "circle-radius": size, "circle-color": COLOUR[theme] ?? COLOUR.light, "circle-opacity": 0.75, "circle-stroke-width": 1.5, "circle-stroke-color": theme === "dark" ? "#10141a" : "#ffffff" } });
    for (const layer of ["pipe"]) target.setLayoutProperty(layer, "visibility", "visible");
  },
});
map.on("click", "finding", (event) => choose(event.features[0].properties.id));

async function load() {
  const values = Object.fromEntries(new FormData(filters));
  const answer = await get("/api/findings", values).catch(tellProblem);
  if (!answer) return;
  ({ items, people } = answer);
  const counted = answer.counts.filter(({ name, check, state }) => state === values.state && (!values.check || check === values.check) && (!values.network || name === values.network));
  const total = values.area || values.assignee ? items.length : counted.reduce((sum, { number }) => sum + number, 0);
  one("#count").textContent = total === items.length ? _("{total} findings", { total }) : _("{shown} of {total} findings", { shown: items.length, total });
  one("#renewing").hidden = !answer.renewing.length;
  one("#renewing").textContent = _("Being checked again after a change: {networks}", { networks: answer.renewing.map((name) => NETWORKS[name]).join(", ") });
  clearTimeout(again);
  if (answer.renewing.length) again = setTimeout(load, 3000);
  offer(answer);
  draw();
}

/** Only networks and checks that found something can be chosen, and people who may look after findings. */
function offer({ counts, areas }) {
  const found = (name) => [...new Set(counts.map((row) => row[name]))];
  options("network", found("name").map((name) => [name, NETWORKS[name] ?? name]));
  options("check", found("check").map((check) => [check, CHECKS[check] ?? check]));
  options("area", areas.map((area) => [area.code, named(area)]));
  options("assignee", people.map((person) => [person.id, named(person)]));
}

function options(field, values) {
  const select = filters.elements[field];
  const known = select.value;
  fill(select, select.options[0], values.map(([value, text]) => h("option", { value }, text)));
  select.value = known;
}

function draw() {
  fill(one("#list"), items.map(row), !items.length && h("li", { class: "empty" }, h("p", {}, _("Nothing is to be looked at here."))));
  map.getSource("findings")?.setData(points());
  if (map.getLayer("finding")) map.setPaintProperty("finding", "circle-radius", ["case", ["==", ["get", "id"], chosen ?? 0], 12, 6]);
}

function row(item) {
  const open = item.id === chosen;
  return h("li", { data: { finding: item.id, chosen: open } },
    h("button", { type: "button", class: "quiet name", "aria-expanded": String(open), on: { click: () => choose(item.id) } },
      h("strong", {}, item.said), h("small", {}, [CHECKS[item.check], item.asset_name || item.ref, item.assignee_id && named({ name: item.assignee, name_en: item.assignee_en })].filter(Boolean).join(" · "))),
    item.note && h("p", { class: "note-text" }, item.note), open && decision(item));
}

function decision(item) {
  const note = h("input", { type: "text", name: "note", maxlength: 500, placeholder: _("Reason"), "aria-label": _("Reason"), value: item.note });
  const wrong = h("small", { class: "wrong", id: "reason-wrong", role: "alert" });
  note.setAttribute("aria-describedby", wrong.id);
  const complain = (words) => {
    wrong.textContent = words;
    note.setAttribute("aria-invalid", "true");
    note.focus();
  };
  const button = (state, name, label) => h("button", { type: "button", class: "button small", data: { decide: state }, on: { click: () => decide(item, state, note.value, complain) } }, icon(name), label);
  const who = h("select", { name: "assignee", "aria-label": _("Looked after by"), on: { change: () => assign(item, who.value) } },
    h("option", { value: "" }, _("nobody looks after it")), people.map((person) => h("option", { value: person.id, selected: person.id === item.assignee_id }, named(person))));
  const show = h("a", { class: "button small", href: `/map#asset/${item.asset_id}` }, icon("map-pin"), _("City map"));
  return h("div", { class: "decision" }, h("div", { class: "line" }, who, show), note, wrong, h("div", { class: "line" },
    item.state === "open" ? [button("done", "check", _("done")), button("ignored", "x", _("ignore"))] : button("open", "refresh", _("open again"))));
}

async function decide(item, state, note, complain) {
  try {
    await post(`/api/findings/${item.id}`, { state, note });
    tell(_("Kept."));
    chosen = null;
    await load();
  } catch (problem) {
    complain([problem.message, problem.nextStep].filter(Boolean).join(" "));
  }
}

async function assign(item, account) {
  try {
    await post(`/api/findings/${item.id}/assignee`, { account_id: account ? Number(account) : null });
    tell(_("Kept."));
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

function choose(id) {
  chosen = chosen === id ? null : id;
  draw();
  const item = items.find((one) => one.id === chosen);
  if (!item) return;
  one(`#list [data-finding="${id}"]`).scrollIntoView({ block: "nearest" });
  map.easeTo({ center: [item.lon, item.lat], zoom: Math.max(map.getZoom(), 17), duration: 400 });
}

startShell();
filters.addEventListener("change", load);
filters.addEventListener("submit", (event) => event.preventDefault());
await load();
