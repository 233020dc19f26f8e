// One's notices, the newest first: what is unread, then all; each leads to its case and is read when it is opened or ticked.
import { get, post } from "./api.js";
import { bulletinList } from "./bulletins.js";
import { all, fill, h, icon, meta, one } from "./dom.js";
import { _ } from "./i18n.js";
import { listen } from "./live.js";
import { tellProblem } from "./notify.js";
import { showConnection, startShell } from "./shell.js";
import { fullText, readClock, shortText } from "./time.js";

const posts = JSON.parse(one("#words").textContent).posts;
const list = one("#list");
let view = "unread";
let next = null;
let newest = 0;
let kinds = {};

const query = () => ({ unread: view === "unread" ? true : null, kind: one("#kind").value });

async function load() {
  list.setAttribute("aria-busy", "true");
  try {
    const found = await get("/api/notices", query());
    kinds = found.kinds;
    drawKinds();
    newest = Math.max(newest, found.items[0]?.id ?? 0);
    fill(list, found.items.map(row));
    shown(found);
    one("#newer").hidden = true;
  } catch (problem) {
    tellProblem(problem);
  }
  list.removeAttribute("aria-busy");
}

async function loadOlder() {
  try {
    const found = await get("/api/notices", { ...query(), before: next });
    list.append(...found.items.map(row));
    shown(found);
  } catch (problem) {
    tellProblem(problem);
  }
}

function shown(found) {
  next = found.next;
  one("#more").hidden = next === null;
  const empty = !list.children.length;
  one("#empty").hidden = !empty;
  one("#empty p").textContent = view === "unread" ? _("Everything is read.") : _("There is no notice here.");
  one("#read-all").disabled = !one(".notice-row[data-read=false]", list);
}

function drawKinds() {
  const select = one("#kind");
  if (select.options.length > 1) return;
  select.append(...Object.entries(kinds).map(([kind, name]) => h("option", { value: kind }, name)));
}

const addressed = (to) => (to === "me" ? _("to me") : to === "unit" ? _("to my unit") : _("to: {post}", { post: posts[to] ?? to }));

function row(notice) {
  const tick = h("button", { type: "button", class: "quiet", "aria-label": _("Mark as read"), title: _("Mark as read"), hidden: notice.read, on: { click: () => read(notice, element) } }, icon("check"));
  const words = notice.link
    ? h("a", { href: notice.link, on: { click: () => notice.read || post("/api/notices/read", { ids: [notice.id] }).catch(() => {}) } }, notice.text)
    : h("span", {}, notice.text);
  const element = h("li", { class: "notice-row", data: { read: String(notice.read), notice: notice.id } },
    h("i", { class: "dot", title: notice.read ? "" : _("unread") }),
    h("span", { class: "chip", data: notice.urgent ? { status: "alarm" } : {} }, kinds[notice.kind] ?? notice.kind),
    h("div", { class: "words" }, words, h("small", {}, addressed(notice.to))),
    h("time", { datetime: notice.recorded_at, title: fullText(notice.recorded_at) }, shortText(notice.recorded_at)),
    tick);
  return element;
}

async function read(notice, element) {
  try {
    await post("/api/notices/read", { ids: [notice.id] });
    notice.read = true;
    element.dataset.read = "true";
    one("button", element).hidden = true;
    const following = element.nextElementSibling ?? element.previousElementSibling;
    if (view === "unread") element.remove();
    one("button:not([hidden])", following ?? list)?.focus();
    shown({ next });
    dispatchEvent(new Event("notices-read"));
  } catch (problem) {
    tellProblem(problem);
  }
}

async function readAll() {
  try {
    await post("/api/notices/read-all", { through: newest });
    dispatchEvent(new Event("notices-read"));
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

one("#views").addEventListener("click", ({ target }) => {
  if (!target.dataset.view) return;
  view = target.dataset.view;
  for (const tab of all("#views button")) tab.setAttribute("aria-pressed", String(tab === target));
  load();
});
one("#kind").addEventListener("change", load);
one("#read-all").addEventListener("click", readAll);
one("#more").addEventListener("click", loadOlder);
one("#newer button").addEventListener("click", load);

startShell();
if (meta("permissions").split(" ").includes("report.make")) one("#bulletins").append(bulletinList().element);
await load();
listen({
  // What one is reading does not move under the pointer; an empty list fills itself.
  notice: () => (list.children.length ? (one("#newer").hidden = false) : load()),
  clock: readClock,
  resync: () => (list.children.length ? (one("#newer").hidden = false) : load()),
  status: showConnection,
}, { whileVisible: true });
