/** Goal: typing with others loses nothing and keeps the caret. Method: a control and a text as values, random edits on both sides. */

import { apply, type Splice, type TextChange } from "@warroom/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { moveCaret } from "../src/lib/caret.ts";
import { TYPING_STEP_MS_MAX } from "../src/lib/limits.ts";
import { TextField, type TextControl } from "../src/lib/text-field.ts";

class Control implements TextControl {
  value = "";
  selectionStart = 0;
  selectionEnd = 0;
  scrollTop = 0;
  setSelectionRange(start: number, end: number): void {
    [this.selectionStart, this.selectionEnd] = [start, end];
  }
  /** What a person does: replaces the selection and leaves the caret behind it. */
  type(text: string): void {
    this.value = this.value.slice(0, this.selectionStart) + text + this.value.slice(this.selectionEnd);
    this.selectionStart = this.selectionEnd = this.selectionStart + text.length;
  }
}

class SharedText {
  content: string;
  #listeners: ((change: TextChange) => void)[] = [];
  constructor(content: string) {
    this.content = content;
  }
  splice(at: number, remove: number, insert: string): void {
    this.#apply({ at, delete: remove, insert }, "local");
  }
  remote(at: number, remove: number, insert: string): void {
    this.#apply({ at, delete: remove, insert }, "remote");
  }
  onChange(listener: (change: TextChange) => void): () => void {
    this.#listeners.push(listener);
    return () => { this.#listeners = this.#listeners.filter((one) => one !== listener); };
  }
  #apply(splice: Splice, origin: "local" | "remote"): void {
    this.content = apply(this.content, splice);
    for (const listener of this.#listeners) listener({ origin, splice });
  }
}

function open(content: string) {
  const [control, text, clock] = [new Control(), new SharedText(content), { now: 0 }];
  return { control, text, clock, field: new TextField(control, text, () => true, () => clock.now) };
}

describe("the caret", () => {
  it("stays in front of what others put in exactly there", () => {
    expect(moveCaret(3, { at: 3, delete: 0, insert: "xyz" })).toBe(3);
  });
  it("moves with what others do before it, and not with what they do behind it", () => {
    expect(moveCaret(5, { at: 0, delete: 1, insert: "abc" })).toBe(7);
    expect(moveCaret(5, { at: 6, delete: 1, insert: "abc" })).toBe(5);
  });
  it("goes to the end of what replaced its surroundings", () => {
    expect(moveCaret(5, { at: 2, delete: 6, insert: "ab" })).toBe(4);
  });
});

describe("the field", () => {
  it("sends the smallest splice", () => {
    const { control, text, field } = open("hello");
    control.setSelectionRange(5, 5);
    control.type("!");
    field.input();
    expect(text.content).toBe("hello!");
  });

  it("keeps caret and scroll when somebody else types above", () => {
    const { control, text } = open("one\ntwo");
    control.setSelectionRange(5, 6);
    control.scrollTop = 40;
    text.remote(0, 0, "zero\n");
    expect(control.value).toBe("zero\none\ntwo");
    expect([control.selectionStart, control.selectionEnd, control.scrollTop]).toEqual([10, 11, 40]);
  });

  it("leaves the control alone while an input method composes, and joins both afterwards", () => {
    const { control, text, field } = open("ab");
    control.setSelectionRange(2, 2);
    field.compositionStart();
    control.type("か");
    field.input();
    text.remote(0, 0, "XX");
    expect(control.value).toBe("abか");
    field.compositionEnd();
    expect(control.value).toBe("XXabか");
    expect(text.content).toBe("XXabか");
    expect(control.selectionStart).toBe(5);
  });

  it("undoes and redoes one's own typing, a burst at a time, and leaves the others' words", () => {
    const { control, text, clock, field } = open("");
    const type = (letters: string): void => {
      for (const letter of letters) {
        control.type(letter);
        field.input();
        clock.now += 100;
      }
    };
    type("mine ");
    text.remote(0, 0, "THEIRS ");
    clock.now += TYPING_STEP_MS_MAX + 1;
    type("more");
    text.remote(text.content.length, 0, " END");
    expect(control.value).toBe("THEIRS mine more END");
    field.undo();
    expect(control.value).toBe("THEIRS mine  END");
    expect(control.selectionStart).toBe("THEIRS mine ".length);
    field.undo();
    expect(control.value).toBe("THEIRS  END");
    field.undo();
    expect(text.content).toBe("THEIRS  END");
    field.redo();
    field.redo();
    field.redo();
    expect(control.value).toBe("THEIRS mine more END");
    field.undo();
    type("!");
    field.redo();
    expect(control.value).toBe("THEIRS mine ! END");
  });

  it("undoes a deletion key by key as one, in both directions", () => {
    const { control, text, field } = open("abcdef");
    for (const [start, end] of [[3, 4], [2, 3], [2, 3]] as const) {
      control.setSelectionRange(start, end);
      control.type("");
      field.input();
    }
    expect(text.content).toBe("abf");
    field.undo();
    expect(text.content).toBe("abcdef");
  });

  it("takes its own words back from around those that others put among them", () => {
    const { control, text, field } = open("a");
    const replace = (from: number, to: number, letters: string): void => {
      control.setSelectionRange(from, to);
      control.type(letters);
      field.input();
    };
    replace(1, 1, "m");
    text.remote(2, 0, "T");
    replace(0, 3, "mm");
    text.remote(1, 0, "U");
    expect(text.content).toBe("mUm");
    field.undo();
    expect(text.content).toBe("amTU");
    field.undo();
    expect(text.content).toBe("aTU");
    field.redo();
    field.redo();
    expect(text.content).toBe("mUm");
  });

  it("after undoing everything has the text as if only the others had typed", () => {
    const step = fc.record({ mine: fc.boolean(), at: fc.nat(40), remove: fc.nat(4), length: fc.integer({ min: 1, max: 4 }), pause: fc.nat(2 * TYPING_STEP_MS_MAX) });
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 }), fc.array(step, { maxLength: 12 }), (content, steps) => {
      const { control, text, clock, field } = open(content);
      for (const { mine, at, remove, length, pause } of steps) {
        const from = Math.min(at, text.content.length);
        clock.now += pause;
        if (mine) {
          control.setSelectionRange(from, Math.min(from + remove, text.content.length));
          control.type("m".repeat(length));
          field.input();
        } else text.remote(from, 0, "T".repeat(length));
      }
      const before = text.content;
      for (const _ of steps) field.undo();
      expect(text.content.replaceAll("T", "")).toBe(content);
      expect(text.content.match(/T/gu)?.length ?? 0).toBe(steps.filter(({ mine }) => !mine).reduce((sum, { length }) => sum + length, 0));
      for (const _ of steps) field.redo();
      expect(Array.from(text.content).sort()).toEqual(Array.from(before).sort());
      expect(control.value).toBe(text.content);
    }), { numRuns: 1000 });
  });

  it("sends the word that is being composed when it is told to, and goes on from there", () => {
    const { control, text, field } = open("ab");
    control.setSelectionRange(2, 2);
    field.compositionStart();
    control.type("hel");
    field.input();
    expect(text.content).toBe("ab");
    field.commit();
    expect(text.content).toBe("abhel");
    text.remote(0, 0, "X");
    control.type("lo");
    field.compositionEnd();
    expect(text.content).toBe("Xabhello");
    expect(control.value).toBe("Xabhello");
  });

  it("shows what the text says after any mix of edits", () => {
    const step = fc.record({ mine: fc.boolean(), at: fc.nat(40), remove: fc.nat(5), insert: fc.string({ maxLength: 4 }) });
    fc.assert(fc.property(fc.string({ maxLength: 20 }), fc.array(step, { maxLength: 20 }), (content, steps) => {
      const { control, text, field } = open(content);
      for (const { mine, at, remove, insert } of steps) {
        const from = Math.min(at, text.content.length);
        const to = Math.min(from + remove, text.content.length);
        if (mine) {
          control.setSelectionRange(from, to);
          control.type(insert);
          field.input();
        } else text.remote(from, to - from, insert);
        expect(control.value).toBe(text.content);
        expect(control.selectionStart).toBeLessThanOrEqual(control.value.length);
      }
    }));
  });
});
