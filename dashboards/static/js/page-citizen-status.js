// Looking up a report: those sent from this phone are one tap away.
import { forget, kept } from "./citizen-send.js";
import { fill, h, icon, one } from "./dom.js";
import { shortText } from "./time.js";

function show() {
  const entries = kept();
  one("#kept").hidden = !entries.length;
  fill(one("#kept ul"), entries.map(({ number, code, name, at }) => h("li", {}, h("button", { type: "button", class: "card", on: { click: () => look(code) } },
    icon("send"), h("div", {}, h("strong", {}, name || number), h("small", {}, `${number} · ${shortText(at)}`))))));
}

function look(code) {
  one("#code").value = code;
  one("#lookup").requestSubmit();
}

one("#forget").addEventListener("click", () => (forget(), show()));
show();
document.body.dataset.ready = "1";
