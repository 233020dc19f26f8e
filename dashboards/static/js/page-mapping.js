// A mapping made from a layer's file: look at it, say what its columns mean, click where it lies, see the rows, keep it, go on to the difference.
import { download, get, post, put, upload } from "./api.js";
import { debounce, fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { columnsBlock } from "./mapping-columns.js";
import { fieldsBlock } from "./mapping-fields.js";
import { groundMap } from "./mapping-map.js";
import { placeBlock } from "./mapping-place.js";
import { previewTable } from "./mapping-preview.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { shortText } from "./time.js";

const form = one("#begin");
const state = { file: "", fileName: "", look: null, mapping: {}, kinds: null, candidates: [], saved: "" };
let known = [];
// The newest question of each kind; an older answer that comes later is dropped.
let asked = 0;
let sought = 0;
let looked = 0;

const ground = groundMap(one("#map"), { onChooseSystem: (number) => place.choose(number), onChooseRow: (row) => preview.choose(row) });
const preview = previewTable(one("#preview"), { onChoose: (row) => ground.goTo(row) });
const parts = { state, change, put: (name, value) => change({ [name]: value }) };
const fields = fieldsBlock(one("#fields"), { ...parts, onKind: (kind) => lookAgain({ kind }) });
const place = placeBlock(one("#place"), { ...parts, onGeometry: loadCandidates, onAlso: loadCandidates, show: (what) => showOnMap(what), emphasise: (number) => ground.emphasise(number) });
const columns = columnsBlock(one("#columns"), parts);

/** Change parts of the mapping; what is empty is taken out. The preview follows. */
function change(more) {
  for (const [name, value] of Object.entries(more)) {
    const empty = value === "" || value === null || value === undefined || (typeof value === "object" && !Object.keys(value).length);
    if (empty) delete state.mapping[name];
    else state.mapping[name] = value;
  }
  state.saved = "";
  drawSteps();
  tryOut();
}

const tryOut = debounce(async () => {
  if (!state.file || !state.mapping.kind) return preview.wait(_("Choose a kind of asset: the rows are shown here as the register would hold them."));
  const mine = (asked += 1);
  try {
    const tried = await post("/api/mappings/try", { file: state.file, mapping: state.mapping });
    if (mine !== asked) return;
    preview.show(tried, state);
    ground.rows(tried.features);
    state.tried = tried;
  } catch (problem) {
    if (mine !== asked) return;
    preview.problem(problem);
    state.tried = null;
  }
  drawSteps();
}, 350);

async function lookAgain(choice = {}) {
  const { layer = state.look?.layer ?? "", encoding = state.look?.encoding ?? "", kind = state.mapping.kind ?? "" } = choice;
  const mine = (looked += 1);
  let look;
  try {
    look = await post("/api/mappings/look", { file: state.file, layer, encoding, kind });
  } catch (problem) {
    return mine === looked && tellInline(problem);
  }
  if (mine !== looked) return;
  one("#begin-problem").hidden = true;
  const system = state.mapping.system;
  const before = state.mapping;
  state.look = look;
  state.mapping = choice.keep ? { ...before, ...(look.mapping.encoding && { encoding: look.mapping.encoding }), ...(look.mapping.layer && { layer: look.mapping.layer }) } : { ...look.mapping, ...(system && { system }) };
  drawAll();
  if (!choice.kind) await loadCandidates();
  tryOut();
}

function drawAll() {
  one("#mapping").dataset.state = "looked";
  drawFile();
  fields.draw();
  columns.draw();
  place.draw();
  drawSteps();
}

function drawFile() {
  const { look } = state;
  const shapes = Object.entries(look.shapes).map(([name, count]) => `${name} ${count}`).join(", ");
  fill(one("#seen"),
    look.layers.length > 1 && chooser("layer", _("Layer"), look.layers.map((name) => [name, name]), look.layer, (layer) => lookAgain({ layer })),
    look.guessed && chooser("encoding", _("Encoding of its texts"), look.encodings.map((name) => [name, name === "GB18030" ? "GBK / GB18030" : name]), look.encoding, (encoding) => lookAgain({ encoding })),
    look.columns.some((column) => column.comma) && chooser("decimal", _("Sign before decimals"), [[".", "."], [",", ","]], state.mapping.decimal ?? ".", (decimal) => change({ decimal: decimal === "," ? "," : "" })),
    h("p", { class: "hint" }, [
      look.more ? _("The first {rows} rows were read; there are more.", { rows: look.rows.toLocaleString() }) : _("{rows} rows", { rows: look.rows.toLocaleString() }),
      _("{columns} columns", { columns: look.columns.length }), shapes ? _("shapes: {shapes}", { shapes }) : _("no shapes of its own"),
      look.stated ? _("the file states {system}", { system: look.stated }) : _("the file states no coordinate system"),
    ].join(" · ")),
    look.guessed && look.guessed !== "UTF-8" && h("p", { class: "hint" }, _("The encoding is a guess: if the texts below look wrong, choose another.")));
}

function chooser(id, label, options, value, onChange) {
  return h("div", { class: "field" }, h("label", { for: `choose-${id}` }, label),
    h("select", { id: `choose-${id}`, on: { change: (event) => onChange(event.target.value) } }, options.map(([code, name]) => h("option", { value: code, selected: code === value }, name))));
}

async function loadCandidates(also = "") {
  const mine = (sought += 1);
  place.wait();
  try {
    const answer = await post("/api/mappings/candidates", { file: state.file, mapping: state.mapping, also });
    if (mine !== sought) return;
    state.candidates = answer.candidates;
    place.candidates(answer.problem);
    ground.candidates(answer.candidates);
    showOnMap(state.mapping.system ? "rows" : "systems");
  } catch (problem) {
    if (mine !== sought) return;
    state.candidates = [];
    place.candidates(problem.message);
  }
}

function showOnMap(what) {
  ground.show(what);
  one("#mapping").dataset.shows = what;
  for (const tab of one("#views").querySelectorAll("button")) tab.setAttribute("aria-pressed", String(tab.dataset.view === what));
}

/** What is still to be done before the mapping can be kept, and whether it can. */
function drawSteps() {
  const missing = [!state.file && _("a file"), !state.mapping.kind && _("the kind"), !state.mapping.reference && _("the reference"), !state.mapping.system && _("the coordinate system")].filter(Boolean);
  const ready = !missing.length && state.tried;
  one("#missing").textContent = missing.length ? _("Still to be said: {parts}", { parts: missing.join(_(", ")) }) : state.saved ? _("Kept as {name}.", { name: state.saved }) : "";
  for (const button of ["#save", "#go-on"]) one(button).disabled = !ready;
  one("#take-out").disabled = !state.mapping.kind;
}

async function begin() {
  const file = form.elements.file.files[0];
  if (!file) return;
  const sending = one("#sending");
  sending.hidden = false;
  try {
    const sent = await upload(`/api/imports/files?name=${encodeURIComponent(file.name)}`, file, { onProgress: (share) => (one("progress", sending).value = share) });
    await beginWith(sent.file, sent.name);
  } catch (problem) {
    tellInline(problem);
  } finally {
    sending.hidden = true;
  }
}

async function beginWith(file, name) {
  Object.assign(state, { file, fileName: name, look: null, mapping: {}, candidates: [], tried: null, saved: "" });
  one("#mapping-name").value = name.replace(/\.[^.]+$/, "").replace(/\s+/g, "-").slice(0, 60);
  await lookAgain({ layer: "", encoding: "", kind: "" });
  if (state.look && form.elements.start.value) await startFrom(form.elements.start.value);
}

async function startFrom(name) {
  try {
    const { mapping, shipped } = await get(`/api/mappings/${encodeURIComponent(name)}`);
    state.mapping = structuredClone(mapping);
    if (!shipped) one("#mapping-name").value = name;
    if (state.file) await lookAgain({ encoding: mapping.encoding ?? "", layer: state.look?.layers.includes(mapping.layer) ? mapping.layer : "", kind: mapping.kind, keep: true });
    if (state.look) await loadCandidates();
  } catch (problem) {
    tellInline(problem);
  }
}

function tellInline(problem) {
  fill(one("#begin-problem"), h("p", {}, problem.message), problem.nextStep && h("p", { class: "next" }, problem.nextStep));
  one("#begin-problem").hidden = false;
}

async function save() {
  const name = one("#mapping-name").value.trim();
  if (!name) return one("#mapping-name").focus();
  if (known.some((entry) => entry.name === name && !entry.shipped) && state.saved !== name && !confirm(_("There is a mapping {name} already. Put this one in its place?", { name }))) return "";
  await put(`/api/mappings/${encodeURIComponent(name)}`, { mapping: state.mapping });
  state.saved = name;
  await loadKnown();
  drawSteps();
  return name;
}

async function goOn() {
  const name = state.saved || (await save());
  if (!name) return;
  const { id } = await post("/api/imports", { file: state.file, kind: "layer", mapping: name });
  location.assign(`/imports#${id}`);
}

async function loadKnown() {
  known = (await get("/api/mappings")).filter((entry) => entry.of_a_layer);
  const group = (label, entries, text) => entries.length > 0 && h("optgroup", { label }, entries.map((entry) => h("option", { value: entry.name }, text(entry))));
  const chosen = form.elements.start.value;
  fill(form.elements.start, h("option", { value: "" }, _("what the columns suggest")),
    group(_("Made here"), known.filter((entry) => !entry.shipped), (entry) => [entry.name, entry.who, shortText(entry.recorded_at)].filter(Boolean).join(" · ")),
    group(_("Come with the system"), known.filter((entry) => entry.shipped), (entry) => entry.name));
  form.elements.start.value = chosen;
}

/** Do what a button says; what does not work is told beside the others. */
const doing = (action) => (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  Promise.resolve(action()).catch(tellProblem).finally(drawSteps);
};

startShell();
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.file.addEventListener("change", begin);
form.elements.start.addEventListener("change", () => (form.elements.start.value ? startFrom(form.elements.start.value) : state.file && lookAgain()));
one("#save").addEventListener("click", doing(async () => (await save()) && tell(_("The mapping is kept."))));
one("#go-on").addEventListener("click", doing(goOn));
one("#take-out").addEventListener("click", doing(() => download(`/api/mappings/file?name=${encodeURIComponent(one("#mapping-name").value || "mapping")}`, { body: { mapping: state.mapping }, name: `${one("#mapping-name").value || "mapping"}.toml` })));
for (const tab of one("#views").querySelectorAll("button")) tab.addEventListener("click", () => showOnMap(tab.dataset.view));
drawSteps();
[state.kinds] = await Promise.all([get("/api/kinds"), loadKnown()]).catch((problem) => (tellProblem(problem), [null]));
const handed = new URLSearchParams(location.hash.slice(1));
if (handed.get("mapping")) form.elements.start.value = handed.get("mapping");
if (handed.get("file")) await beginWith(handed.get("file"), handed.get("name") ?? "");
