/** To whom a card can be given. */

import type { Peer, Person } from "@warroom/sdk";

/** Everybody who ever wrote here or is here now: oneself first, the others by name. */
export function candidates(me: Person, people: ReadonlyMap<string, Person>, peers: readonly Peer[]): readonly Person[] {
  const known = new Map(people);
  for (const { user, name, colour } of peers) {
    if (user !== null && !known.has(user)) known.set(user, { id: user, name, colour });
  }
  known.delete(me.id);
  return [me, ...[...known.values()].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))];
}
