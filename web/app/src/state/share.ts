/** Bringing others in: the room's address in the clipboard. */

import { t } from "../i18n/strings.ts";
import { pathOf } from "./route.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

/** Copies the address of a room, and says so. */
export async function share(room: string): Promise<void> {
  const link = new URL(pathOf({ name: "board", room, card: null }), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    toasts.show(t.header.shared);
  } catch {
    toasts.show(t.header.shareFailed);
  }
}
