/** What the app's state asks of a page, for tests without one: events, a network, nothing stored. */

import { vi } from "vitest";

/** Puts a page in place until `vi.unstubAllGlobals()`. */
export function stubPage(): void {
  const page = new EventTarget();
  const listen = (...given: Parameters<EventTarget["addEventListener"]>): void => { page.addEventListener(...given); };
  vi.stubGlobal("addEventListener", listen);
  vi.stubGlobal("document", { hidden: false, activeElement: null, addEventListener: listen });
  vi.stubGlobal("navigator", { onLine: true });
}
