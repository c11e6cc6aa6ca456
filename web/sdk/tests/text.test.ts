// Goal: the typist sees own typing at once, others' in place, and in the end what the engine holds. Method: rows, and random
// schedules of typing, others' typing and deliveries against a model of the engine.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextChange } from "../src/api.ts";
import type { Command, Delta, Splice, TextTarget } from "../src/generated.ts";
import { apply, applyAll, clamp, difference, isEmpty, transform } from "../src/text-splice.ts";
import { TextSession } from "../src/text-session.ts";
import { EngineText } from "./engine-text.ts";

const target: TextTarget = { field: "body", card: "c" };
const at = (position: number, remove: number, insert: string): Splice => ({ at: position, delete: remove, insert });
const anyText = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "😀"), maxLength: 12 });

const isWellFormed = (text: string): boolean => new TextDecoder().decode(new TextEncoder().encode(text)) === text;

/** A splice of `text`, on whole characters, from numbers. */
function spliceOf(text: string, [from, length, insert]: readonly [number, number, string]): Splice {
  const start = text.length === 0 ? 0 : from % (text.length + 1);
  return clamp(text, at(start, length, insert));
}

const anySplice = fc.tuple(fc.nat(40), fc.nat(4), fc.string({ unit: fc.constantFrom("x", "y", "😁"), maxLength: 3 }));

test("the difference of two texts leads from one to the other and cuts no character", () => {
  fc.assert(
    fc.property(anyText, anyText, fc.option(fc.nat(30), { nil: undefined }), (from, to, caret) => {
      const splice = difference(from, to, caret);
      expect(apply(from, splice)).toBe(to);
      expect(isWellFormed(splice.insert)).toBe(true);
      expect(isWellFormed(from.slice(splice.at, splice.at + splice.delete))).toBe(true);
    }),
  );
  expect(difference("hello", "help")).toEqual(at(3, 2, "p"));
  expect(difference("aa", "aaa")).toEqual(at(2, 0, "a"));
  expect(difference("aa", "aaa", 1), "the caret tells which of equal letters was typed").toEqual(at(0, 0, "a"));
  expect(isEmpty(difference("same", "same", 2))).toBe(true);
});

test("a splice outside its text is brought inside, and widened to whole characters", () => {
  expect(clamp("abc", at(9, 9, "x"))).toEqual(at(3, 0, "x"));
  expect(clamp("abc", at(-1, 2, ""))).toEqual(at(0, 2, ""));
  expect(clamp("abc", at(NaN, 1.5, ""))).toEqual(at(0, 1, ""));
  expect(clamp("😀", at(1, 0, "x"))).toEqual(at(0, 0, "x"));
  expect(clamp("a😀", at(1, 1, ""))).toEqual(at(1, 2, ""));
});

test("a text is shown as it was, typed into, and joined with what it has become", () => {
  const sent: Command[] = [];
  const session = new TextSession(target, "", (command) => sent.push(command), () => undefined);
  session.open();
  session.splice(at(0, 0, "> "));
  session.handleProjected("hello");
  expect(session.content).toBe("> hello");
  session.splice(at(7, 0, "!"));
  expect(session.ready).toBe(false);
  session.handleOpened("hello\nworld");
  expect(session.content).toBe("> hello!\nworld");
  session.handleProjected("late");
  expect(session.content).toBe("> hello!\nworld");
  const typed = sent.flatMap((command) => (command.type === "editText" ? [command.splice] : []));
  expect(applyAll("hello\nworld", typed)).toBe(session.content);
});

test("both orders of two splices end in one text, and of two insertions the local one stands first", () => {
  const rows: [string, Splice, Splice, string][] = [
    ["abc", at(1, 0, "X"), at(1, 0, "Y"), "aXYbc"],
    ["abcdef", at(1, 4, ""), at(3, 0, "Y"), "aYf"],
    ["abcdef", at(3, 0, "X"), at(1, 4, ""), "aXf"],
    ["abcdef", at(0, 3, "X"), at(2, 3, "Y"), "XYf"],
    ["abcdef", at(1, 2, ""), at(1, 2, ""), "adef"],
  ];
  for (const [text, local, remote, expected] of rows) {
    const [localAfter, remoteAfter] = transform([local], [remote]);
    expect(applyAll(apply(text, local), remoteAfter)).toBe(expected);
    expect(applyAll(apply(text, remote), localAfter)).toBe(expected);
  }
});

test("both orders of two rows of splices end in one text", () => {
  fc.assert(
    fc.property(anyText, fc.array(anySplice, { maxLength: 4 }), fc.array(anySplice, { maxLength: 4 }), (text, mine, theirs) => {
      const run = (of: (readonly [number, number, string])[]): Splice[] => {
        let now = text;
        return of.map((numbers) => {
          const splice = spliceOf(now, numbers);
          now = apply(now, splice);
          return splice;
        });
      };
      const [local, remote] = [run(mine), run(theirs)];
      const [localAfter, remoteAfter] = transform(local, remote);
      expect(applyAll(applyAll(text, local), remoteAfter)).toBe(applyAll(applyAll(text, remote), localAfter));
    }),
    { numRuns: 1000 },
  );
});

/** A session and an engine with a delay in both directions. */
class Pair {
  readonly engine: EngineText;
  readonly session: TextSession;
  readonly #commands: { number: number; command: Command }[] = [];
  #number = 0;
  #edit = 0;
  view: string;

  constructor(painted: string, content: string) {
    this.engine = new EngineText(target, content);
    this.view = painted;
    this.session = new TextSession(
      target,
      painted,
      (command) => {
        this.#number += 1;
        this.#commands.push({ number: this.#number, command });
        return this.#number;
      },
      () => undefined,
    );
    this.session.onChange((change) => {
      this.#follow(change);
    });
    this.session.open();
  }

  /** A reader of changes alone holds the same text. */
  #follow({ splice }: TextChange): void {
    this.view = apply(this.view, splice);
  }

  type(numbers: readonly [number, number, string]): void {
    this.session.splice(spliceOf(this.session.content, numbers));
    expect(this.view).toBe(this.session.content);
  }

  /** The engine takes one command. */
  engineTakes(): boolean {
    const next = this.#commands.shift();
    if (next === undefined) return false;
    const { number, command } = next;
    if (command.type === "openText") this.engine.open();
    if (command.type === "editText") {
      this.#edit += 1;
      this.session.handleDone(number, this.#edit);
      this.engine.edit(command.seen, command.splice);
    }
    return true;
  }

  /** The session takes one delta. */
  sessionTakes(): boolean {
    const delta: Delta | undefined = this.engine.outbox.shift();
    if (delta === undefined) return false;
    if (delta.type === "textOpened") this.session.handleOpened(delta.content);
    if (delta.type === "textSpliced") this.session.handleSpliced(delta.origin, delta.splice);
    expect(this.view).toBe(this.session.content);
    return true;
  }

  settle(): void {
    while (this.engineTakes() || this.sessionTakes());
  }
}

test("own typing shows at once, others' typing comes in around it", () => {
  const pair = new Pair("", "one two");
  pair.settle();
  expect(pair.session.content).toBe("one two");
  pair.type([3, 0, "!"]);
  pair.engine.remote(at(0, 3, "ONE AND"));
  expect(pair.session.content).toBe("one! two");
  pair.settle();
  expect(pair.session.content).toBe("ONE AND! two");
  expect(pair.engine.content).toBe("ONE AND! two");
});

test("what was typed before the text was open is joined with what is there", () => {
  const pair = new Pair("", "there");
  pair.type([0, 0, "x😁"]);
  pair.settle();
  expect(pair.engine.content).toBe(pair.session.content);
  expect(pair.engine.content).toBe("x😁there");
});

test("any schedule of typing and deliveries ends in one text", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("type" as const), numbers: anySplice }),
    fc.record({ type: fc.constant("remote" as const), numbers: anySplice }),
    fc.constant({ type: "up" as const }),
    fc.constant({ type: "down" as const }),
  );
  fc.assert(
    fc.property(anyText, fc.array(step, { maxLength: 40 }), (content, steps) => {
      const pair = new Pair(Array.from(content).slice(0, 3).join(""), content);
      for (const one of steps) {
        if (one.type === "type") pair.type(one.numbers);
        else if (one.type === "remote") pair.engine.remote(spliceOf(pair.engine.content, one.numbers));
        else if (one.type === "up") pair.engineTakes();
        else pair.sessionTakes();
      }
      pair.settle();
      expect(pair.session.content).toBe(pair.engine.content);
    }),
    { numRuns: 2000 },
  );
});

test("where the engine placed a splice elsewhere, the engine is right", () => {
  const pair = new Pair("abc", "abc");
  pair.settle();
  pair.type([1, 0, "x"]);
  pair.type([2, 0, "y"]);
  pair.session.handleSpliced("local", at(3, 0, "x"));
  pair.session.handleSpliced("local", at(0, 0, "y"));
  expect(pair.session.content).toBe("yabcx");
});

test("a refused splice is taken back and what was typed after it stays", () => {
  const commands: Command[] = [];
  const session = new TextSession(target, "", (command) => commands.push(command), () => undefined);
  session.open();
  session.handleOpened("abc");
  session.splice(at(1, 0, "X"));
  session.splice(at(0, 0, "Y"));
  session.handleRefused(2);
  expect(session.content).toBe("Yabc");
});

test("what no disk has is typed again after a breakdown", () => {
  const commands: Command[] = [];
  const session = new TextSession(target, "", (command) => commands.push(command), () => undefined);
  session.open();
  session.handleOpened("abc");
  session.splice(at(3, 0, "d"));
  session.handleDone(2, 1);
  session.handleSpliced("local", at(3, 0, "d"));
  session.splice(at(4, 0, "e"));
  session.handleStored(0);
  session.handleRestarted();
  session.splice(at(5, 0, "f"));
  session.handleOpened("abc");
  expect(session.content).toBe("abcdef");
  const last = commands.at(-1);
  expect(last).toMatchObject({ type: "editText", seen: 0, splice: at(3, 0, "def") });
});

test("what a disk has is not typed again, and others' typing does not move own words away", () => {
  const commands: Command[] = [];
  const session = new TextSession(target, "", (command) => commands.push(command), () => undefined);
  session.open();
  session.handleOpened("abc");
  session.splice(at(3, 0, "d"));
  session.handleDone(2, 1);
  session.handleSpliced("local", at(3, 0, "d"));
  session.handleStored(1);
  session.splice(at(4, 0, "e"));
  session.handleDone(3, 2);
  session.handleSpliced("local", at(4, 0, "e"));
  session.handleSpliced("remote", at(0, 0, "Z"));
  session.handleRestarted();
  session.handleOpened("abcd");
  expect(session.content).toBe("abcde");
  session.handleSpliced("remote", at(0, 0, "Z"));
  expect(session.content).toBe("Zabcde");
});
