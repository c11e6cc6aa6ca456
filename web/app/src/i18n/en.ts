/** Every string of the interface, in English: plain texts, and functions where a number or a name goes in. */

import { enCard } from "./en-card.ts";

const count = (n: number, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;
const changes = (n: number): string => count(n, "change", "changes");
/** What becomes of one's work while the relay is away. */
const howSafe = (waiting: number, isKept: boolean): string => (waiting > 0 ? ` · ${changes(waiting)} waiting` : isKept ? " · saved on this device" : "");

/** The dictionary. Another language has the same shape ([`Strings`]). */
export const en = {
  ...enCard,
  product: "War Room",
  skipToBoard: "Skip to the board",
  close: "Close",
  cancel: "Cancel",

  undo: {
    undo: "Undo",
    redo: "Redo",
    done: "Undone",
    again: "Done again",
    back: (title: string): string => `“${title}” is on the board`,
    archived: (title: string): string => `“${title}” is in the archive`,
    deleted: (title: string): string => `“${title}” is deleted`,
    moved: (title: string, column: string): string => `“${title}” is in ${column}`,
    placed: (title: string): string => `“${title}” is at its other place`,
    titled: (title: string): string => `the title is “${title}”`,
    changed: (title: string): string => `a change of “${title}”`,
    many: (n: number): string => `changes of ${count(n, "card", "cards")}`,
    board: "a change of the board",
    nothingToUndo: "Nothing of yours is left to undo.",
    nothingToRedo: "Nothing is left to do again.",
  },

  lobby: {
    title: "War Room",
    lead: "One board, everybody on it, live. It keeps working when the network does not.",
    roomLabel: "Room name",
    roomHint: "Everyone who opens the same name meets on the same board.",
    open: "Open room",
    fresh: "New room with a private link",
    here: "On this device",
    none: "Rooms you open show up here, and open without a network.",
    forget: (room: string): string => `Remove ${room} from this list`,
    opened: (when: string): string => `opened ${when}`,
    needsName: "Type a room name first.",
    unnamed: "Private room",
  },

  me: {
    title: "Who are you?",
    lead: "The others see this name and colour on the board.",
    entering: (room: string): string => `You are about to enter ${room}. The others there see this name and colour.`,
    name: "Your name",
    colour: "Your colour",
    colours: ["Blue", "Rust", "Violet", "Green", "Magenta", "Ochre", "Teal", "Umber", "Moss", "Plum", "Indigo", "Copper"],
    save: "Enter the room",
    update: "Save",
    needsName: "Type a name, so that the others know who you are.",
    edit: "Change your name or colour",
  },

  theme: { toDark: "Switch to dark", toLight: "Switch to light", dark: "Dark theme", light: "Light theme" },
  rail: { label: "Rooms", lobby: "All rooms" },

  keys: { undo: "Ctrl Z", redo: "Ctrl Shift Z" },

  header: {
    menu: "Actions for this room",
    rename: "Rename this room",
    roomTitle: "Room title",
    people: (n: number): string => count(n, "person here", "people here"),
    share: "Copy link",
    shared: "Link copied. Everyone who opens it is in this room.",
    shareFailed: "Copying is not allowed here. The link is in the address bar.",
    more: (n: number): string => `+${String(n)}`,
  },

  people: {
    title: "People here",
    self: (name: string): string => `${name} (you)`,
    on: (card: string): string => `on “${card}”`,
    idle: "away",
    board: "on the board",
    alone: "Only you so far. Copy the link to bring others in.",
  },

  pill: {
    label: "Connection",
    opening: "Opening…",
    live: "Live · all saved",
    syncing: (n: number): string => `Syncing ${changes(n)}`,
    fetching: "Syncing…",
    reconnecting: (isKept: boolean): string => (isKept ? "Reconnecting… saved on this device" : "Reconnecting…"),
    connecting: (isKept: boolean): string => (isKept ? "Connecting… saved on this device" : "Connecting…"),
    offline: (n: number, isKept: boolean): string => `Offline${howSafe(n, isKept)}`,
    unreachable: (n: number, isKept: boolean): string => `Relay unreachable${howSafe(n, isKept)}`,
    storing: "Saving on this device…",
    notStored: "Not saved on this device",
    memory: "Not kept on this device",
    failed: "The board did not start",
    stopped: "The board stopped",
    readOnly: "Read-only",
  },

  pillBrief: {
    live: "All saved",
    syncing: (n: number): string => `Syncing ${String(n)}`,
    reconnecting: "Reconnecting…",
    connecting: "Connecting…",
    offline: (n: number): string => (n === 0 ? "Offline" : `Offline · ${String(n)}`),
    unreachable: (n: number): string => (n === 0 ? "No relay" : `No relay · ${String(n)}`),
    storing: "Saving…",
    notStored: "Not saved",
    memory: "Not kept",
    failed: "Failed",
  },

  pillDetail: {
    opening: "Looking for a copy on this device.",
    live: (host: string, isKept: boolean): string => (isKept ? `Saved on this device and at ${host}.` : `Saved at ${host}.`),
    syncing: (isKept: boolean): string => (isKept ? "Saved on this device; on the way to the relay." : "On the way to the relay."),
    offline: "You can keep working. Your changes go out when you are back.",
    retryIn: (seconds: number): string => `Trying again in ${String(seconds)} s.`,
    retrying: "Trying now.",
    unreachable: (host: string): string => `This device has a network, but ${host} does not answer.`,
    retry: "Try now",
    full: "This device's storage is full. Your changes are in this tab and go to the relay; free some space to keep them here too.",
    failed: "This browser refused to write. Your changes are in this tab and go to the relay; keep the tab open until it says saved.",
    declined: "The browser did not agree. Install War Room or bookmark it, then ask again.",
    memory: "This window keeps nothing after it is closed (a private window, perhaps). Changes are safe once they are at the relay.",
    storing: "Writing to this device.",
    here: (n: number): string => `${count(n, "person", "people")} here.`,
    waiting: (n: number): string => `${changes(n)} not yet at the relay.`,
    leftOut: (n: number): string => `${count(n, "damaged change", "damaged changes")} of others can't be shown here and ${n === 1 ? "is" : "are"} left out.`,
    quarantined: (n: number): string => `${count(n, "stored piece", "stored pieces")} could not be read and ${n === 1 ? "is" : "are"} kept aside.`,
    notPersistent: "This browser may clear data of sites it finds unused.",
    persist: "Keep data on this device",
    persisted: "This browser keeps the data of this site.",
    insecure: "Limited: not HTTPS. The app does not open without a network over this address.",
    failedEngine: (message: string): string => `The engine stopped: ${message}. What was saved on this device is safe.`,
    readOnly: "This room was made by a newer War Room. Reload to get it; until then you can look, but not change.",
  },

  board: {
    label: "Board",
    unsorted: "Unsorted",
    unsortedHint: "Cards whose column was deleted. Move them where they belong.",
    empty: "Drop here or press N",
    emptyTouch: "No cards here yet",
    addColumn: "Add column",
    columnTitle: "Column title",
    add: "Add",
    defaults: { todo: "To do", doing: "Doing", done: "Done" },
    firstCard: "Add your first card",
    firstHint: "Enter adds it. Later, press N for the next one.",
    columnsHint: "Enter adds it and sets up three columns: To do, Doing and Done.",
    loading: "Opening the board…",
    failed: "This board could not be opened",
    failedWhy: (message: string): string => `What the engine says: ${message}`,
    tryAgain: "Try again",
    broken: "This board can’t be shown",
    brokenWhy: (message: string): string => `What went wrong: ${message}. Your changes are kept.`,
    columnTabs: "Columns",
    cards: (n: number): string => count(n, "card", "cards"),
  },

  column: {
    menu: (title: string): string => `Actions for column ${title}`,
    addTo: (title: string): string => `Add a card to ${title}`,
    rename: "Rename",
    left: "Move left",
    right: "Move right",
    delete: "Delete column",
    deleted: (title: string, cards: number): string =>
      cards === 0 ? `Deleted column “${title}”` : `Deleted column “${title}”. Its ${count(cards, "card is", "cards are")} in Unsorted.`,
  },

  composer: {
    open: "Add a card",
    label: (column: string): string => `New card in ${column}`,
    placeholder: "What needs doing?",
    add: "Add card",
    addMany: (n: number): string => `Create ${String(n)} cards`,
    tooLong: (start: string, n: number): string => `“${start}…” is ${count(n, "character", "characters")} too long for a title. The rest may go into the description.`,
    typing: (name: string): string => `[${name} TYPING…]`,
    several: "[Several people TYPING…]",
  },

  card: {
    untitled: "Untitled",
    menu: (title: string): string => `Actions for ${title}`,
    open: "Open",
    editTitle: "Edit title",
    moveTo: "Move to…",
    left: "Move left",
    right: "Move right",
    up: "Move up",
    down: "Move down",
    archive: "Archive",
    delete: "Delete",
    hasBody: "has a description",
    damaged: "Partly unreadable",
    createdBy: (name: string): string => `Created by ${name}`,
    moving: (name: string): string => `${name} is moving this`,
    landsHere: (name: string): string => `${name}’s card lands here`,
    typing: (name: string): string => `[${name} TYPING…]`,
    hint: "Enter opens, Space picks up, V moves to a place, < and > move to the next column.",
    you: "YOU",
  },

  drag: {
    pickedUp: (title: string, column: string, index: number, total: number): string =>
      `Picked up ${title}. Currently in ${column}, position ${String(index)} of ${String(total)}. Use arrow keys to move, Space to drop, Escape to cancel.`,
    at: (column: string, index: number, total: number): string =>
      `${column}, position ${String(index)} of ${String(total)}.`,
    dropped: (title: string, column: string, index: number, total: number): string =>
      `Dropped. ${title} is in ${column}, position ${String(index)} of ${String(total)}.`,
    cancelled: "Move cancelled. Card returned.",
    idle: "Move cancelled after 1 minute.",
    refused: (name: string): string => `${name} is moving this card. You can still open it.`,
    revoked: (name: string): string => `${name} picked this up first.`,
    gone: "Somebody removed this card while you moved it.",
    bar: "Arrow keys move · Space drops · Esc cancels",
  },

  toast: {
    region: "Notifications",
    dismiss: "Dismiss",
    moved: (title: string, column: string): string => `Moved “${title}” to ${column}`,
    archived: (title: string): string => `Archived “${title}”`,
    deleted: (title: string): string => `Deleted “${title}”`,
    undoSkipped: (title: string | null): string =>
      title === null ? "Somebody changed this after you, so it was left as it is." : `“${title}” was changed after you, so it was left as it is.`,
    failed: (what: string): string => `That did not work: ${what}`,
    notKept: (n: number): string => `The engine stopped and was started again. ${changes(n)} of the last moments could not be kept.`,
    newVersion: "A new version of War Room is ready.",
    reload: "Use it now",
  },

  moveDialog: {
    title: (card: string): string => `Move “${card}”`,
    column: "Column",
    position: "Position",
    top: "Top",
    bottom: "Bottom",
    after: (card: string): string => `After “${card}”`,
    move: "Move",
  },

  panel: {
    label: (title: string): string => `Card ${title}`,
    title: "Title",
    body: "Description",
    bodyPlaceholder: "Write what others need to know. Everyone sees it as you type.",
    created: (when: string, name: string): string => `created ${when} by ${name}`,
    edited: (when: string, name: string): string => `edited ${when} by ${name}`,
    moving: (name: string): string => `${name} is moving this card`,
    here: (names: string): string => `Also here: ${names}`,
    archivedNow: "This card is archived.",
    deletedNow: "This card is deleted.",
    restore: "Restore",
    back: "Back to the board",
    loading: "Opening the card…",
    notLoaded: "The card’s panel could not be fetched. It works without a network once it was.",
    unknown: "There is no such card in this room. It may still be on its way.",
  },

  alarm: {
    label: "Storage",
    full: "This device’s storage is full: new changes are not kept here.",
    failed: "This browser refuses to store: new changes are not kept here.",
    memory: "This window keeps nothing after it is closed (a private window, perhaps).",
    onlyHere: (n: number): string => `${changes(n)} so far ${n === 1 ? "is" : "are"} in this tab alone: keep it open until the pill says that all is saved.`,
    atRelay: (host: string): string => `Everything is saved at ${host}.`,
    free: "Free some space on the device; storing starts again by itself.",
    copy: "Save a copy",
    copyFailed: "The copy could not be made. Select the board’s text and copy it instead.",
  },

  copy: {
    by: (when: string): string => `A copy of the board, made ${when}.`,
    noBody: "(The description is not on this device.)",
    file: (room: string): string => `${room}.md`,
  },

  shortcuts: {
    title: "Keyboard shortcuts",
    open: "Press ? for shortcuts",
    rows: [
      ["N", "New card in this column"],
      ["Enter", "Open the card"],
      ["E", "Edit its title"],
      ["Space", "Pick up, drop"],
      ["↑ ↓ ← →", "Move the focus; while carrying, move the card"],
      ["Home End", "First and last card of the column"],
      ["< >", "Move to the column on the left, on the right"],
      ["V", "Move to…"],
      ["A", "Archive"],
      ["Del", "Delete"],
      ["Ctrl Z", "Undo your last change"],
      ["Ctrl Shift Z", "Do it again (or Ctrl Y)"],
      ["Esc", "Cancel, then close"],
    ] as const,
  },

  status: {
    here: (n: number): string => `${String(n)} here`,
    waiting: (n: number): string => `${String(n)} waiting`,
  },

  stranger: "Somebody",
  and: (names: readonly string[]): string => new Intl.ListFormat("en", { type: "conjunction" }).format(names),
};

/** The shape of a dictionary. */
export type Strings = typeof en;
