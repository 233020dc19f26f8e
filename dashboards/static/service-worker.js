// Lets the inspector's page open without reception: the newest answer when there is one, else the kept copy.
const KEPT = "inspector-1";
const PAGE = "/inspector";

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const isKept = pathname === PAGE || pathname.startsWith("/static/") || pathname.startsWith("/catalogue/") || pathname === "/icons.svg" || pathname === "/api/standards";
  if (isKept) event.respondWith(newestOrKept(request));
});

async function newestOrKept(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
