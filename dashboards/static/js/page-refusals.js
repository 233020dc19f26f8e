// Who tried what they may not do: newest first, narrowed by person, kind, address and time.
import { get } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { fullText } from "./time.js";

const HEADS = [_("When"), _("Person"), _("Posts"), _("Kind"), _("What was tried"), _("Why not")];
const KINDS = { NotPermitted: _("no right"), SeparationOfDuties: _("duties kept apart") };
const form = one("#which");
let next = null;

async function load(more = false) {
  try {
    const found = await get("/api/refusals", { ...Object.fromEntries(new FormData(form)), before: more ? next : null });
    const rows = found.items.map(row);
    if (more) one("#refusals tbody").append(...rows);
    else fill(one("#refusals tbody"), rows);
    next = found.next;
    one("#more").hidden = !next;
    one("#refusals").hidden = !more && !rows.length;
    one("#empty").hidden = more || rows.length > 0;
  } catch (problem) {
    tellProblem(problem);
  }
}

function row(entry) {
  const cells = [fullText(entry.recorded_at), `${entry.who} (${entry.username})`, entry.posts.join(" · ") || "–", KINDS[entry.kind] ?? entry.kind, h("code", {}, `${entry.method} ${entry.path}`), entry.reason];
  return h("tr", { title: entry.trace_id }, cells.map((cell) => h("td", {}, cell)));
}

fill(one("#refusals thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
startShell();
form.addEventListener("submit", (event) => (event.preventDefault(), load()));
one("#more").addEventListener("click", () => load(true));
await load();
