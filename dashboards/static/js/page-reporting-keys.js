// Api keys of programs that report over Open311: made, copied once, ended; with how much came by each.
import { get, post } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { fullText } from "./time.js";

const form = one("#new");
const SOURCES = { citizen: _("citizens'"), other: _("another system's") };

async function load() {
  try {
    const keys = await get("/api/reporting-keys");
    fill(one("#keys tbody"), keys.map(row));
    one("#keys").hidden = !keys.length;
    one("#empty").hidden = keys.length > 0;
  } catch (problem) {
    tellProblem(problem);
  }
}

function row(key) {
  const end = h("button", { type: "button", class: "button small", data: { end: key.id }, on: { click: () => revoke(key) } }, icon("x"), _("End it"));
  const last = key.last_at ? fullText(key.last_at) : "–";
  return h("tr", {}, [key.name, key.contact || "–", SOURCES[key.source], String(key.per_minute), String(key.reports), last, fullText(key.created_at), key.made_by, end].map((cell) => h("td", {}, cell)));
}

async function make() {
  const { name, contact, source, per_minute } = form.elements;
  try {
    const made = await post("/api/reporting-keys", { name: name.value.trim(), contact: contact.value.trim(), source: source.value, per_minute: Number(per_minute.value) });
    one("#made").hidden = false;
    one("#made code").textContent = made.api_key;
    name.value = "";
    contact.value = "";
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

async function revoke({ id, name }) {
  if (!confirm(_("End the key of {name}? Its reports are refused from now on.", { name }))) return;
  try {
    await post(`/api/reporting-keys/${id}`, {}, { method: "DELETE" });
    one("#made").hidden = true;
    tell(_("Ended. Programs that use it are refused from now on."));
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

async function copy() {
  const range = document.createRange();
  range.selectNodeContents(one("#made code"));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  await navigator.clipboard?.writeText(one("#made code").textContent).catch(() => null); // without https: it is marked, Ctrl+C takes it
}

const HEADS = [_("Name of the program"), _("Who answers for it"), _("Its reports count as"), _("Requests a minute"), _("Reports so far"), _("Last report"), _("Made"), _("Made by"), ""];
fill(one("#keys thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
startShell();
form.addEventListener("submit", (event) => (event.preventDefault(), make()));
one("#copy").addEventListener("click", copy);
await load();
