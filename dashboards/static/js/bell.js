// The bell in the bar: how many notices are unread, kept up to date by the live feed.
import { get } from "./api.js";
import { one } from "./dom.js";
import { _ } from "./i18n.js";
import { listen } from "./live.js";

const SELDOM_MS = 3000; // a burst of notices is one question, not hundreds

/** Start the bell; it says nothing of its own troubles: the page's connection light does. */
export function startBell(bell) {
  let asked = 0;
  let timer = 0;

  async function read() {
    asked = Date.now();
    try {
      show(bell, await get("/api/notices/unread"));
    } catch {
      /* without reception the last number stands */
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(read, Math.max(0, asked + SELDOM_MS - Date.now()));
  }

  read();
  listen({ notice: later, resync: later }, { whileVisible: true });
  addEventListener("notices-read", later);
}

function show(bell, { unread, most }) {
  const shown = unread >= most ? `${most - 1}+` : String(unread);
  const count = one("b", bell);
  count.hidden = unread === 0;
  count.textContent = shown;
  const words = unread === 0 ? _("Notices: nothing unread") : _("Notices: {count} unread", { count: shown });
  bell.setAttribute("aria-label", words);
  bell.title = words;
}
