/** Every number of the interface that is a choice, with its unit and its reason. */

/** Pixels a mouse travels before a press becomes a drag: below it a shaky click still opens the card. */
export const MOUSE_SLOP_PX = 5;

/** Milliseconds a finger rests before a card lifts: long enough that a swipe always scrolls. */
export const HOLD_MS = 220;

/** Pixels a resting finger may drift before the press counts as a scroll. */
export const HOLD_SLOP_PX = 8;

/** Milliseconds after which a card that is held still goes back, so that nobody blocks it for ever. */
export const CARRY_IDLE_MS_MAX = 60_000;

/** Milliseconds after the last key until "typing" stops. */
export const TYPING_STOP_MS = 1_000;

/** Milliseconds between two keys up to which they are undone together: a pause begins a new thought. */
export const TYPING_STEP_MS_MAX = 1_000;

/** Steps of typing that can be undone in one open text. */
export const UNDO_STEPS_MAX = 500;

/** Milliseconds without input until this person counts as idle. */
export const IDLE_AFTER_MS = 60_000;

/** Milliseconds between two messages about where a carried card hovers: ten a second read as live. */
export const CARRY_PERIOD_MS = 100;

/** Milliseconds of the flight of a card that somebody else moved. */
export const FLIP_MS = 200;

/** Milliseconds of the flight home of a card that was put back. */
export const RETURN_MS = 160;

/** Cards that fly at once at most; more is a merge, not a move, and shows at once. */
export const FLIP_CARDS_MAX = 60;

/** Cards in one column up to which all are in the page; above it only those near the viewport. */
export const COLUMN_CARDS_PLAIN_MAX = 100;

/** Pixels above and below the viewport of a column in which cards are kept in the page. */
export const OVERSCAN_PX = 480;

/** Pixels that a card which was never shown is assumed to be high: two lines of title and the meta row. */
export const CARD_HEIGHT_GUESS_PX = 82;

/** Pixels between two cards; `style/board.css` has the same number. */
export const CARD_GAP_PX = 8;

/** Pixels from an edge in which a carried card scrolls the board or a column. */
export const AUTOSCROLL_EDGE_PX = 56;

/** Pixels scrolled per frame at the very edge. */
export const AUTOSCROLL_STEP_PX_MAX = 18;

/** Milliseconds until "Syncing" shows: shorter waits are not worth a flicker. */
export const SYNCING_SHOWN_AFTER_MS = 600;

/** Milliseconds until a lost connection is mentioned: most come back by themselves. */
export const DROP_SHOWN_AFTER_MS = 5_000;

/** Milliseconds until a lost connection is called unreachable. */
export const UNREACHABLE_AFTER_MS = 15_000;

/** Milliseconds until a write that is not yet on this device is mentioned. */
export const STORING_SHOWN_AFTER_MS = 1_000;

/** Milliseconds a toast stays, unless it is pointed at or focused. */
export const TOAST_MS = 8_000;

/** Milliseconds that a copy of the board waits for descriptions that are still on their way. */
export const COPY_BODIES_MS_MAX = 3_000;

/** Toasts shown at once at most; the oldest goes first. */
export const TOASTS_MAX = 3;

/** Avatars in the stack at most; the rest is "+N". */
export const AVATARS_MAX = 5;

/** Milliseconds before and after 1970 that a `Date` can hold (ECMAScript, "Time Values and Time Range"); it throws beyond. */
export const MOMENT_MS_MAX = 8.64e15;

/** Characters of a person's name. */
export const NAME_CHARS_MAX = 40;

/** Characters of a room's name in its address. */
export const ROOM_CHARS_MAX = 80;

/** Characters of a card's or column's title. */
export const TITLE_CHARS_MAX = 500;

/** Cards that a column can be limited to: more is no limit. */
export const WIP_MAX = 999;

/** Rooms remembered on this device: the rail shows them all. */
export const ROOMS_MAX = 50;

/** Presence colours, as `style/tokens.css` defines them. */
export const COLOURS = 12;

/** Milliseconds between two looks at the clock: what is shown as "5 min ago" is never wrong by a minute. */
export const CLOCK_PERIOD_MS = 30_000;

/** Labels on a card's face at most; the rest is "+N". */
export const FACE_LABELS_MAX = 3;

/** Avatars on a card's face at most; the rest is "+N". */
export const FACE_PEOPLE_MAX = 3;

/** Characters of an item of a checklist (`engine/src/limits.rs`). */
export const ITEM_CHARS_MAX = 500;

/** Characters of a label's name that can be typed: more is no label but a text. */
export const LABEL_CHARS_MAX = 60;

/** Characters of a comment (`engine/src/limits.rs`). */
export const COMMENT_CHARS_MAX = 10_000;

/** Milliseconds without a key after which a line that is edited in place is written. */
export const LINE_PAUSE_MS = 800;

/** Characters of the words that cards are looked for by: more than a person types. */
export const FILTER_CHARS_MAX = 200;

/** Labels, and people, that an address may ask for. */
export const FILTER_CHOICES_MAX = 50;

/** Days from today on that are "this week". */
export const WEEK_DAYS = 7;

/** A pause in typing after which descriptions and comments are searched. */
export const SEARCH_PAUSE_MS = 150;

/** Rows of one kind in the command palette: what a person looks through before typing another word. */
export const PALETTE_ROWS_MAX = 20;
