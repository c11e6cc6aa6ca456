/** Goal: the drag controller keeps its promises for mouse, touch and keyboard. Method: a host that writes down what it is asked. */

import { describe, expect, it } from "vitest";

import { DragController, type DragHost, type Point, type Target } from "../src/lib/drag-controller.ts";
import { CARRY_IDLE_MS_MAX, HOLD_MS, HOLD_SLOP_PX, MOUSE_SLOP_PX } from "../src/lib/limits.ts";

const HOME: Target = { column: "doing", before: "next" };
const AWAY: Target = { column: "done", before: null };
const at = (x: number, y = 0): Point => ({ x, y });

function board(overrides: Partial<DragHost> = {}) {
  const said: string[] = [];
  const timers: { at: number; task: () => void }[] = [];
  let clock = 0;
  const host: DragHost = {
    lift: (card, kind) => {
      said.push(`lift ${card} by ${kind}`);
      return HOME;
    },
    follow: () => undefined,
    targetAt: (point) => (point.x > 100 ? AWAY : HOME),
    step: (_card, _from, direction) => (direction === "right" ? AWAY : null),
    hover: (_card, target) => { said.push(`hover ${target.column}`); },
    drop: (card, target) => { said.push(`drop ${card} in ${target.column}`); },
    cancel: (card, reason) => { said.push(`cancel ${card}: ${reason}`); },
    later: (delay, task) => {
      const timer = { at: clock + delay, task };
      timers.push(timer);
      return () => { timers.splice(timers.indexOf(timer) >>> 0, 1); };
    },
    ...overrides,
  };
  const wait = (ms: number): void => {
    clock += ms;
    for (const timer of [...timers]) {
      if (timer.at > clock) continue;
      timers.splice(timers.indexOf(timer), 1);
      timer.task();
    }
  };
  return { drag: new DragController(host), said, wait, timers };
}

describe("mouse", () => {
  it("lifts only after five pixels, so that a shaky click stays a click", () => {
    const { drag, said } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(MOUSE_SLOP_PX - 1));
    drag.release(1);
    expect(said).toEqual([]);
  });

  it("carries the card to where it is released", () => {
    const { drag, said } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(MOUSE_SLOP_PX));
    drag.move(1, at(200));
    drag.move(1, at(210));
    drag.release(1);
    expect(said).toEqual(["lift a by mouse", "hover done", "drop a in done"]);
    expect(drag.carrying).toBeNull();
  });

  it("ignores other pointers", () => {
    const { drag, said } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(2, at(200));
    drag.release(2);
    drag.move(1, at(200));
    expect(said).toEqual(["lift a by mouse", "hover done"]);
  });
});

describe("touch", () => {
  it("lifts after a hold", () => {
    const { drag, said, wait } = board();
    drag.press("a", 1, "touch", at(0));
    drag.move(1, at(HOLD_SLOP_PX - 1));
    wait(HOLD_MS);
    expect(said).toEqual(["lift a by touch"]);
  });

  it("leaves a swipe to the scroll", () => {
    const { drag, said, wait } = board();
    drag.press("a", 1, "touch", at(0));
    drag.move(1, at(HOLD_SLOP_PX));
    wait(HOLD_MS);
    drag.move(1, at(300));
    drag.release(1);
    expect(said).toEqual([]);
  });

  it("puts the card back at a second finger", () => {
    const { drag, said, wait } = board();
    drag.press("a", 1, "touch", at(0));
    wait(HOLD_MS);
    drag.press("b", 2, "touch", at(0));
    expect(said).toEqual(["lift a by touch", "cancel a: interrupted"]);
  });
});

describe("keyboard", () => {
  it("picks up, steps and puts down", () => {
    const { drag, said } = board();
    drag.pickUp("a");
    drag.step("up");
    drag.step("right");
    drag.putDown();
    expect(said).toEqual(["lift a by keyboard", "hover done", "drop a in done"]);
  });

  it("puts back on escape", () => {
    const { drag, said } = board();
    drag.pickUp("a");
    drag.step("right");
    drag.escape();
    expect(said.at(-1)).toBe("cancel a: escape");
  });
});

describe("the lock", () => {
  it("refuses a card that somebody else is moving", () => {
    const { drag, said } = board({ lift: () => null });
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(200));
    drag.release(1);
    drag.pickUp("a");
    expect(said).toEqual([]);
    expect(drag.carrying).toBeNull();
  });

  it("takes a carried card away, whatever the pointer does afterwards", () => {
    const { drag, said } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(200));
    drag.revoke();
    drag.move(1, at(50));
    drag.release(1);
    expect(said).toEqual(["lift a by mouse", "hover done", "cancel a: revoked"]);
  });

  it("makes no click of the release after a refusal, and the next press is a new one", () => {
    const { drag } = board({ lift: () => null });
    drag.press("a", 1, "mouse", at(0));
    expect(drag.swallows(1)).toBe(false);
    drag.move(1, at(200));
    expect(drag.swallows(1)).toBe(true);
    expect(drag.swallows(2)).toBe(false);
    drag.release(1);
    expect(drag.swallows(1)).toBe(false);
    drag.press("a", 1, "mouse", at(0));
    drag.release(1);
    expect(drag.swallows(1)).toBe(false);
  });

  it.each(["revoke", "escape", "lose"] as const)("makes no click of the release after %s", (end) => {
    const { drag, said } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(200));
    drag[end]();
    expect(drag.swallows(1)).toBe(true);
    drag.release(1);
    drag.press("b", 1, "mouse", at(0));
    drag.move(1, at(200));
    expect(said.at(-1)).toBe("hover done");
    expect(drag.carrying).toBe("b");
  });

  it("gives a card back that is held still for a minute, and moving extends it", () => {
    const { drag, said, wait, timers } = board();
    drag.press("a", 1, "mouse", at(0));
    drag.move(1, at(10));
    wait(CARRY_IDLE_MS_MAX - 1);
    drag.move(1, at(11));
    wait(CARRY_IDLE_MS_MAX - 1);
    expect(drag.carrying).toBe("a");
    wait(1);
    expect(said).toEqual(["lift a by mouse", "cancel a: idle"]);
    expect(timers).toEqual([]);
  });

  it("revoking nothing is nothing", () => {
    const { drag, said } = board();
    drag.revoke();
    drag.escape();
    drag.putDown();
    expect(said).toEqual([]);
  });
});

it("can be picked up again after every end", () => {
  const ends: ((drag: DragController) => void)[] = [
    (drag) => { drag.escape(); },
    (drag) => { drag.revoke(); },
    (drag) => { drag.lose(); },
    (drag) => { drag.interrupt(); },
    (drag) => { drag.putDown(); },
  ];
  const { drag } = board();
  for (const end of ends) {
    drag.pickUp("a");
    expect(drag.carrying).toBe("a");
    end(drag);
    expect(drag.carrying).toBeNull();
  }
});
