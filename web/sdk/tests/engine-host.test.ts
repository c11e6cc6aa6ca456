// Goal: the host gives the engine JSON alone, and what is asked for in another format comes in that. Method: doubles of both WASMs.

import { expect, test } from "vitest";
import { EngineHost } from "../src/engine-host.ts";
import type { EngineBoard, EngineSource } from "../src/engine-module.ts";
import type { FormatsGlue } from "../src/formats.ts";
import type { FromEngine } from "../src/messages.ts";
import { ann } from "./values.ts";

const imported = { cards: 1, columns: 0, labels: 0, people: 0, comments: 0 };

/** A host with a board open, what it said, what its board was called with, and what its converter is to do next. */
async function open(): Promise<{
  host: EngineHost;
  said: FromEngine[];
  calls: string[];
  say: (outputs: unknown[]) => void;
  formats: { load: () => Promise<void>; convert: (text: string) => string; renew: () => void; loads: number; resets: number };
}> {
  const said: FromEngine[] = [];
  const calls: string[] = [];
  let say: (json: string) => void = () => undefined;
  const nothing = (): void => undefined;
  const board: EngineBoard = {
    command: () => 1,
    ask: (number, json) => void calls.push(`ask ${number} ${json}`),
    importFile: (format, text) => {
      calls.push(`import ${format} ${text}`);
      queueMicrotask(() => {
        say('[{"type":"closed"}]');
      });
      return JSON.stringify(imported);
    },
    importRoom: () => JSON.stringify(imported),
    presence: nothing,
    flush: nothing,
    retry: nothing,
    offline: nothing,
    close: nothing,
  };
  const formats = { load: () => Promise.resolve(), convert: (text: string) => `<${text}>`, renew: (): void => undefined, loads: 0, resets: 0 };
  const glue: FormatsGlue = {
    default: () => Promise.resolve(),
    toJson: (format, text, person) => `${format} by ${person} ${formats.convert(text)}`,
    fromJson: (format, json, person) => `${format} for ${person} ${formats.convert(json)}`,
    __wbg_reset_state: () => {
      formats.renew();
      formats.resets += 1;
    },
  };
  const source: EngineSource = {
    loadEngine: () =>
      Promise.resolve({
        open: (_options: string, outputs: (json: string) => void) => {
          say = outputs;
          return board;
        },
        discard: nothing,
      }),
    loadFormats: async () => {
      formats.loads += 1;
      await formats.load();
      return glue;
    },
  };
  const host = new EngineHost((message) => said.push(message), source);
  host.handle({ type: "open", room: "ops", relay: "ws://localhost/sync", person: ann, breakdowns: [] });
  await settled();
  return { host, said, calls, formats, say: (outputs) => { say(JSON.stringify(outputs)); } };
}

/** All that waits for nothing but microtasks has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** What was said, one thing each. */
function outputs(said: readonly FromEngine[]): unknown[] {
  return said.flatMap((message) => (message.type === "outputs" ? (JSON.parse(message.json) as unknown[]) : [message]));
}

test("JSON goes in as it is, anything else converted, and the converter is loaded once", async () => {
  const { host, said, calls, formats } = await open();
  host.handle({ type: "import", number: 1, format: "json", text: "{}" });
  await settled();
  expect(calls).toEqual(["import json {}"]);
  expect(formats.loads).toBe(0);
  expect(outputs(said)).toEqual([{ type: "closed" }, { type: "imported", number: 1, imported }]);
  host.handle({ type: "import", number: 2, format: "csv", text: "title" });
  host.handle({ type: "import", number: 3, format: "trello", text: "{}" });
  await settled();
  expect(calls.slice(1)).toEqual([`import json csv by ${ann.id} <title>`, `import json trello by ${ann.id} <{}>`]);
  expect(formats.loads).toBe(1);
});

test("an export in another format is one in JSON, converted; what else is said keeps its order", async () => {
  const { host, said, calls, say } = await open();
  host.handle({ type: "ask", number: 1, question: { type: "export", format: "csv" } });
  host.handle({ type: "ask", number: 2, question: { type: "export", format: "json" } });
  expect(calls).toEqual(['ask 1 {"type":"export","format":"json"}', 'ask 2 {"type":"export","format":"json"}']);
  const answer = (number: number): unknown => ({ type: "answer", number, answer: { type: "exported", text: "{}" } });
  say([{ type: "deltas", deltas: [] }, answer(1), answer(2)]);
  await settled();
  const converted = { type: "answer", number: 1, answer: { type: "exported", text: `csv for ${ann.id} <{}>` } };
  expect(outputs(said)).toEqual([{ type: "deltas", deltas: [] }, answer(2), converted]);
  host.handle({ type: "ask", number: 3, question: { type: "export", format: "markdown" } });
  const refused = { type: "unanswered", number: 3, code: "tooMany", message: "later" };
  say([refused]);
  await settled();
  expect(outputs(said).at(-1)).toEqual(refused);
});

/** What the browsers throw where a memory or a stack is full. */
class InternalError extends Error {}

const BREAKDOWNS = [new WebAssembly.RuntimeError("full"), new RangeError("full"), new InternalError("full")];

test("a bad file, a converter that can't be loaded and one that breaks down are said, and the next try is a new one", async () => {
  const { host, said, calls, formats } = await open();
  const importing = async (number: number): Promise<unknown> => {
    host.handle({ type: "import", number, format: "csv", text: "a" });
    host.handle({ type: "ask", number, question: { type: "search", text: "" } });
    await settled();
    return outputs(said).at(-1);
  };
  formats.load = () => Promise.reject(new Error("offline"));
  const message = "the converter can't be loaded (offline): try again with a network, reload the page in case there is a newer version, or use json";
  expect(await importing(1)).toEqual({ type: "unimported", number: 1, code: "noFormats", message });
  formats.load = () => Promise.resolve();
  formats.convert = () => { throw new Error("line 1: no"); };
  expect(await importing(2)).toEqual({ type: "unimported", number: 2, code: "badFile", message: "line 1: no" });
  for (const breakdown of BREAKDOWNS) {
    formats.convert = () => { throw breakdown; };
    const said = { type: "unimported", number: 3, code: "badFile", message: expect.stringMatching(/make it smaller/) as unknown };
    expect(await importing(3)).toEqual(said);
  }
  formats.convert = (text) => text;
  expect(await importing(4)).toEqual({ type: "imported", number: 4, imported });
  expect(calls.filter((call) => call.startsWith("import"))).toHaveLength(1);
  expect(formats.loads).toBe(2);
});

test("each conversion has an instance of its own, made of the same module", async () => {
  const { host, said, formats } = await open();
  const instances: number[] = [];
  const convert = async (refuse: boolean): Promise<void> => {
    formats.convert = (text) => {
      instances.push(formats.resets);
      if (refuse) throw new Error("no");
      return text;
    };
    host.handle({ type: "import", number: 1, format: "csv", text: "a" });
    await settled();
  };
  await convert(false);
  expect(formats.resets, "its memory is let go at once").toBe(1);
  await convert(true);
  formats.renew = () => { throw new RangeError("full"); };
  await convert(false);
  await convert(false);
  expect(outputs(said).at(-1), "one that did not break down may convert again").toMatchObject({ type: "imported" });
  formats.convert = () => { throw new RangeError("stack"); };
  host.handle({ type: "import", number: 2, format: "csv", text: "a" });
  await settled();
  const before = instances.length;
  await convert(false);
  expect(outputs(said).at(-1), "one that broke down does not").toMatchObject({ type: "unimported", code: "badFile" });
  expect(instances).toHaveLength(before);
  formats.renew = () => undefined;
  await convert(false);
  expect(outputs(said).at(-1)).toMatchObject({ type: "imported" });
  expect(formats.loads).toBe(1);
});

test("a board that can't be written says what to do, and only a converter that did not come is called that", async () => {
  const { host, said, say, formats } = await open();
  const exporting = async (number: number): Promise<unknown> => {
    host.handle({ type: "ask", number, question: { type: "export", format: "csv" } });
    say([{ type: "answer", number, answer: { type: "exported", text: "{}" } }]);
    await settled();
    return outputs(said).at(-1);
  };
  formats.load = () => Promise.reject(new Error("offline"));
  expect(await exporting(1)).toMatchObject({ type: "unanswered", number: 1, code: "noFormats" });
  formats.load = () => Promise.resolve();
  for (const thrown of [new Error("full"), ...BREAKDOWNS]) {
    formats.convert = () => { throw thrown; };
    const advice = BREAKDOWNS.some((breakdown) => breakdown === thrown) ? "or try a device with more memory" : "and report it";
    const message = `the board can't be written as csv (full): export json, ${advice}`;
    expect(await exporting(2)).toEqual({ type: "unanswered", number: 2, code: "tooLarge", message });
  }
});

test("what was being converted when the board ended is not told", async () => {
  for (const fails of [false, true]) {
    const { host, said, calls, say, formats } = await open();
    if (fails) formats.convert = () => { throw new Error("no"); };
    host.handle({ type: "import", number: 1, format: "csv", text: "a" });
    host.handle({ type: "ask", number: 2, question: { type: "export", format: "markdown" } });
    say([{ type: "answer", number: 2, answer: { type: "exported", text: "{}" } }]);
    host.end();
    await settled();
    expect(formats.loads, "it was under way").toBe(1);
    expect(calls.filter((call) => call.startsWith("import"))).toEqual([]);
    expect(said).toEqual([]);
  }
});
