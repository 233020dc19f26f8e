// The server's stream of what happens: one for a page, whoever on it listens. Reconnects by itself and says when lists must be read again.
import { get } from "./api.js";

const listeners = new Set();
const TOPICS = ["device", "alarm", "watched", "tiles", "asset", "clock", "notice", "bulletin"];
let source = null;
let wait = 1000;
let away = false;
let retry = 0;

/**
 * Listen to /api/live.
 * handlers: {case, device, alarm, watched, tiles, asset, clock, notice, bulletin: (data) => …, resync: () => …, status: ("live"|"lost") => …}.
 * A case that has left this user's reach comes as `gone: (id) => …`, not as `case`.
 * `resync` is called after every gap, because events sent while we were away are not repeated.
 * With `whileVisible` it is enough to hear while the page is shown: browsers hold few connections to one server, and people many tabs.
 */
export function listen(handlers, { whileVisible = false } = {}) {
  listeners.add({ handlers, whileVisible });
  if (source?.readyState === EventSource.OPEN) handlers.status?.("live");
  follow();
}

const wanted = () => [...listeners].some(({ whileVisible }) => !whileVisible || !document.hidden);
const tell = (name, ...values) => listeners.forEach(({ handlers }) => handlers[name]?.(...values));

/** Connect or hang up as the page is shown or hidden. */
function follow() {
  if (wanted() && source === null) connect();
  else if (!wanted() && source !== null) hangUp();
}

function hangUp() {
  clearTimeout(retry);
  source?.close();
  source = null;
  away = true;
}

function connect() {
  source = new EventSource("/api/live");
  source.addEventListener("open", () => {
    wait = 1000;
    tell("status", "live");
    if (away) tell("resync");
    away = false;
  });
  source.addEventListener("error", lost);
  source.addEventListener("resync", () => tell("resync"));
  source.addEventListener("case", (event) => {
    const item = JSON.parse(event.data);
    item.gone ? tell("gone", item.id) : tell("case", item);
  });
  for (const name of TOPICS) source.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
}

function lost() {
  away = true;
  tell("status", "lost");
  if (source.readyState !== EventSource.CLOSED) return; // the browser is already trying again
  get("/api/me").catch(() => {}); // a session that has ended leads to the login
  retry = setTimeout(() => wanted() && connect(), wait);
  wait = Math.min(wait * 2, 30_000);
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", hangUp);
addEventListener("pageshow", (event) => event.persisted && follow());
