// One change of many assets: which, what, why; how many would differ is seen before; a set is taken back as a whole.
import { get, post } from "../api.js";
import { debounce, fill, h } from "../dom.js";
import { _ } from "../i18n.js";
import { tell } from "../notify.js";
import { shortText } from "../time.js";
import { attributeFields, changesOf, plainFields, reasonField } from "./form-fields.js";
import { registerForm } from "./form.js";
import { kindPicker } from "./kind-picker.js";

const ALONE = ["name", "name_en", "code"];
const SHOWN = 8;

/** {element, isDirty(), end()}; `view()` is the map's view as a polygon; onDone() after a change. */
export function bulkForm(register, { editor, view, onDone, onCancel }) {
  let [kind, chosen, fields, wanted] = [null, null, [], null];
  const why = reasonField();
  const kinds = kindPicker(register, take);
  const wrong = h("small", { class: "wrong", role: "alert" });
  const count = h("p", { class: "hint", role: "status" });
  const listed = h("textarea", { rows: 2, name: "listed", placeholder: _("codes, references or names, one a line"), "aria-label": _("List"), on: { change: byList } });
  const selection = h("div", { class: "field", hidden: true }, h("span", { class: "label" }, _("Which"), h("em", {}, _("required"))), h("div", { class: "line" },
    h("button", { type: "button", class: "button small", data: { choose: "area" }, on: { click: byArea } }, _("Draw an area")), h("button", { type: "button", class: "button small", data: { choose: "view" }, on: { click: () => choose({ shape: view() }) } }, _("What the map shows"))), listed, count, wrong);
  const field = h("select", { name: "field", id: "bulk-field", on: { change: () => pick(field.value) } });
  const value = h("div", {});
  const effect = h("p", { class: "effect", role: "status" });
  const what = h("div", { hidden: true }, h("div", { class: "field" }, h("label", { for: "bulk-field" }, _("What shall be different"), h("em", {}, _("required"))), field), value, effect);
  const sets = h("section", { class: "sets" });
  const all = [{ name: "kind", complain: kinds.complain, input: kinds.input }, { name: "chosen", element: selection, complain: (words) => (wrong.textContent = words) }, why];

  function take(next) {
    [kind, chosen, wanted] = [next, null, null];
    selection.hidden = !kind;
    what.hidden = true;
    fill(count);
    if (!kind) return;
    const blank = { kind: kind.code, attributes: {} };
    fields = [...plainFields(blank, register, ALONE), ...attributeFields(blank, register)];
    fill(field, h("option", { value: "" }, _("choose…")), fields.map(({ name, title }) => h("option", { value: name }, title)));
  }
  function byArea() {
    editor.draw("area", { onChange: debounce((shape) => shape && choose({ shape }), 200) });
  }
  function byList() {
    const lines = listed.value.split(/[\n,，;；]+/).map((line) => line.trim()).filter(Boolean);
    if (lines.length) choose({ listed: lines });
  }
  async function choose(by) {
    wrong.textContent = "";
    try {
      const found = await post("/api/asset-sets/choose", { kind: kind.code, ...by });
      chosen = Object.fromEntries(found.map(({ id, version }) => [id, version]));
      what.hidden = !found.length;
      const more = found.length > SHOWN ? " …" : "";
      fill(count, h("strong", {}, _("{count} chosen", { count: found.length })), found.length > 0 && `: ${found.slice(0, SHOWN).map(({ name }) => name).join(", ")}${more}`);
      preview();
    } catch (problem) {
      chosen = null;
      wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
    }
  }
  function pick(name) {
    wanted = fields.find((one) => one.name === name) ?? null;
    all.splice(2, all.length - 3, ...(wanted ? [wanted] : []));
    fill(value, wanted?.element);
    fill(effect);
    wanted?.control.addEventListener("input", preview);
    preview();
  }
  const changes = () => {
    const plain = changesOf(wanted ? [wanted] : []);
    if (Object.keys(plain).length || !wanted) return plain;
    return wanted.name.startsWith("attributes.") ? { attributes: { [wanted.name.slice(11)]: wanted.value() } } : { [wanted.name]: wanted.value() };
  };
  const preview = debounce(async () => {
    if (!wanted || !chosen) return;
    wanted.complain("");
    try {
      const { changed, same, left } = await post("/api/asset-sets/preview", { chosen, changes: changes() });
      fill(effect, _("{changed} would be changed, {same} have it already.", { changed, same }), left.length > 0 && [" ", _("{count} have been changed by others since.", { count: left.length })]);
      form.element.querySelector("button.primary").textContent = _("Change {count} assets", { count: changed });
    } catch (problem) {
      fill(effect);
      form.complain(problem);
    }
  }, 350);

  async function send() {
    const missing = { ...(!kind && { kind: _("Choose what it is.") }), ...(kind && !chosen && { chosen: _("Draw an area, or list codes.") }) };
    if (Object.keys(missing).length) throw Object.assign(new Error(), { more: { facts: { fields: missing } } });
    const done = await post("/api/asset-sets", { chosen, changes: changes(), why: why.value() });
    tell([_("{count} assets have been changed.", { count: done.changed }), done.left.length > 0 && _("{count} have been changed by others since and were left.", { count: done.left.length })].filter(Boolean).join(" "));
    onDone();
  }
  async function drawSets() {
    const found = await get("/api/asset-sets").catch(() => []);
    fill(sets, found.length > 0 && [h("h3", {}, _("Last changes of many")), h("ol", { class: "plain" }, found.map(setLine))]);
  }
  function setLine(one) {
    const said = h("small", { class: "wrong", role: "alert" });
    const undo = async () => {
      try {
        const { changed, left } = await post(`/api/asset-sets/${one.id}/undo`, { why: why.value() });
        tell([_("{count} assets are as before.", { count: changed }), left.length > 0 && _("{count} have been changed by others since and were left.", { count: left.length })].filter(Boolean).join(" "));
        drawSets();
      } catch (problem) {
        said.textContent = problem.message;
      }
    };
    return h("li", { data: { set: one.id } }, h("div", { class: "line" }, h("span", {}, `${shortText(one.recorded_at)} · ${one.who} · ${one.assets}`), !one.undoes && !one.undone && h("button", { type: "button", class: "button small", on: { click: undo } }, _("Take back"))),
      h("div", {}, one.why, one.undone && h("em", {}, ` · ${words.undone}`), one.undoes && h("em", {}, ` · ${words.undoes}`)), said);
  }
  const words = { undone: _("taken back"), undoes: _("takes an earlier one back") };

  const form = registerForm({ title: _("Change many"), name: "bulk-form", fields: all, body: [kinds.element, selection, what, sets], reason: why.element, saveName: _("Change them"), send, onCancel });
  drawSets();
  return { element: form.element, isDirty: () => false, end: () => editor.stop() };
}
