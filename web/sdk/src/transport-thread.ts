// Running the engine in this thread.

import { EngineHost } from "./engine-host.ts";
import type { EngineSource } from "./engine-module.ts";
import type { StartEngine, ToEngine, Transport } from "./messages.ts";

/** Runs the engine in this thread, for small embeds. */
export function inThread(source: EngineSource): StartEngine {
  return (receive): Transport => {
    let ended = false;
    const host = new EngineHost((message) => {
      // in a task of its own, as a worker would: nobody is called back from inside a verb
      queueMicrotask(() => {
        if (!ended) receive(message);
      });
    }, source);
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
