// Rolls of random tests: anew each time, or the same with FAST_CHECK_SEED=<number>, as `cargo xtask test` does.

import { env } from "node:process";
import fc from "fast-check";

if (env.FAST_CHECK_SEED !== undefined) fc.configureGlobal({ seed: Number(env.FAST_CHECK_SEED) });
