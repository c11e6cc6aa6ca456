// Every limit of the SDK, each with its unit and its reason.

/** Edits that wait for an engine that is loading or starting again. A person makes a few per second; an import makes thousands. */
export const QUEUED_EDITS_MAX = 10_000;
/** Times that a broken-down engine is started again within {@link RESTART_WINDOW_MS}. One bad input must not loop for ever. */
export const RESTARTS_MAX = 3;
/**
 * Breakdowns that are remembered while a board is open. Each may name one more thing that the engine can't live with, and costs a
 * restart of a tenth of a second; whoever brings more than this is attacking.
 */
export const BREAKDOWNS_MAX = 100;
/** Milliseconds after which an earlier breakdown no longer counts. */
export const RESTART_WINDOW_MS = 60_000;
/** Milliseconds before a failed load of the engine is tried again the first time; doubles each time. */
export const LOAD_RETRY_MS_MIN = 1_000;
/** Milliseconds between two tries of loading the engine at most. */
export const LOAD_RETRY_MS_MAX = 30_000;
/** Milliseconds that a closing engine has to write out before it is ended. A transaction of IndexedDB takes a few. */
export const CLOSE_MS_MAX = 5_000;
/** Engines that are asked one question: the first may have broken down over something else, the second hardly. */
export const ENGINES_MAX = 2;
