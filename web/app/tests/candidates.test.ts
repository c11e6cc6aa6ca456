/** Goal: a card can be given to oneself, to everybody who wrote here, and to who is here now, each once. Method: one table. */

import type { Peer } from "@warroom/sdk";
import { expect, it } from "vitest";

import { candidates } from "../src/state/candidates.ts";

const person = (id: string, name: string) => ({ id, name, colour: 0 });
const peer = (user: string | null, name: string) => ({ peer: `tab-${name}`, user, name, colour: 1 }) as unknown as Peer;

it("names oneself first, then the others by name, each once; a peer that does not say who it is can't be given anything", () => {
  const people = new Map([person("zoe", "Zoe"), person("me", "My old name"), person("bea", "Bea")].map((one) => [one.id, one]));
  const here = [peer("bea", "Bea on a phone"), peer("carl", "Carl"), peer(null, "A stranger"), peer("me", "My other tab")];
  expect(candidates(person("me", "Me"), people, here).map(({ name }) => name)).toEqual(["Me", "Bea", "Carl", "Zoe"]);
});
