// What is said about cards as immutable values: applies deltas, and what did not change keeps its identity.

import type { CardTalk, TalkView } from "./api.ts";
import { compareBytes, same } from "./compare.ts";
import type { CardId, Comment, CommentId, Delta, Seen, UserId } from "./generated.ts";

/** The order of comments on a card. */
function compareComments(a: Comment, b: Comment): number {
  return a.created.at - b.created.at || compareBytes(a.id, b.id);
}

const EMPTY: TalkView = { ready: false, readOnly: false, cards: new Map(), seen: new Map() };

/** Holds the newest talk, as one person sees it. */
export class TalkStore {
  readonly #me: UserId;
  #view: TalkView = EMPTY;
  readonly #comments = new Map<CardId, Map<CommentId, Comment>>();
  readonly #cardOf = new Map<CommentId, CardId>();
  readonly #votes = new Map<CardId, readonly UserId[]>();
  readonly #seen = new Map<CardId, Map<UserId, number>>();
  #boardSeen: ReadonlyMap<UserId, number> = new Map();
  /** The cards that the deltas of this batch touched. */
  readonly #touched = new Set<CardId>();

  constructor(me: UserId) {
    this.#me = me;
  }

  get view(): TalkView {
    return this.#view;
  }

  /** Applies one delta; see {@link settle}. */
  apply(delta: Delta): void {
    switch (delta.type) {
      case "talkReset":
        this.#reset(delta);
        return;
      case "commentPut":
        this.#putComment(delta.comment);
        return;
      case "votesPut":
        this.#votes.set(delta.votes.card, delta.votes.by);
        this.#touched.add(delta.votes.card);
        return;
      case "seenPut":
        this.#putSeen(delta.seen);
        return;
      case "reset":
      case "roomRenamed":
      case "columnPut":
      case "cardPut":
      case "labelPut":
      case "personPut":
      case "textProjected":
      case "textOpened":
      case "textSpliced":
      case "restoreSkipped":
      case "undoSkipped":
        return;
    }
  }

  /** Makes the view of what was touched, and gives it. */
  settle(): TalkView {
    let cards: Map<CardId, CardTalk> | null = null;
    for (const card of this.#touched) {
      const [old, talk] = [this.#view.cards.get(card), this.#talkOf(card)];
      if (same(old, talk)) continue;
      cards ??= new Map(this.#view.cards);
      cards.set(card, talk);
    }
    this.#touched.clear();
    const seen = this.#boardSeen;
    if (cards !== null || seen !== this.#view.seen) {
      this.#view = { ...this.#view, cards: cards ?? this.#view.cards, seen };
    }
    return this.#view;
  }

  #reset(delta: Extract<Delta, { type: "talkReset" }>): void {
    for (const known of [this.#comments, this.#votes, this.#seen]) {
      for (const card of known.keys()) this.#touched.add(card);
      known.clear();
    }
    this.#cardOf.clear();
    const before = this.#boardSeen;
    this.#boardSeen = new Map();
    for (const comment of delta.comments) this.#putComment(comment);
    for (const { card, by } of delta.votes) {
      this.#votes.set(card, by);
      this.#touched.add(card);
    }
    for (const seen of delta.seen) this.#putSeen(seen);
    const isSame = before.size === this.#boardSeen.size && [...before].every(([by, at]) => this.#boardSeen.get(by) === at);
    if (isSame) this.#boardSeen = before;
    const { readOnly } = delta;
    if (!this.#view.ready || this.#view.readOnly !== readOnly) this.#view = { ...this.#view, ready: true, readOnly };
  }

  #putComment(comment: Comment): void {
    const { id, card } = comment;
    const before = this.#cardOf.get(id);
    if (before !== undefined && before !== card) {
      this.#comments.get(before)?.delete(id);
      this.#touched.add(before);
    }
    this.#cardOf.set(id, card);
    const comments = this.#comments.get(card) ?? new Map<CommentId, Comment>();
    this.#comments.set(card, comments.set(id, comment));
    this.#touched.add(card);
  }

  #putSeen({ by, card, at }: Seen): void {
    if (card === null) {
      if (this.#boardSeen.get(by) !== at) this.#boardSeen = new Map(this.#boardSeen).set(by, at);
      return;
    }
    const seen = this.#seen.get(card) ?? new Map<UserId, number>();
    this.#seen.set(card, seen.set(by, at));
    this.#touched.add(card);
  }

  #talkOf(card: CardId): CardTalk {
    const old = this.#view.cards.get(card);
    const all = [...(this.#comments.get(card)?.values() ?? [])].sort(compareComments);
    const before = new Map([...(old?.comments ?? []), ...(old?.deletedComments ?? [])].map((one) => [one.id, one]));
    const keep = (comment: Comment): Comment => {
      const known = before.get(comment.id);
      return known !== undefined && same(known, comment) ? known : comment;
    };
    const comments = all.filter(({ deleted }) => !deleted).map(keep);
    const mine = this.#seen.get(card)?.get(this.#me);
    const isUnread = ({ created }: Comment): boolean =>
      created.by !== this.#me && (mine === undefined || created.at > mine);
    const votes = this.#votes.get(card) ?? [];
    return {
      comments,
      deletedComments: all.filter(({ deleted }) => deleted).map(keep),
      unread: comments.filter(isUnread).length,
      votes,
      voted: votes.includes(this.#me),
      seen: Object.fromEntries(this.#seen.get(card) ?? []),
    };
  }
}
