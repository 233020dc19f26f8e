// Imports: hand in a file, look at its difference, apply or discard it, undo what was applied, fetch refused rows.
import { get } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { runPanel } from "./imports-detail.js";
import { importForm } from "./imports-form.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { shortText } from "./time.js";

let runs = [];
let chosen = null;

const form = importForm(one("#hand-in"), { onBegun: begun });
const panel = runPanel(one("#detail"), { onChange: () => load(), onReplay: (run) => form.replay(run) });

async function load() {
  let answer;
  try {
    answer = await get("/api/imports");
  } catch (problem) {
    return tellProblem(problem);
  }
  runs = answer.runs;
  form.offer(answer.mappings, answer.systems);
  fill(one("#runs"), runs.map(row), !runs.length && h("div", { class: "empty" }, h("p", {}, _("No import has run yet."))));
}

function row(run) {
  const figures = Object.entries(run.counts.assets ?? run.counts.divisions ?? {}).filter(([, number]) => number);
  const names = { added: _("added"), changed: _("changed"), unchanged: _("unchanged"), absent: _("not in the file"), removed: _("removed"), restored: _("restored") };
  return h("button", { type: "button", class: "row", "aria-pressed": String(run.id === chosen), on: { click: () => choose(run.id) } },
    h("span", { class: "what" }, run.file_name), h("time", {}, shortText(run.started_at)),
    h("span", { class: "where" }, h("span", { class: "chip", data: { run: run.state } }, run.state_name), h("span", {}, run.kind_name),
      figures.map(([name, number]) => h("span", {}, `${names[name] ?? name} ${number.toLocaleString()}`)), run.refused > 0 && h("span", {}, _("{count} refused", { count: run.refused }))));
}

function choose(id) {
  chosen = id;
  history.replaceState(null, "", `#${id}`);
  one("#runs").querySelectorAll(".row").forEach((line, at) => line.setAttribute("aria-pressed", String(runs[at].id === id)));
  panel.show(id);
}

async function begun(id) {
  await load();
  choose(id);
}

const chooseAddressed = () => /^#\d+$/.test(location.hash) && choose(Number(location.hash.slice(1)));

startShell();
await load();
chooseAddressed();
addEventListener("hashchange", chooseAddressed);
