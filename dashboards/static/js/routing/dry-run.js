// Dry run on history: which cases of a period would have gone elsewhere under these rules.
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";
import { dateOf, dayAfter } from "../time.js";
import { drawProgress, runStudy } from "./studies.js";

/** Fill `content`; `against`: the version that is compared with; `ground` shows the cases. */
export function drawDryRun(content, { setId, against, ground, isWanted }) {
  const since = h("input", { type: "date", value: dateOf(30), "aria-label": _("first day") });
  const until = h("input", { type: "date", value: dateOf(0), "aria-label": _("last day") });
  const progress = h("div", { hidden: true });
  const found = h("div", { class: "pad-less", role: "status" });
  const go = h("button", { class: "button primary" }, icon("history"), _("Try on these cases"));
  const wrong = h("p", { class: "wrong", role: "alert" });
  fill(content, h("form", { class: "pad study", on: { submit: (event) => (event.preventDefault(), start()) } },
    h("p", { class: "hint" }, setId === against ? _("This version is in force: choose a draft to see what it would change.") : _("Every classified case of the period is asked again, under the rules in force and under this version.")),
    h("div", { class: "line" }, since, "–", until, go), wrong, progress, found));

  async function start() {
    go.disabled = true;
    wrong.textContent = "";
    try {
      await runStudy(setId, { kind: "dry_run", since: `${since.value}T00:00`, until: `${dayAfter(until.value)}T00:00`, against }, { isWanted, draw });
    } catch (problem) {
      wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
    }
    go.disabled = false;
  }

  function draw(study) {
    drawProgress(progress, study);
    const { changed = 0, moves = {}, cases = [], unrouted = 0 } = study.result;
    const nameOf = (unit) => study.units[unit] ?? _("nobody");
    const ways = Object.entries(moves).sort(([, a], [, b]) => b - a);
    let chosen = null;
    const list = h("ul", { class: "past" });
    const table = h("table", { class: "moves" }, h("thead", {}, h("tr", {}, h("th", {}, _("now with")), h("th", {}, _("then with")), h("th", {}, _("Cases")))),
      h("tbody", {}, ways.map(([way, count]) => {
        const [from, to] = way.split(">");
        const row = h("tr", { tabindex: 0, data: { way }, on: { click: () => pick(way), keydown: (event) => event.key === "Enter" && pick(way) } }, h("td", {}, nameOf(from)), h("td", {}, nameOf(to)), h("td", { class: "n" }, count));
        return row;
      })));
    const pick = (way) => {
      chosen = chosen === way ? null : way;
      table.querySelectorAll("tr[data-way]").forEach((row) => row.setAttribute("aria-current", String(row.dataset.way === chosen)));
      show();
    };
    const show = () => {
      const shown = cases.filter((one) => !chosen || `${one.from ?? 0}>${one.to ?? 0}` === chosen);
      ground.cases(shown);
      fill(list, shown.slice(0, 200).map((one) => h("li", {}, h("time", {}, h("a", { href: `/map#${one.number}` }, one.number)), h("span", {}, one.title), h("small", {}, `${nameOf(one.from)} → ${nameOf(one.to)}`, one.to_rule && study.rules[one.to_rule] ? ` · ${_("by rule {number}: {name}", { number: study.rules[one.to_rule].number, name: named(study.rules[one.to_rule]) })}` : ""))));
    };
    fill(found,
      h("p", { class: "sum" }, changed ? _("{n} of {total} cases would go elsewhere.", { n: changed, total: study.done }) : study.finished_at ? _("No case of {total} would go elsewhere.", { total: study.done }) : ""),
      unrouted > 0 && h("p", { class: "hint" }, _("For {n} of them no rule of this version fits.", { n: unrouted })),
      ways.length > 0 && h("div", { class: "figures" }, table), list);
    show();
  }
}
