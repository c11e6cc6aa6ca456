/** The inside of a card's panel, which the first paint does not wait for: fetched once the board is on screen. */

import type { Component } from "svelte";

class PanelPart {
  /** What shows a card; `null` until it was fetched. */
  component = $state.raw<Component<{ card: string; onclose: () => void }> | null>(null);
  /** The last attempt came back without it. */
  isFailed = $state.raw(false);
  #isOnItsWay = false;

  /** Fetches it, unless it is here or on its way. */
  load(): void {
    if (this.component !== null || this.#isOnItsWay) return;
    this.#isOnItsWay = true;
    this.isFailed = false;
    import("./PanelBody.svelte").then(
      (part) => { this.component = part.default; },
      () => { this.isFailed = true; },
    ).finally(() => { this.#isOnItsWay = false; }).catch(() => undefined);
  }
}

/** The panel's inside. */
export const panelPart = new PanelPart();
