import { expect, test } from "vitest";
import { randomId, toBase64Url } from "../src/ids.ts";

test("bytes become base64url as the browser's base64 says", () => {
  for (let length = 0; length < 40; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 73 + length * 31) & 255);
    expect(toBase64Url(bytes)).toBe(btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  }
});

test("an id has 22 characters and is fresh each time", () => {
  const ids = Array.from({ length: 100 }, randomId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
