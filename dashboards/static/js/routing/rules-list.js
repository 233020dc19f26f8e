// The rules of one version in the order in which they are asked: who, where and when, and how often each decided.
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";

const CHANGES = { added: _("new"), changed: _("changed") };

/** Fill `content` with the rules of `shown` = {rules, removed}; `may`: whether they can be changed; onOpen(rule) edits, onChoose(rule) shows. */
export function drawRules(content, shown, { may, ground, onOpen }) {
  const list = h("ol", { class: "rules" }, shown.rules.map((rule, index) => line(rule, index)));
  ground.grounds(shown.rules);
  fill(content,
    may && h("div", { class: "pad" }, h("div", { class: "buttons" }, h("button", { type: "button", class: "button primary", id: "new-rule", on: { click: () => onOpen(null) } }, icon("plus"), _("New rule")))),
    list,
    h("p", { class: "hint pad" }, _("Asked from top to bottom: the smaller priority first, then the more specific, then the older. The first that fits decides; where none does, the fallback desk gets the case and the dispatchers are told.")),
    shown.removed.length > 0 && h("p", { class: "pad" }, h("strong", {}, _("Taken out:")), " ", shown.removed.map((rule) => `${rule.number} ${named(rule)}`).join(", ")));

  function line(rule, index) {
    const row = h("li", { tabindex: 0, data: { number: rule.number }, on: {
      click: () => choose(rule, row),
      keydown: (event) => event.key === "Enter" && event.target === row && (may ? onOpen(rule) : choose(rule, row)),
    } },
    h("span", { class: "order" }, index + 1, h("small", {}, _("prio {n}", { n: rule.priority }))),
    h("span", { class: "name" }, h("strong", {}, named(rule)), rule.change && h("span", { class: "chip", data: { change: rule.change } }, CHANGES[rule.change]),
      h("small", { title: _("Number, version and points of specificity") }, _("rule {number}, version {version} · {points} points", { number: rule.number, version: rule.version, points: rule.specificity }))),
    uses(rule),
    h("span", { class: "who must" }, "→ ", rule.who),
    h("span", { class: "must" }, rule.conditions.length ? rule.conditions.map((one) => h("span", { class: "chip" }, h("b", {}, one.name), one.words)) : h("em", {}, _("everywhere, always"))),
    );
    return row;
  }

  function choose(rule, row) {
    const again = row.getAttribute("aria-current") === "true";
    list.querySelectorAll("[aria-current]").forEach((one) => (one.removeAttribute("aria-current"), one.querySelector(".buttons")?.remove()));
    ground.grounds(shown.rules, again ? null : rule.number);
    if (again) return;
    row.setAttribute("aria-current", "true");
    ground.seek(rule.ground);
    if (may) row.append(h("div", { class: "buttons must" }, h("button", { type: "button", class: "button small", data: { do: "change" }, on: { click: (event) => (event.stopPropagation(), onOpen(rule)) } }, icon("tool"), _("Change this rule"))));
  }
}

/** How often it decided in the last ninety days, and how often people knew better. */
function uses({ used }) {
  if (!used) return h("span", { class: "use" }, _("not used lately"));
  return h("span", { class: "use", title: _("in the last 90 days") }, _("{n} cases", { n: used.decided }), used.corrected > 0 && [h("br"), h("b", {}, _("{n} corrected", { n: used.corrected }))]);
}
