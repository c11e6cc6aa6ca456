// The front door of the inline entry.

import type { Board, BoardOptions } from "./api.ts";
import { BoardClient } from "./board-client.ts";
import { INLINE } from "./engine-inline.ts";
import { inThread } from "./transport-thread.ts";

/**
 * Opens a room as `openBoard` of the main entry does. The engine is here already and runs in this thread.
 */
export function openBoard(room: string, options: Omit<BoardOptions, "worker" | "createWorker">): Board {
  return new BoardClient(room, options, inThread(INLINE));
}
