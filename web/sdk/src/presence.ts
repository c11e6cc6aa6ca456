// Who is here: the peers as the engine tells them, and what this person does, told again after a restart of the engine.

import type { BoardPresence, Grab, GrabLost, Unsubscribe } from "./api.ts";
import type { CardId, Hover, Peer, Pointer, Presence, PresenceDelta, TypingPlace } from "./generated.ts";
import { compareBytes } from "./compare.ts";
import { tell } from "./listeners.ts";

/** Cards in the hand; only the newest grab is held. */
class HeldGrab implements Grab {
  held = true;
  readonly #post: (presence: Presence) => void;
  readonly #lost: (loss: GrabLost) => void;

  constructor(post: (presence: Presence) => void, lost: (loss: GrabLost) => void) {
    this.#post = post;
    this.#lost = lost;
  }

  carry(hover: Hover | null): void {
    if (this.held) this.#post({ type: "carry", hover });
  }

  release(): void {
    if (!this.held) return;
    this.held = false;
    this.#post({ type: "release" });
  }

  /** Takes the cards out of the hand. */
  lose(loss: GrabLost): void {
    if (!this.held) return;
    this.held = false;
    this.#lost(loss);
  }
}

/** The presence of one board. */
export class PresenceClient implements BoardPresence {
  #peers: readonly Peer[] = [];
  #grab: HeldGrab | null = null;
  #ready = false;
  /** The newest of each lasting kind. */
  readonly #own = new Map<"viewing" | "typing" | "pointing" | "idle", Presence>();
  readonly #post: (presence: Presence) => void;
  readonly #listeners = new Set<(peers: readonly Peer[]) => void>();

  constructor(post: (presence: Presence) => void) {
    this.#post = post;
  }

  viewing(card: CardId | null): void {
    this.#set("viewing", { type: "viewing", card });
  }

  typing(place: TypingPlace | null): void {
    this.#set("typing", { type: "typing", place });
  }

  pointing(pointer: Pointer | null): void {
    this.#set("pointing", { type: "pointing", pointer });
  }

  idle(idle: boolean): void {
    this.#set("idle", { type: "idle", idle });
  }

  grab(cards: readonly CardId[], lost: (loss: GrabLost) => void): Grab {
    this.#grab?.release();
    const grab = new HeldGrab((presence) => {
      if (this.#ready) this.#post(presence);
    }, lost);
    this.#grab = grab;
    // before the engine runs nobody can hold a card against us
    if (this.#ready) this.#post({ type: "grab", cards: [...cards] });
    return grab;
  }

  getPeers(): readonly Peer[] {
    return this.#peers;
  }

  subscribe(listener: (peers: readonly Peer[]) => void): Unsubscribe {
    this.#listeners.add(listener);
    listener(this.#peers);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The engine runs: tell it what this person does. */
  handleReady(): void {
    this.#ready = true;
    for (const presence of this.#own.values()) this.#post(presence);
  }

  /** The engine is gone, and with it everybody that it knew. Answers whether the peers changed. */
  handleBroken(): boolean {
    this.#ready = false;
    return this.#settle([]);
  }

  /** What the engine says. Answers whether the peers changed. */
  handleDeltas(deltas: readonly PresenceDelta[]): boolean {
    let peers: Peer[] | null = null;
    for (const delta of deltas) {
      switch (delta.type) {
        case "peerPut":
          peers = [...(peers ?? this.#peers).filter((peer) => peer.peer !== delta.peer.peer), delta.peer];
          break;
        case "peerGone":
          peers = (peers ?? this.#peers).filter((peer) => peer.peer !== delta.peer);
          break;
        case "grabDenied":
          this.#grab?.lose({ reason: "denied", card: delta.card, by: delta.by });
          break;
        case "grabRevoked":
          this.#grab?.lose({ reason: "revoked", card: delta.card, by: delta.by });
          break;
        case "grabExpired":
          this.#grab?.lose({ reason: "expired", cards: delta.cards });
          break;
      }
    }
    return peers !== null && this.#settle(peers.sort((a, b) => compareBytes(a.peer, b.peer)));
  }

  #settle(peers: readonly Peer[]): boolean {
    if (peers.length === 0 && this.#peers.length === 0) return false;
    this.#peers = peers;
    tell(this.#listeners, peers);
    return true;
  }

  #set(kind: "viewing" | "typing" | "pointing" | "idle", presence: Presence): void {
    this.#own.set(kind, presence);
    if (this.#ready) this.#post(presence);
  }
}
