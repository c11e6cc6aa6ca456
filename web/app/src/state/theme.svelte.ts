/** Dark or light: the system's wish, until somebody chooses. */

import { recall, remember } from "./local.ts";

/** The two themes. */
export type ThemeName = "dark" | "light";

function parse(value: unknown): ThemeName | null {
  return value === "dark" || value === "light" ? value : null;
}

class Theme {
  #system = $state.raw<ThemeName>("light");
  #chosen = $state.raw<ThemeName | null>(recall("theme", parse));

  constructor() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => { this.#system = dark.matches ? "dark" : "light"; };
    follow();
    dark.addEventListener("change", follow);
    this.#show();
  }

  /** What is shown now. */
  get name(): ThemeName {
    return this.#chosen ?? this.#system;
  }

  /** Chooses the other theme; choosing what the system wants follows the system again. */
  toggle(): void {
    const next = this.name === "dark" ? "light" : "dark";
    this.#chosen = next === this.#system ? null : next;
    remember("theme", this.#chosen ?? undefined);
    this.#show();
  }

  #show(): void {
    if (this.#chosen === null) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = this.#chosen;
  }
}

/** The theme in use. */
export const theme = new Theme();
