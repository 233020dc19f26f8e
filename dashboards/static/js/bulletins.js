// Bulletins: what the centre has to say to the posts of the reader, unread ones first and open.
import { get, post } from "./api.js";
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { shortText } from "./time.js";

/** A list that fills itself. `manage`: also how many have read each. */
export function bulletinList({ manage = false } = {}) {
  const element = h("section", { class: "bulletins", "aria-label": _("Bulletins"), hidden: true });

  async function load() {
    try {
      const found = await get("/api/patrol/bulletins");
      const shown = manage ? found : found.filter(({ read_at: read }) => !read).concat(found.filter(({ read_at: read }) => read).slice(0, 3));
      element.hidden = !shown.length;
      fill(element, h("h2", {}, _("Bulletins")), shown.map(entry));
    } catch (problem) {
      if (!problem.isTemporary) tellProblem(problem);
    }
  }

  function entry(one) {
    const unread = !one.read_at && !manage;
    const done = async () => {
      try {
        await post(`/api/patrol/bulletins/${one.id}/read`, {});
        load();
      } catch (problem) {
        tellProblem(problem);
      }
    };
    return h("details", { class: "bulletin", open: unread, data: { unread: String(unread) } },
      h("summary", {}, one.title, h("small", {}, [one.made_by, shortText(one.recorded_at), manage && _("read by {count}", { count: one.readers })].filter(Boolean).join(" · "))),
      h("p", {}, one.text), unread && h("button", { type: "button", class: "button", on: { click: done } }, _("I have read it")));
  }

  load();
  setInterval(load, 300_000);
  return { element, load };
}
