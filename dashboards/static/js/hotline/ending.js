// The foot of a call: what was made of it so far, handing the caller over, and the end.
import { fill, h, icon } from "../dom.js";
import { _ } from "../i18n.js";
import { tell } from "../notify.js";

export const SERVICES = { 110: _("110 police"), 119: _("119 fire"), 120: _("120 ambulance"), 122: _("122 traffic police"), other: _("others") };

/** {element, draw(), clear(), focusHandOver()}. onHandOver(service, words) and onEnd(words) are promises. */
export function callEnding({ call, onHandOver, onEnd, onShow }) {
  const list = h("ul", { class: "plain so-far" });
  const words = h("input", { type: "text", id: "call-words", autocomplete: "off", maxlength: 4000, placeholder: _("needed without a report") });
  const service = h("select", { id: "handover-service" }, Object.entries(SERVICES).map(([code, name]) => h("option", { value: code }, name)));
  const said = h("input", { type: "text", id: "handover-words", autocomplete: "off", maxlength: 1000 });
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const over = h("form", { class: "hand-over", hidden: true, novalidate: true, on: { submit: handOver } },
    field(_("Hand over to"), service), field(_("What was passed on"), said), h("button", { class: "button", type: "submit" }, _("Record the handover")));
  const element = h("div", { class: "ending" }, list, over, field(_("What the call was about"), words), error,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "button primary", id: "call-end", on: { click: end } }, icon("phone"), _("End the call"), h("kbd", {}, "F8")),
      h("button", { type: "button", class: "button", on: { click: openHandOver } }, _("Hand over"), h("kbd", {}, "F9"))));
  words.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), end()));

  function field(label, control) {
    return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
  }
  async function trying(work) {
    error.hidden = true;
    try {
      await work();
      return true;
    } catch (problem) {
      error.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      error.hidden = false;
      return false;
    }
  }
  async function handOver(event) {
    event.preventDefault();
    if (!(await trying(() => onHandOver(service.value, said.value.trim())))) return said.focus();
    tell(_("Handed over to {service}.", { service: SERVICES[service.value] }));
    said.value = "";
    over.hidden = true;
    words.focus();
  }
  function openHandOver() {
    over.hidden = false;
    service.focus();
  }
  function end() {
    return trying(() => onEnd(words.value.trim()));
  }

  function draw() {
    const { cases, answers, handovers } = call.made();
    fill(list, cases.map((item) => h("li", {}, icon("copy"), h("button", { type: "button", class: "link", on: { click: () => onShow(item.id) } }, item.number), " ", item.class_name || item.title)),
      answers.map((article) => h("li", {}, icon("circle-check"), _("answered: {title}", { title: article.shown }))),
      handovers.map((one) => h("li", {}, icon("phone"), `${SERVICES[one.service]}: ${one.words}`)));
  }
  function clear() {
    for (const control of [words, said]) control.value = "";
    over.hidden = true;
    error.hidden = true;
    draw();
  }
  return { element, draw, clear, end, openHandOver };
}
