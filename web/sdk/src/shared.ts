// What every entry of the package gives besides its way to open a board.

export {
  CommandRefused,
  type Board,
  type BoardFailure,
  type BoardOptions,
  type BoardPresence,
  type BoardSnapshot,
  type BoardStatus,
  type ColumnView,
  type Edit,
  type Grab,
  type GrabLost,
  type Notice,
  type RefusalCode,
  type StatusFacts,
  type TextChange,
  type TextHandle,
  type Unsubscribe,
} from "./api.ts";
export type {
  Card,
  CardId,
  Claim,
  Column,
  ColumnId,
  ColumnRole,
  Hover,
  Peer,
  Person,
  Phase,
  Pointer,
  Position,
  Splice,
  Stamp,
  StorageState,
  TextTarget,
  TypingPlace,
  UserId,
} from "./generated.ts";
export { compareOrder } from "./board-store.ts";
export { randomId } from "./ids.ts";
export { difference } from "./text-splice.ts";
