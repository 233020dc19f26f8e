// Imports: hand in a file, look at its difference, apply or discard it, undo what was applied, fetch refused rows.
import { get, post, upload } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { runPanel } from "./imports-detail.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { shortText } from "./time.js";

const form = one("#hand-in");
const NEEDS_MAPPING = ["layer", "areas", "standards", "osm"];
let runs = [];
let chosen = null;
let replays = null;

const panel = runPanel(one("#detail"), { onChange: () => load(), onReplay: prepareReplay });

async function load() {
  let answer;
  try {
    answer = await get("/api/imports");
  } catch (problem) {
    return tellProblem(problem);
  }
  runs = answer.runs;
  drawMappings(answer.mappings);
  fill(one("#runs"), runs.map(row), !runs.length && h("div", { class: "empty" }, h("p", {}, _("No import has run yet."))));
}

function row(run) {
  const figures = Object.entries(run.counts.assets ?? {}).filter(([, number]) => number);
  const names = { added: _("added"), changed: _("changed"), unchanged: _("unchanged"), absent: _("not in the file"), removed: _("removed"), restored: _("restored") };
  return h("button", { type: "button", class: "row", "aria-pressed": String(run.id === chosen), on: { click: () => choose(run.id) } },
    h("span", { class: "what" }, run.file_name), h("time", {}, shortText(run.started_at)),
    h("span", { class: "where" }, h("span", { class: "chip", data: { run: run.state } }, run.state_name), h("span", {}, run.kind),
      figures.map(([name, number]) => h("span", {}, `${names[name] ?? name} ${number.toLocaleString()}`)), run.refused > 0 && h("span", {}, _("{count} refused", { count: run.refused }))));
}

function choose(id) {
  chosen = id;
  history.replaceState(null, "", `#${id}`);
  one("#runs").querySelectorAll(".row").forEach((line, at) => line.setAttribute("aria-pressed", String(runs[at].id === id)));
  panel.show(id);
}

function drawMappings({ own, shipped }) {
  const select = one("#mapping");
  const before = select.value;
  const options = (names) => names.map((name) => h("option", { value: name }, name));
  fill(select, h("option", { value: "" }, _("choose…")), own.length > 0 && h("optgroup", { label: _("Made here") }, options(own)), h("optgroup", { label: _("Come with the system") }, options(shipped)));
  select.value = before;
}

function drawForm() {
  const kind = form.elements.kind.value;
  one("#mapping-field").hidden = !NEEDS_MAPPING.includes(kind) || replays !== null;
  one("#name-field").hidden = kind !== "osm";
  if (kind === "osm" && !form.elements.mapping.value) form.elements.mapping.value = "osm";
  form.elements.kind.disabled = replays !== null;
}

function prepareReplay(run) {
  replays = run.id;
  form.elements.kind.value = "layer";
  fill(one("#replay-note"), _("Hand in the corrected CSV of run {id}; its mapping is that run's.", { id: run.id }), " ",
    h("button", { type: "button", class: "link", on: { click: endReplay } }, _("Something else")));
  one("#replay-note").hidden = false;
  drawForm();
  form.elements.file.focus();
}

function endReplay() {
  replays = null;
  one("#replay-note").hidden = true;
  drawForm();
}

async function handIn(event) {
  event.preventDefault();
  const file = form.elements.file.files[0];
  const sending = one("#sending");
  const [bar, words] = [one("progress", sending), one("span", sending)];
  const button = one(".primary", form);
  button.disabled = true;
  sending.hidden = false;
  try {
    const sent = await upload(`/api/imports/files?name=${encodeURIComponent(file.name)}`, file, { onProgress: (share) => {
      bar.value = share;
      words.textContent = _("{percent} % sent", { percent: Math.round(share * 100) });
    } });
    const kind = form.elements.kind.value;
    const wanted = { file: sent.file, kind, name: kind === "osm" ? form.elements.name.value : "", mapping: replays === null && NEEDS_MAPPING.includes(kind) ? form.elements.mapping.value : "", replays };
    const { id } = await post("/api/imports", wanted);
    endReplay();
    form.elements.file.value = "";
    await load();
    choose(id);
  } catch (problem) {
    tellProblem(problem);
  } finally {
    button.disabled = false;
    sending.hidden = true;
  }
}

startShell();
form.addEventListener("change", drawForm);
form.addEventListener("submit", handIn);
drawForm();
await load();
if (/^#\d+$/.test(location.hash)) choose(Number(location.hash.slice(1)));
