// The server's stream of what happens. Reconnects by itself and says when lists must be read again.
import { get } from "./api.js";

/**
 * Listen to /api/live.
 * handlers: {case, device, alarm, watched, tiles, asset, clock: (data) => …, resync: () => …, status: ("live"|"lost") => …}.
 * A case that has left this user's reach comes as `gone: (id) => …`, not as `case`.
 * `resync` is called after every gap, because events sent while we were away are not repeated.
 */
export function listen(handlers) {
  let source = null;
  let wait = 1000;
  let away = false;

  function connect() {
    source = new EventSource("/api/live");
    source.addEventListener("open", () => {
      wait = 1000;
      handlers.status?.("live");
      if (away) handlers.resync?.();
      away = false;
    });
    source.addEventListener("error", lost);
    source.addEventListener("resync", () => handlers.resync?.());
    source.addEventListener("case", (event) => {
      const item = JSON.parse(event.data);
      item.gone ? handlers.gone?.(item.id) : handlers.case?.(item);
    });
    for (const name of ["device", "alarm", "watched", "tiles", "asset", "clock"]) {
      source.addEventListener(name, (event) => handlers[name]?.(JSON.parse(event.data)));
    }
  }

  function lost() {
    away = true;
    handlers.status?.("lost");
    if (source.readyState !== EventSource.CLOSED) return; // the browser is already trying again
    get("/api/me").catch(() => {}); // a session that has ended leads to the login
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 30_000);
  }

  connect();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
}
