/** Who is here and what they do, gathered from all tabs of all people. */

import type { CardId, ColumnId, Peer, Person } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";

/** A person in the room, however many tabs they have open. */
export interface Someone {
  /** The user, or the peer that does not say who it is. */
  readonly key: string;
  readonly name: string;
  readonly colour: number;
  /** Away in all tabs. */
  readonly idle: boolean;
  /** The card they have open, if one. */
  readonly viewing: CardId | null;
  readonly self: boolean;
}

/** Where somebody's carried card would land. */
export interface Landing {
  readonly peer: Peer;
  readonly card: CardId;
  readonly before: CardId | null;
}

/** What the others do, by what they do it to. My own other tabs are left out: they are me. */
export interface Doings {
  /** Who is moving a card. */
  readonly movers: ReadonlyMap<CardId, Peer>;
  /** Who has a card open. */
  readonly viewers: ReadonlyMap<CardId, readonly Peer[]>;
  /** Who types in a card. */
  readonly typists: ReadonlyMap<CardId, readonly Peer[]>;
  /** Who types in a column's composer. */
  readonly composers: ReadonlyMap<ColumnId, readonly Peer[]>;
  /** Where carried cards would land. */
  readonly landings: ReadonlyMap<ColumnId, readonly Landing[]>;
}

/** Everybody in the room: the others by name, oneself last. */
export function everyone(peers: readonly Peer[], me: Person, selfIdle: boolean, selfViewing: CardId | null): readonly Someone[] {
  const others = new Map<string, Someone>();
  for (const peer of peers) {
    if (peer.user === me.id) continue;
    const key = peer.user ?? peer.peer;
    const known = others.get(key);
    others.set(key, {
      key,
      name: peer.name,
      colour: peer.colour,
      idle: peer.idle && (known?.idle ?? true),
      viewing: peer.viewing ?? known?.viewing ?? null,
      self: false,
    });
  }
  const sorted = [...others.values()].sort((a, b) => Number(a.idle) - Number(b.idle) || a.name.localeCompare(b.name) || (a.key < b.key ? -1 : 1));
  return [...sorted, { key: me.id, name: me.name, colour: me.colour, idle: selfIdle, viewing: selfViewing, self: true }];
}

/** What somebody is called among people who know each other: the first name. */
export function callName(name: string): string {
  return name.trim().split(/\s+/u)[0] || t.stranger;
}

/** Sorts the others' doings. Of two claims on one card the one with the lower (lamport, peer id) counts. */
export function doingsOf(peers: readonly Peer[], me: Person): Doings {
  const movers = new Map<CardId, Peer>();
  const viewers = new Map<CardId, Peer[]>();
  const typists = new Map<CardId, Peer[]>();
  const composers = new Map<ColumnId, Peer[]>();
  const landings = new Map<ColumnId, Landing[]>();
  for (const peer of peers) {
    if (peer.user === me.id) continue;
    if (peer.viewing !== null) put(viewers, peer.viewing, peer);
    if (peer.typing?.in === "card") put(typists, peer.typing.card, peer);
    if (peer.typing?.in === "composer") put(composers, peer.typing.column, peer);
    for (const card of peer.claim?.cards ?? []) {
      const other = movers.get(card);
      if (other === undefined || stands(peer, other)) movers.set(card, peer);
    }
  }
  for (const [card, peer] of movers) {
    const hover = peer.claim?.hover;
    if (hover !== null && hover !== undefined) put(landings, hover.column, { peer, card, before: hover.before });
  }
  return { movers, viewers, typists, composers, landings };
}

function stands(a: Peer, b: Peer): boolean {
  const [mine, theirs] = [a.claim?.lamport ?? 0, b.claim?.lamport ?? 0];
  return mine === theirs ? a.peer < b.peer : mine < theirs;
}

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
