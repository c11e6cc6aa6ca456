// The worker entry: an engine host behind `postMessage`.

import { FILES } from "./engine-file.ts";
import { EngineHost } from "./engine-host.ts";
import type { FromEngine, ToEngine } from "./messages.ts";

/** The part of a dedicated worker's global scope that is used here; the DOM's types describe a page. */
interface WorkerScope {
  postMessage(message: FromEngine): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToEngine>) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

// under server-side rendering there is no worker scope, and importing this does nothing
if (typeof self !== "undefined" && typeof window === "undefined") {
  const scope = self as unknown as WorkerScope;
  const host = new EngineHost((message) => {
    scope.postMessage(message);
  }, FILES);
  scope.addEventListener("message", ({ data }) => {
    host.handle(data);
  });
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    host.handleTrap(event.message);
  });
}
