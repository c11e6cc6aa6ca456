// The front door: opens a board at once, whatever the network does.

import type { Board, BoardOptions } from "./api.ts";
import { BoardClient } from "./board-client.ts";
import { FILES } from "./engine-file.ts";
import { inThread } from "./transport-thread.ts";
import { inWorker } from "./transport-worker.ts";

/**
 * Opens a room: a name (`ops`: everyone who opens it meets there) or an `automerge:` address. Answers at once; the snapshot
 * fills as this device's copy is read and others' changes come in. Verbs called meanwhile wait and are never lost to loading.
 *
 * Call it in a browser, not while rendering on a server.
 */
export function openBoard(room: string, options: BoardOptions): Board {
  const useWorker = options.worker ?? typeof Worker !== "undefined";
  return new BoardClient(room, options, useWorker ? inWorker(options.createWorker) : inThread(FILES));
}
