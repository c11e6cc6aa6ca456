/** Where in the app one is: the address bar is the truth. */

import { ROOM_CHARS_MAX } from "../lib/limits.ts";

/** A place in the app. */
export type Route =
  | { readonly name: "lobby" }
  /** `side`: what is open about the whole room, where no card is. */
  | { readonly name: "board"; readonly room: string; readonly card: string | null; readonly side?: Side };

/** What can be open beside a board. */
export type Side = (typeof SIDES)[number];

const SIDES = ["activity", "archive"] as const;

/** Reads a path; what is not known is the lobby. */
export function parsePath(path: string): Route {
  const [, first, room, second, card] = path.split("/");
  if (first !== "r" || room === undefined || room === "") return { name: "lobby" };
  const name = decode(room).slice(0, ROOM_CHARS_MAX);
  if (name.trim() === "") return { name: "lobby" };
  const known = second === "c" && card !== undefined && /^[\w-]{1,64}$/.test(card);
  const side = SIDES.find((one) => one === second);
  return { name: "board", room: name, card: known ? card : null, ...(side === undefined ? {} : { side }) };
}

/** The path of a place. */
export function pathOf(route: Route): string {
  if (route.name === "lobby") return "/";
  const board = `/r/${encodeURIComponent(route.room)}`;
  if (route.card !== null) return `${board}/c/${route.card}`;
  return route.side === undefined ? board : `${board}/${route.side}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Router {
  /** Where one is. */
  route = $state.raw<Route>(parsePath(location.pathname));

  constructor() {
    addEventListener("popstate", () => { this.route = parsePath(location.pathname); });
  }

  /** Goes there; the browser's back button leads here. Within a room the filter of its cards comes along. */
  go(route: Route): void {
    const stays = route.name === "board" && this.route.name === "board" && route.room === this.route.room;
    history.pushState(null, "", pathOf(route) + (stays ? location.search : ""));
    this.route = route;
  }
}

/** The one router. */
export const router = new Router();
