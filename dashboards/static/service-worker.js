// Lets the inspector's page open without reception: the newest answer when there is one, else the kept copy.
const KEPT = "inspector-1";
const PAGE = "/inspector";
const PARTS = ["/static/", "/catalogue/", "/icons.svg", "/api/standards"];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page tells what it is made of once it has loaded: its first visit happened before we were there.
self.addEventListener("message", (event) => event.waitUntil(keep(event.data.keep ?? [])));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin || !isPart(pathname)) return;
  event.respondWith(newestOrKept(event.request));
});

const isPart = (pathname) => pathname === PAGE || PARTS.some((start) => pathname.startsWith(start));

async function keep(addresses) {
  const cache = await caches.open(KEPT);
  const parts = addresses.filter((address) => isPart(address.split("?")[0]));
  await Promise.allSettled(parts.map((address) => cache.add(address)));
}

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
