// The ladder of escalation: who is told at which share of a limit, and how long after it ran out.
import { get, post } from "../api.js";
import { fill, h, icon, one } from "../dom.js";
import { _, named } from "../i18n.js";
import { tellProblem } from "../notify.js";
import { saveWith } from "./dialogs.js";

const HEADS = [_("Rung"), _("When"), _("Stage"), _("Class"), _("Whom it tells"), _("In force"), _("Fired"), ""];
const LEVELS = { city: _("the city's"), district: _("the district's"), unit: _("the unit's") };
const NOBODY_IN_PARTICULAR = { turn: _("whoever has it now"), unit: _("the responsible unit") };

/** Starts the view; load() reads the rungs. */
export function startLadder() {
  let known = null;
  const load = async () => {
    known = await get("/api/working-time/ladder");
    fill(one("#rungs tbody"), known.rungs.map((rung) => row(rung, known, load)));
    one("#no-rungs").hidden = known.rungs.length > 0;
  };
  fill(one("#rungs thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
  one("#add-rung").addEventListener("click", () => add(known, load));
  one("#r-whom").addEventListener("change", follow);
  return { load };
}

function when({ basis, amount, limit_kind: kind }) {
  if (basis === "share") return _("{n} % of the limit used", { n: Math.round(amount * 1000) / 10 });
  return kind === "work_hour" ? _("{n} work hours after it ran out", { n: amount }) : _("{n} hours after it ran out", { n: amount });
}

function whom({ whom: kind, post: code, level }, { posts }) {
  if (kind !== "post") return NOBODY_IN_PARTICULAR[kind];
  return level ? _("{post} ({centre})", { post: posts[code], centre: LEVELS[level] }) : posts[code];
}

function row(rung, known, load) {
  const over = rung.valid_to !== null && rung.valid_to <= known.today;
  const end = async () => {
    try {
      await post(`/api/working-time/ladder/${rung.id}/end`, {});
      await load();
    } catch (problem) {
      tellProblem(problem);
    }
  };
  const since = rung.valid_from > "2000-01-01" ? _("since {day}", { day: rung.valid_from }) : _("always");
  return h("tr", { data: { over, rung: rung.id } },
    h("th", { scope: "row" }, named(rung)),
    h("td", {}, when(rung)),
    h("td", {}, rung.stage ? known.stages[rung.stage] : _("all stages")),
    h("td", {}, rung.class_prefix ? `${rung.class_prefix}…` : _("all classes")),
    h("td", {}, whom(rung, known)),
    h("td", {}, over ? _("until {day}", { day: rung.valid_to }) : since, h("small", {}, [rung.entered_by, rung.ended_by_name].filter(Boolean).join(" → "))),
    h("td", { class: "number" }, rung.fired.toLocaleString()),
    h("td", {}, over ? null : h("button", { type: "button", class: "button small", on: { click: end } }, icon("x"), _("End today"))));
}

/** A level is for posts alone. */
function follow() {
  one("#r-level").disabled = !one("#r-whom").value.startsWith("post:");
}

function add(known, load) {
  const dialog = one("#rung-dialog");
  const form = one("form", dialog);
  form.reset();
  fill(one("#r-stage"), h("option", { value: "" }, _("all stages")), Object.entries(known.stages).map(([code, name]) => h("option", { value: code }, name)));
  fill(one("#r-whom"), Object.entries(NOBODY_IN_PARTICULAR).map(([code, name]) => h("option", { value: code }, name)), Object.entries(known.posts).map(([code, name]) => h("option", { value: `post:${code}` }, name)));
  follow();
  saveWith(dialog, () => {
    const value = (name) => form.elements[name].value.trim();
    const [kind, code = null] = value("whom").split(":");
    const share = value("basis") === "share";
    return post("/api/working-time/ladder", {
      name: value("name"), name_en: value("name_en"), basis: share ? "share" : "after", amount: share ? Number(value("amount")) / 100 : Number(value("amount")),
      limit_kind: share ? null : value("basis"), stage: value("stage") || null, class_prefix: value("class_prefix"), whom: kind, post: code, level: (code && value("level")) || null,
    });
  }, load);
}
