// Templates: each kind in both languages, the system's words and the city's, with a preview while they are written.
import { post, put } from "../api.js";
import { debounce, fill, h, icon, one } from "../dom.js";
import { _ } from "../i18n.js";
import { tellProblem } from "../notify.js";
import { saveWith } from "../working-time/dialogs.js";

const LANGUAGES = { zh: "中文", en: "English" };
const BASE = "/api/notice-settings/templates";

/** Starts the view; draw(known) shows what the server said. */
export function startTemplates(reload) {
  let known = null;
  let edited = null;

  function draw(told) {
    known = told;
    fill(one("#templates thead tr"), [_("Kind of notice"), ...Object.values(LANGUAGES), _("Breaks quiet hours")].map((text) => h("th", { scope: "col" }, text)));
    fill(one("#templates tbody"), known.templates.map(row));
  }

  function row({ kind, urgent, locales }) {
    const tick = h("input", { type: "checkbox", checked: urgent, "aria-label": _("{kind}: breaks quiet hours", { kind: known.kinds[kind] }), on: { change: () => declare(kind, tick.checked) } });
    return h("tr", { data: { kind } },
      h("th", { scope: "row" }, known.kinds[kind]),
      Object.keys(LANGUAGES).map((locale) => cell(kind, locale, locales[locale])),
      h("td", {}, tick));
  }

  function cell(kind, locale, { words, default: usual, broken, made_by: maker }) {
    const name = _("Edit {kind} in {language}", { kind: known.kinds[kind], language: LANGUAGES[locale] });
    const note = broken ? h("small", { class: "wrong" }, _("Cannot be used, the system's sentence is sent: {why}", { why: broken })) : words && h("small", {}, _("the city's words, {who}", { who: maker }));
    return h("td", { class: "template", lang: locale === "zh" ? "zh-CN" : "en" },
      h("div", {}, h("span", {}, words || usual, note),
        h("button", { type: "button", class: "quiet", "aria-label": name, title: name, on: { click: () => edit(kind, locale, words, usual) } }, icon("tool"))));
  }

  async function declare(kind, urgent) {
    try {
      await put("/api/notice-settings/urgency", { kind, urgent });
    } catch (problem) {
      tellProblem(problem);
    }
    await reload();
  }

  const words = one("#t-words");
  const preview = async () => {
    const wrong = one("#template-dialog .problem");
    try {
      one("#t-preview").textContent = (await post(`${BASE}/preview`, { ...edited, words: words.value })).text;
      wrong.hidden = true;
    } catch (problem) {
      one("#t-preview").textContent = "";
      fill(wrong, [problem.message, problem.nextStep].filter(Boolean).join(" ")).hidden = false;
    }
  };

  function edit(kind, locale, own, usual) {
    edited = { kind, locale };
    one("#template-title").textContent = `${known.kinds[kind]} · ${LANGUAGES[locale]}`;
    one("#t-default").textContent = _("The system says: {words}", { words: usual });
    words.value = own;
    fill(one("#t-places"), Object.entries(known.places).map(([place, meaning]) => h("button", { type: "button", class: "button small", title: meaning, on: { click: () => putIn(`{${place}}`) } }, `{${place}}`, h("small", {}, meaning))));
    saveWith(one("#template-dialog"), () => put(BASE, { ...edited, words: words.value }), reload);
    preview();
  }

  function putIn(place) {
    words.setRangeText(place, words.selectionStart, words.selectionEnd, "end");
    words.focus();
    preview();
  }

  words.addEventListener("input", debounce(preview, 300));
  return { draw };
}
