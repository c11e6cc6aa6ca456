// @warroom/sdk: a live task board that works offline. Subscribe to snapshots, call verbs; the engine stays out of sight.

export { openBoard } from "./open-board.ts";
export * from "./shared.ts";
