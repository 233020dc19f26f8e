// What every page after login has: clock, bell, connection light, colours, keyboard help.
import { startBell } from "./bell.js";
import { one } from "./dom.js";
import { _ } from "./i18n.js";
import { clockText, readClock, zoneText } from "./time.js";

/** Start the bar at the top; call once per page, in the turn in which the page's own controls come alive. */
export function startShell() {
  document.body.dataset.ready = "1";
  const clock = one("#clock");
  if (clock) {
    const { zone, short, differs } = zoneText();
    clock.title = differs ? _("All times are the city's ({zone}); your device keeps another zone.", { zone }) : _("All times are the city's ({zone}).", { zone });
    clock.toggleAttribute("data-differs", differs);
    const tick = () => (clock.textContent = differs ? `${clockText()} ${short}` : clockText());
    tick();
    setInterval(tick, 1000);
    const ask = () => readClock().catch(() => {}); // without reception our own clock runs on
    ask();
    setInterval(ask, 60_000);
  }
  if (one("#bell")) startBell(one("#bell"));
  one("#theme")?.addEventListener("click", switchTheme);
  one("#help-open")?.addEventListener("click", () => one("#help")?.showModal());
  document.addEventListener("click", closeMenus);
}

/** Show whether the page is being kept up to date: "live" or "lost". */
export function showConnection(status) {
  const light = one("#connection");
  if (!light) return;
  light.hidden = false;
  light.dataset.status = status;
  one("span", light).textContent = status === "live" ? _("Live") : _("Reconnecting…");
}

function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  dispatchEvent(new CustomEvent("theme", { detail: theme }));
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
}
