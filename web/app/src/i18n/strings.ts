/** The dictionary in use. */

import { en, type Strings } from "./en.ts";

/** All strings of the interface, in the language in use. */
export const t: Strings = en;
