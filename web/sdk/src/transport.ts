// The two ways to run an engine: in a worker, or in this thread.

import { EngineHost } from "./engine-host.ts";
import type { FromEngine, StartEngine, ToEngine, Transport } from "./messages.ts";

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

/** Runs the engine in this thread, for small embeds. */
export function inThread(): StartEngine {
  return (receive): Transport => {
    let ended = false;
    const host = new EngineHost((message) => {
      // in a task of its own, as a worker would: nobody is called back from inside a verb
      queueMicrotask(() => {
        if (!ended) receive(message);
      });
    });
    return {
      post: (message: ToEngine) => {
        queueMicrotask(() => {
          if (!ended) host.handle(message);
        });
      },
      end: () => {
        if (ended) return;
        ended = true;
        host.end();
      },
    };
  };
}
