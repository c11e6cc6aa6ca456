/** Who works on this device: a random id, a name and a colour, kept here and told to the rooms that are opened. */

import { randomId, type Person } from "@warroom/sdk";

import { COLOURS, NAME_CHARS_MAX } from "../lib/limits.ts";
import { isRecord, recall, remember } from "./local.ts";

function parse(value: unknown): Person | null {
  if (!isRecord(value)) return null;
  const { id, name, colour } = value;
  if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id) || typeof name !== "string" || name.trim() === "") return null;
  if (typeof colour !== "number" || !Number.isInteger(colour) || colour < 0 || colour >= COLOURS) return null;
  return { id, name: name.slice(0, NAME_CHARS_MAX), colour };
}

class Me {
  /** `null` until a name was given. */
  person = $state.raw<Person | null>(recall("me", parse));

  /** Takes a name and a colour; the id stays what it was. */
  introduce(name: string, colour: number): void {
    const id = this.person?.id ?? randomId();
    this.person = { id, name: name.trim().slice(0, NAME_CHARS_MAX), colour };
    remember("me", this.person);
  }
}

/** The person on this device. */
export const me = new Me();

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const [first, last] = [words[0] ?? "", words.length > 1 ? (words.at(-1) ?? "") : ""];
  const letters = last === "" ? Array.from(first).slice(0, 2) : [...Array.from(first).slice(0, 1), ...Array.from(last).slice(0, 1)];
  return letters.join("").toLocaleUpperCase("en");
}
