// Routing rules: versions with who approved them, rules with a map, who would get what, dry runs, gaps, what people correct.
import { get, post, put } from "./api.js";
import { allClasses } from "./class-picker.js";
import { all, fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { classChoices } from "./routing/conditions.js";
import { drawDryRun } from "./routing/dry-run.js";
import { drawGaps } from "./routing/gaps.js";
import { groundMap } from "./routing/ground-map.js";
import { drawHistory, drawProposals } from "./routing/learnt.js";
import { drawForm } from "./routing/rule-form.js";
import { drawRules } from "./routing/rules-list.js";
import { drawTry } from "./routing/try.js";
import { startShell } from "./shell.js";
import { fullText, shortText } from "./time.js";

const ROLES = { in_force: _("in force"), planned: _("planned"), past: _("was in force"), draft: _("draft"), submitted: _("waits for approval"), withdrawn: _("withdrawn"), dropped: _("given up") };
const content = one("#content");
const wide = one("#wide");
const ground = groundMap(one("#map"));
let weatherOpen = false;
let known = { sets: [], may: {}, weather: { up: [] } };
let choices = null;
let shown = { rules: [], removed: [], changes: [] };
let proposals = [];
let tab = "rules";
let turn = 0;

const chosen = () => known.sets.find(({ id }) => id === Number(one("#set").value));
const inForce = () => known.sets.find(({ role }) => role === "in_force");
const draftOf = () => (chosen()?.role === "draft" ? chosen() : known.sets.find(({ role }) => role === "draft"));

/** Read versions anew, then show one: the one asked for, else the one that was shown. */
async function load(wanted = chosen()?.id) {
  const [answer, found] = await Promise.all([get("/api/routing"), get("/api/routing/proposals")]).catch((problem) => (tellProblem(problem), [null]));
  if (!answer) return;
  known = answer;
  proposals = found;
  choices = { ...choices, words: known.words, weekdays: known.weekdays, weather: known.weather };
  fill(one("#set"), known.sets.map((set) => h("option", { value: set.id }, _("Version {id} · {role} · {rules} rules", { id: set.id, role: ROLES[set.role], rules: set.rules }))));
  one("#set").value = String(known.sets.some(({ id }) => id === wanted) ? wanted : inForce()?.id ?? known.sets[0]?.id ?? "");
  one("#learnt-count").textContent = proposals.length || "";
  drawLost();
  await open();
}

async function open() {
  const set = chosen();
  if (!set) return fill(content, h("p", { class: "empty" }, _("There are no rules yet."), known.may.keep && button(_("Make a draft"), () => act("draft"))));
  const answer = await get(`/api/routing/sets/${set.id}`).catch(tellProblem);
  if (!answer) return;
  shown = answer;
  drawStanding(set);
  show(tab);
}

/** Who made and approved the version, from when it holds; and what can be done with it now. */
function drawStanding(set) {
  const said = [set.valid_from && !set.valid_from.startsWith("2000-01-01") && _("from {time}", { time: fullText(set.valid_from) }), set.author && _("drafted by {name}", { name: set.author }), set.decider && _("approved by {name}", { name: set.decider }), set.why];
  fill(one("#standing"), h("span", { class: "chip", data: { role: set.role } }, ROLES[set.role]), " ", said.filter(Boolean).join(" · "));
  const { keep, approve } = known.may;
  fill(one("#acts"),
    keep && !["draft", "submitted"].includes(set.role) && button(_("Make a draft from it"), () => act("draft"), "plus"),
    keep && set.role === "past" && button(_("Go back to this version"), () => act("roll-back"), "arrow-back-up"),
    keep && set.role === "draft" && button(_("Ask for approval"), () => act("submit"), "send", true),
    approve && set.role === "submitted" && [button(_("Approve"), () => act("approve"), "check", true), button(_("Send back"), () => act("send-back"), "arrow-back-up")],
    keep && ["draft", "submitted", "planned"].includes(set.role) && button(set.role === "planned" ? _("Withdraw") : _("Give up"), () => act("drop"), "x"),
    known.weather.may && weatherFlags());
}

function weatherFlags() {
  const end = h("input", { type: "datetime-local", name: "until" });
  const flags = Object.entries(known.words.weather).map(([flag, words]) => h("button", { type: "button", class: "button small", "aria-pressed": String(known.weather.up.includes(flag)), on: { click: () => turnFlag(flag, end.value || null) } },
    words, known.weather.until[flag] && h("small", {}, " ", _("until {time}", { time: shortText(known.weather.until[flag]) }))));
  return h("details", { class: "flags", open: weatherOpen, on: { toggle: ({ target }) => (weatherOpen = target.open) } }, h("summary", { class: "button" }, _("Weather"), known.weather.up.length ? ` (${known.weather.up.length})` : ""),
    h("div", { class: "weather" }, h("label", { class: "field" }, h("span", {}, _("A flag put up now goes down by itself at (or empty: by hand)")), end), flags));
}

async function turnFlag(flag, until) {
  const flags = Object.fromEntries(known.weather.up.map((each) => [each, known.weather.until[each]]));
  if (flag in flags) delete flags[flag];
  else flags[flag] = until;
  await put("/api/routing/weather", { flags }).catch(tellProblem);
  await load();
}

const ASKED = {
  draft: [_("Make a draft"), _("A copy of this version, to be changed; nothing changes for cases until somebody approves it.")],
  submit: [_("Ask for approval"), _("Somebody who did not work on it reads it, and brings it into force.")],
  approve: [_("Approve"), _("From then on these rules decide; decisions made before keep what they used.")],
  "send-back": [_("Send back"), _("Its authors change it and ask again.")],
  drop: [_("Give up"), _("It stays in the list, and decides nothing.")],
  "roll-back": [_("Go back to this version"), _("A copy of it waits for approval then.")],
};

/** Ask why (and from when), then do it. */
function act(what) {
  const set = chosen();
  const [title, hint] = ASKED[what];
  one("#ask-title").textContent = one("#ask-do").textContent = title;
  one("#ask-hint").textContent = hint;
  one("#ask-when").hidden = what !== "approve";
  one("#ask-problem").hidden = true;
  one("#ask-why").value = what === "submit" ? set.why : "";
  const dialog = one("#ask");
  dialog.showModal();
  one("#ask-why").focus();
  one("form", dialog).onsubmit = async (event) => {
    if (event.submitter?.value !== "do") return;
    event.preventDefault();
    const from = one("#ask-from").value;
    const why = one("#ask-why").value.trim();
    try {
      const answer = what === "draft" ? await post("/api/routing/sets", { based_on: set?.id ?? null, why }) : await post(`/api/routing/sets/${set.id}/${what}`, what === "approve" ? { why, valid_from: from || null } : { why });
      dialog.close();
      tell(title);
      await load(answer?.id ?? set.id);
    } catch (problem) {
      one("#ask-problem").textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      one("#ask-problem").hidden = false;
    }
  };
}

function button(words, action, name = null, primary = false) {
  return h("button", { type: "button", class: primary ? "button primary" : "button", on: { click: action } }, name && icon(name), words);
}

/** Open cases of a class for which no rule fits: they wait at the fallback desk. */
function drawLost() {
  const { unrouted } = known;
  one("#alarm").hidden = !unrouted.length;
  fill(one("#alarm"), h("details", {}, h("summary", {}, icon("alert-triangle"), " ", _("{n} open cases wait at the fallback desk because no rule fits", { n: unrouted.length })), h("ul", {}, unrouted.map((each) => h("li", {}, h("a", { href: `/map#${each.number}` }, each.number), ` · ${each.class_code} · ${each.title}`)))));
}

function show(wanted) {
  tab = wanted;
  turn += 1;
  const mine = turn;
  const isWanted = () => mine === turn;
  all("[data-tab]").forEach((each) => each.setAttribute("aria-selected", String(each.dataset.tab === tab)));
  ground.stop();
  ground.cases([]);
  wide.hidden = true;
  content.scrollTop = 0;
  const set = chosen();
  const may = known.may.keep && set.role === "draft";
  const context = { setId: set.id, choices, ground, isWanted };
  if (tab !== "rules") ground.grounds(shown.rules);
  if (tab === "rules") drawRules(content, shown, { may, ground, onOpen: (rule) => drawForm(content, rule, { ...context, usual: shown.rules[0]?.priority ?? 100, onDone: () => load() }) });
  if (tab === "try") drawTry(content, context);
  if (tab === "dry-run") drawDryRun(content, { ...context, against: inForce()?.id });
  if (tab === "gaps") drawGaps(content, wide, { ...context, rules: shown.rules });
  if (tab === "learnt") drawProposals(content, proposals, { draftId: draftOf()?.id ?? null, may: known.may.keep, onDone: () => load() });
  if (tab === "history") drawHistory(content, shown.changes);
}

startShell();
all("[data-tab]").forEach((each) => each.addEventListener("click", () => show(each.dataset.tab)));
one("#set").addEventListener("change", open);
const [lists, classes] = await Promise.all([get("/api/routing/choices"), allClasses()]).catch((problem) => (tellProblem(problem), [{}, []]));
choices = { ...lists, ...classChoices(classes) };
await load();
