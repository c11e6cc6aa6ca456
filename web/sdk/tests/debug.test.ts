import { expect, test } from "vitest";
import { matches } from "../src/debug.ts";

test("patterns are read as the package debug reads them", () => {
  const rows: [string, string, boolean][] = [
    ["warroom:*", "warroom:board", true],
    ["*", "warroom:board", true],
    ["other, warroom:board", "warroom:board", true],
    ["warroom:boar", "warroom:board", false],
    ["warroom.*", "warroom:board", false],
    ["", "warroom:board", false],
  ];
  for (const [patterns, name, expected] of rows) expect(matches(patterns, name), patterns).toBe(expected);
});

test("importing the package does nothing where there is no page", async () => {
  const sdk = await import("../src/index.ts");
  await import("../src/worker.ts");
  expect(typeof sdk.openBoard).toBe("function");
});
