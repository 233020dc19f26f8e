// The auditor's page: who opened whose record, when and for what; newest first.
import { get } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _, locale } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { fullText } from "./time.js";

const HEADS = [_("When"), _("Who"), _("What"), _("Purpose"), _("Reason"), _("Household"), _("Person"), _("Area")];
const WHAT = { record: _("record"), id_number: _("ID number") };
let oldest = null;

async function load(more = false) {
  try {
    const { entries, purposes } = await get("/api/aid/access", { household_id: one("#household").value, before: more ? oldest : null });
    const rows = entries.map((entry) => h("tr", {}, [
      fullText(entry.recorded_at), `${(locale === "en" && entry.who_en) || entry.who} (${entry.username})`, WHAT[entry.what] ?? entry.what, purposes[entry.purpose] ?? entry.purpose, entry.reason,
      entry.household_id ?? "", entry.person_id ?? "", (locale === "en" && entry.area_en) || entry.area,
    ].map((text) => h("td", {}, text))));
    if (more) one("#entries tbody").append(...rows);
    else fill(one("#entries tbody"), rows);
    oldest = entries.at(-1)?.id ?? oldest;
    one("#more").hidden = entries.length < 100;
    one("#empty").hidden = more || rows.length > 0;
  } catch (problem) {
    tellProblem(problem);
  }
}

fill(one("#entries thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
startShell();
one("#which").addEventListener("submit", (event) => (event.preventDefault(), load()));
one("#more").addEventListener("click", () => load(true));
await load();
