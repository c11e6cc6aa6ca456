/** The rooms that were opened on this device, the latest first. */

import { now } from "../doors/clock.ts";
import { t } from "../i18n/strings.ts";
import { ROOM_CHARS_MAX, ROOMS_MAX } from "../lib/limits.ts";
import { isRecord, recall, remember } from "./local.ts";

/** A room on this device. */
export interface KnownRoom {
  /** Its name in the address. */
  readonly room: string;
  /** Its title when it was last seen; empty: it has none. */
  readonly title: string;
  /** When it was last opened (milliseconds since 1970). */
  readonly openedAt: number;
}

function parse(value: unknown): readonly KnownRoom[] | null {
  if (!Array.isArray(value)) return null;
  return value.flatMap((one: unknown): KnownRoom[] => {
    if (!isRecord(one)) return [];
    const { room, title, openedAt } = one;
    if (typeof room !== "string" || room === "" || room.length > ROOM_CHARS_MAX) return [];
    return [{ room, title: typeof title === "string" ? title : "", openedAt: typeof openedAt === "number" ? openedAt : 0 }];
  });
}

class Rooms {
  /** All known rooms, the latest opened first. */
  list = $state.raw<readonly KnownRoom[]>(recall("rooms", parse) ?? []);

  /** A room was opened. */
  opened(room: string): void {
    const title = this.list.find((one) => one.room === room)?.title ?? "";
    this.#keep([{ room, title, openedAt: now() }, ...this.list.filter((one) => one.room !== room)]);
  }

  /** A room's title is known. */
  titled(room: string, title: string): void {
    const known = this.list.find((one) => one.room === room);
    if (known === undefined || known.title === title) return;
    this.#keep(this.list.map((one) => (one.room === room ? { ...one, title } : one)));
  }

  /** Takes a room off the list; its data stays. */
  forget(room: string): void {
    this.#keep(this.list.filter((one) => one.room !== room));
  }

  #keep(list: readonly KnownRoom[]): void {
    this.list = list.slice(0, ROOMS_MAX);
    remember("rooms", this.list);
  }
}

/** The rooms of this device. */
export const rooms = new Rooms();

/** A name that nobody chose: a random id of 128 bits, or a document's address. */
const UNSPOKEN = /^(?:automerge:.*|(?=.*[A-Z])(?=.*[\d_-])[\w-]{22})$/;

/** What a room is called: its title, or its name made readable. */
export function roomTitle(room: string, title: string): string {
  if (title.trim() !== "") return title;
  if (UNSPOKEN.test(room)) return t.lobby.unnamed;
  const words = room.split(/[-_\s]+/u).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toLocaleUpperCase("en") + word.slice(1)).join(" ");
}

/** Up to three letters for the rail. */
export function roomInitials(title: string): string {
  const words = title.trim().split(/\s+/u);
  if (words.length === 1) return Array.from(words[0] ?? "").slice(0, 3).join("").toLocaleUpperCase("en");
  return words.slice(0, 3).map((word) => Array.from(word)[0] ?? "").join("").toLocaleUpperCase("en");
}

/** A room's name as it goes into an address: small letters, digits and dashes; empty when nothing is left. */
export function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase("en");
  return plain.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/gu, "").slice(0, ROOM_CHARS_MAX);
}
