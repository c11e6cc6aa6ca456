/**
 * Keeps the whole app on this device: every file of the build, under the names the build gave them; what most people never need
 * once it was fetched.
 *
 * Own code: the library for it brings some three hundred packages into the build and refuses the engine (over 2 MiB) by
 * default; what is needed is this page. The build writes the lists of files in place of `__WARROOM_FILES__` and `__WARROOM_LATER__`.
 */

/** The paths of all files that are fetched at once; written in by the build. */
declare const __WARROOM_FILES__: readonly string[];
/** Those of files that are kept when somebody has needed them. Their names hold their hash; written in by the build. */
declare const __WARROOM_LATER__: readonly string[];
/** A name for this set of files; written in by the build. */
declare const __WARROOM_BUILD__: string;

const scope = self as unknown as ServiceWorkerGlobalScope;
const FILES = __WARROOM_FILES__;
const LATER = __WARROOM_LATER__;
const CACHE = `warroom-${__WARROOM_BUILD__}`;
const SHELL = "/";

scope.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(settle());
});

scope.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (request.mode === "navigate" && (url.pathname === "/" || url.pathname.startsWith("/r/"))) event.respondWith(answer(SHELL, request));
  else if (FILES.includes(url.pathname)) event.respondWith(answer(url.pathname, request));
  else if (LATER.includes(url.pathname)) event.respondWith(answerAndKeep(url.pathname, event));
});

/** Takes in the files. Those whose name holds their hash are copied from an older version's cache when it has them. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all([...FILES, ...LATER].map(async (path) => {
    const old = path.startsWith("/assets/") ? await caches.match(path) : undefined;
    if (old !== undefined) {
      await cache.put(path, old);
      return;
    }
    if (LATER.includes(path)) return;
    const fresh = await fetch(path, { cache: "no-cache" });
    if (!fresh.ok) throw new Error(`${path} answered ${String(fresh.status)}`);
    await cache.put(path, fresh);
  }));
}

/** Older versions go; pages that were opened before the first installation are served from here on as well. */
async function settle(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith("warroom-") && name !== CACHE) await caches.delete(name);
  }
  await scope.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

async function answerAndKeep(path: string, event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept !== undefined) return kept;
  const fresh = await fetch(event.request);
  // a full disk is no reason to answer nothing
  if (fresh.ok) event.waitUntil(cache.put(path, fresh.clone()).catch(() => undefined));
  return fresh;
}

export {};
