// An article of the knowledge base as somebody proposes it, in Chinese and, if wanted, English.
import { post } from "../api.js";
import { h } from "../dom.js";
import { _ } from "../i18n.js";

/** {element, focus()}; `article` to change one, null for a new one. */
export function articleForm({ article, today, onDone, onCancel }) {
  const controls = {
    title: h("input", { type: "text", maxlength: 200, required: true }), body: h("textarea", { rows: 5, maxlength: 20000, required: true }),
    title_en: h("input", { type: "text", maxlength: 200, lang: "en" }), body_en: h("textarea", { rows: 3, maxlength: 20000, lang: "en" }),
    keywords: h("input", { type: "text", maxlength: 400 }), origin: h("input", { type: "text", maxlength: 400 }),
    valid_from: h("input", { type: "date", required: true }), valid_to: h("input", { type: "date" }),
  };
  const names = {
    title: _("Title"), body: _("Text"), title_en: _("Title in English"), body_en: _("Text in English"), keywords: _("Other words for it"),
    origin: _("Where it comes from"), valid_from: _("In force from"), valid_to: _("No longer from"),
  };
  for (const [name, control] of Object.entries(controls)) {
    control.id = `article-${name}`;
    control.value = article?.[name] ?? "";
  }
  controls.valid_from.value = today;
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const element = h("form", { class: "article-form", on: { submit: propose } }, h("h3", {}, article ? _("Another edition") : _("New article")),
    Object.entries(controls).map(([name, control]) => h("div", { class: "field" }, h("label", { for: control.id }, names[name]), control)), error,
    h("div", { class: "buttons" }, h("button", { class: "button primary", type: "submit" }, _("Propose")), h("button", { class: "button", type: "button", on: { click: onCancel } }, _("Cancel"))));

  async function propose(event) {
    event.preventDefault();
    const words = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value.trim()]));
    try {
      await post("/api/knowledge", { ...words, valid_to: words.valid_to || null, article_id: article?.article_id ?? null });
      onDone();
    } catch (problem) {
      error.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      error.hidden = false;
    }
  }
  return { element, focus: () => controls.title.focus() };
}
