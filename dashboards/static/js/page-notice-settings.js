// How notices leave the house: channels, what posts get, templates, and what was given up; four views of one page.
import { get } from "./api.js";
import { all, one } from "./dom.js";
import { startChannels } from "./notices/channels.js";
import { startDefaults } from "./notices/defaults.js";
import { startLetters } from "./notices/letters.js";
import { startTemplates } from "./notices/templates.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";

const tabs = all("#views [role=tab]");
const views = [startChannels(load), startDefaults(load), startTemplates(load), startLetters(load)];

async function load() {
  try {
    const known = await get("/api/notice-settings");
    for (const view of views) view.draw(known);
    one("#dead-count").textContent = known.letters.count ? String(known.letters.count) : "";
  } catch (problem) {
    tellProblem(problem);
  }
}

function show(name) {
  for (const tab of tabs) {
    const chosen = tab.dataset.view === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    one(`#${tab.dataset.view}-view`).hidden = !chosen;
  }
  if (location.hash.slice(1) !== name) history.replaceState(null, "", `#${name}`);
}

one("#views").addEventListener("click", ({ target }) => {
  const name = target.closest("[data-view]")?.dataset.view;
  if (name) show(name);
});
one("#views").addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const next = tabs[(tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true") + step + tabs.length) % tabs.length];
  show(next.dataset.view);
  next.focus();
});

startShell();
show(tabs.some((tab) => tab.dataset.view === location.hash.slice(1)) ? location.hash.slice(1) : "channels");
await load();
