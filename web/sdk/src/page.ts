// The door to the page around the board: when it hides, when the network comes back. Does nothing where there is no page.

/** What a page tells. */
export interface PageEvents {
  /** The page was hidden, or is about to go. */
  readonly hidden: () => void;
  /** The device believes that the network is back. */
  readonly online: () => void;
  /** The device says that the network is gone. */
  readonly offline: () => void;
}

/** Listens until the answer is called. */
export function watchPage(events: PageEvents): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  if (typeof document !== "undefined") {
    const check = (): void => {
      if (document.visibilityState === "hidden") events.hidden();
    };
    document.addEventListener("visibilitychange", check, { signal });
  }
  if (typeof window !== "undefined") {
    window.addEventListener("pagehide", events.hidden, { signal });
    window.addEventListener("online", events.online, { signal });
    window.addEventListener("offline", events.offline, { signal });
  }
  return () => {
    stop.abort();
  };
}

let asked = false;

/** Asks the browser, once, not to clear this site's data by itself. Whatever it answers, editing goes on. */
export function askToPersist(): void {
  if (asked || typeof navigator === "undefined") return;
  asked = true;
  // absent on pages that are not served over HTTPS
  const storage = (navigator as { readonly storage?: StorageManager }).storage;
  storage?.persist().catch(() => undefined);
}
