// A user's own access tokens for GIS programs: made, copied once, ended.
import { get, post } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { clearFaults, tellFaults } from "./faults.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { fullText } from "./time.js";

const form = one("#new");

async function load() {
  try {
    const tokens = await get("/api/tokens");
    fill(one("#tokens tbody"), tokens.map(row));
    one("#tokens").hidden = !tokens.length;
    one("#empty").hidden = tokens.length > 0;
  } catch (problem) {
    tellProblem(problem);
  }
}

function row({ id, name, created_at, expires_at }) {
  const end = h("button", { type: "button", class: "button small", data: { end: id }, on: { click: () => revoke(id) } }, icon("x"), _("End it"));
  return h("tr", {}, [name, fullText(created_at), fullText(expires_at), end].map((cell) => h("td", {}, cell)));
}

async function make() {
  clearFaults(form);
  try {
    const { token } = await post("/api/tokens", { name: form.elements.name.value.trim(), days: Number(form.elements.days.value) });
    one("#made").hidden = false;
    one("#made code").textContent = token;
    form.elements.name.value = "";
    await load();
  } catch (problem) {
    tellFaults(form, problem);
  }
}

async function revoke(id) {
  try {
    await post(`/api/tokens/${id}`, {}, { method: "DELETE" });
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

fill(one("#tokens thead tr"), [_("What it is for"), _("Made"), _("Ends"), ""].map((text) => h("th", { scope: "col" }, text)));
startShell();
form.addEventListener("submit", (event) => (event.preventDefault(), make()));
one("#copy").addEventListener("click", copy);
await load();
