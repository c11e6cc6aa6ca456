// The door to the page around the board: when it hides, when the network comes back. Does nothing where there is no page.

/** What a page tells. */
export interface PageEvents {
  /** The page was hidden, or is about to go. */
  readonly hidden: () => void;
  /** The device believes that the network is back. */
  readonly online: () => void;
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
  }
  return () => {
    stop.abort();
  };
}
