// Running the engine in a worker: what the page computes never waits for it.

import type { FromEngine, StartEngine } from "./messages.ts";

/** Runs the engine in a worker; the worker and all that it holds is one instance. */
export function inWorker(createWorker: (() => Worker) | undefined): StartEngine {
  return (receive) => {
    const worker =
      createWorker?.() ?? new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "warroom" });
    let ended = false;
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      if (!ended) receive(data);
    };
    // the worker reports its own breakdowns; what arrives here is a script that did not load
    worker.onerror = (event) => {
      event.preventDefault();
      if (!ended) receive({ type: "broken", code: "engine", message: event.message || "the worker did not load" });
    };
    return {
      post: (message) => {
        worker.postMessage(message);
      },
      end: () => {
        ended = true;
        worker.terminate();
      },
    };
  };
}
