/** The door to the engine: opens a room at the relay that served this page. */

import { openBoard, type Board, type Person } from "@warroom/sdk";

/** Opens a room. */
export function openRoom(room: string, person: Person): Board {
  const relay = new URL("/sync", location.href);
  relay.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return openBoard(room, { relay: relay.href, person });
}
