/** How safe one's work is, in a few words: stored here, on the relay and connected are three facts, kept apart. */

import type { BoardStatus } from "@warroom/sdk";

import { t } from "../i18n/strings.ts";
import { DROP_SHOWN_AFTER_MS, STORING_SHOWN_AFTER_MS, SYNCING_SHOWN_AFTER_MS, UNREACHABLE_AFTER_MS } from "../lib/limits.ts";

/** What the pill says, as a word for code. */
export type PillKind =
  | "opening" | "live" | "syncing" | "connecting" | "reconnecting" | "offline" | "unreachable"
  | "storing" | "notStored" | "memory" | "failed" | "readOnly";

/** The sign beside the words: states differ by shape, not only by colour. */
export type PillShape = "dot" | "ring" | "diamond" | "triangle";

/** The pill at one moment. */
export interface Pill {
  readonly kind: PillKind;
  readonly shape: PillShape;
  readonly text: string;
  /** The same for a phone, in a word or two. */
  readonly brief: string;
}

/** What the pill is made from. Durations are milliseconds; `null`: not the case. */
export interface PillFacts {
  readonly status: BoardStatus;
  readonly readOnly: boolean;
  /** The browser thinks that there is a network. A hint: a live connection is the truth. */
  readonly online: boolean;
  /** Since when the connection is gone. */
  readonly downMs: number | null;
  /** There was a connection since the page was opened. */
  readonly wasUp: boolean;
  /** Since when something is on its way. */
  readonly syncingMs: number | null;
  /** Since when something is not yet on this device. */
  readonly storingMs: number | null;
}

/** Changes that the relay is not known to have. */
export function waitingOf(status: BoardStatus): number {
  return status.waiting > 0 ? status.waiting : status.unsaved;
}

/** Whether this device keeps what is saved, beyond this tab. */
export function isKeptHere(status: BoardStatus): boolean {
  return status.storage === "durable";
}

/** The pill for these facts. */
export function pillOf(facts: PillFacts): Pill {
  const { status } = facts;
  const { pill, pillBrief } = t;
  if (status.phase === "failed") return { kind: "failed", shape: "triangle", text: status.error.code === "trap" ? pill.stopped : pill.failed, brief: pillBrief.failed };
  if (status.storage === "full" || status.storage === "failed") return { kind: "notStored", shape: "triangle", text: pill.notStored, brief: pillBrief.notStored };
  if (status.phase === "opening") return { kind: "opening", shape: "ring", text: pill.opening, brief: pill.opening };
  if (status.storage === "memoryOnly" && waitingOf(status) > 0) return { kind: "memory", shape: "triangle", text: pill.memory, brief: pillBrief.memory };
  if (status.storage === "durable" && (facts.storingMs ?? 0) > STORING_SHOWN_AFTER_MS) return { kind: "storing", shape: "ring", text: pill.storing, brief: pillBrief.storing };
  if (status.phase === "saved" && facts.readOnly) return { kind: "readOnly", shape: "ring", text: pill.readOnly, brief: pill.readOnly };
  if (status.phase === "saved") return live();
  if (status.phase === "syncing") return syncing(facts, facts.syncingMs ?? 0);
  return down(facts);
}

function live(): Pill {
  return { kind: "live", shape: "dot", text: t.pill.live, brief: t.pillBrief.live };
}

function syncing(facts: PillFacts, sinceMs: number): Pill {
  const waiting = waitingOf(facts.status);
  if (facts.wasUp && sinceMs < SYNCING_SHOWN_AFTER_MS) return live();
  if (waiting === 0) return { kind: "syncing", shape: "ring", text: t.pill.fetching, brief: t.pill.fetching };
  return { kind: "syncing", shape: "ring", text: t.pill.syncing(waiting), brief: t.pillBrief.syncing(waiting) };
}

function down(facts: PillFacts): Pill {
  const waiting = waitingOf(facts.status);
  const downMs = facts.downMs ?? 0;
  const isKept = isKeptHere(facts.status);
  const { pill, pillBrief } = t;
  if (!facts.online) return { kind: "offline", shape: "diamond", text: pill.offline(waiting, isKept), brief: pillBrief.offline(waiting) };
  if (downMs >= UNREACHABLE_AFTER_MS) return { kind: "unreachable", shape: "diamond", text: pill.unreachable(waiting, isKept), brief: pillBrief.unreachable(waiting) };
  if (!facts.wasUp && downMs < DROP_SHOWN_AFTER_MS) return { kind: "connecting", shape: "ring", text: pill.connecting(isKept), brief: pillBrief.connecting };
  if (downMs >= DROP_SHOWN_AFTER_MS) return { kind: "reconnecting", shape: "diamond", text: pill.reconnecting(isKept), brief: pillBrief.reconnecting };
  // A drop of less than five seconds: nothing is said, but what waits is not called saved.
  return waiting === 0 ? live() : syncing(facts, SYNCING_SHOWN_AFTER_MS);
}
