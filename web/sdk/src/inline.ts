// @warroom/sdk/inline: the same with the engine inside, in this thread: for one-file pages and where nothing may be fetched.

export { openBoard } from "./open-inline.ts";
export * from "./shared.ts";
