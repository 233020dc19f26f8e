// Working time: the year at a glance, hours of the seasons, the ladder of escalation; three views of one page.
import { all, one } from "./dom.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { startHours } from "./working-time/hours.js";
import { startLadder } from "./working-time/ladder.js";
import { startYear } from "./working-time/year.js";

const tabs = all("#views [role=tab]");
const hours = startHours({ onChange: () => year.load() });
const year = startYear({ onLoad: (known) => hours.draw(known) });
const ladder = startLadder();

function show(name) {
  for (const tab of tabs) {
    const chosen = tab.dataset.view === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    one(`#${tab.dataset.view}-view`).hidden = !chosen;
  }
  if (location.hash.slice(1) !== name) history.replaceState(null, "", `#${name}`);
}

one("#views").addEventListener("click", ({ target }) => target.dataset.view && show(target.dataset.view));
one("#views").addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const next = tabs[(tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true") + step + tabs.length) % tabs.length];
  show(next.dataset.view);
  next.focus();
});

startShell();
show(tabs.some((tab) => tab.dataset.view === location.hash.slice(1)) ? location.hash.slice(1) : "year");
await Promise.all([year.load(), ladder.load()]).catch(tellProblem);
