/** The door to time: the only file of the app that reads the clock or starts a timer. */
/* eslint-disable no-restricted-globals -- this is the door */

import { MOMENT_MS_MAX } from "../lib/limits.ts";

/** Stops what was scheduled; harmless when it has already run. */
export type Cancel = () => void;

/** Milliseconds since 1970-01-01 UTC, as this device's clock says. */
export function now(): number {
  return Date.now();
}

/** Runs `task` once, `delayMs` milliseconds from now. */
export function later(delayMs: number, task: () => void): Cancel {
  const timer = setTimeout(task, delayMs);
  return () => {
    clearTimeout(timer);
  };
}

/** Runs `task` before every frame until cancelled. */
export function everyFrame(task: () => void): Cancel {
  let frame = requestAnimationFrame(function tick() {
    frame = requestAnimationFrame(tick);
    task();
  });
  return () => {
    cancelAnimationFrame(frame);
  };
}

/** Runs `task` every `periodMs` milliseconds until cancelled. */
export function every(periodMs: number, task: () => void): Cancel {
  const timer = setInterval(task, periodMs);
  return () => {
    clearInterval(timer);
  };
}

const time = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const full = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

/** The moment as `Date` can hold it: a stamp comes from another device and may be any number. */
function held(at: number): number {
  return Number.isNaN(at) ? 0 : Math.min(Math.max(at, -MOMENT_MS_MAX), MOMENT_MS_MAX);
}

/** A moment as a card's face shows it: the time today, the day otherwise. */
export function shortMoment(at: number): string {
  const moment = held(at);
  return new Date(moment).toDateString() === new Date(now()).toDateString() ? time.format(moment) : day.format(moment);
}

/** Today on this device's calendar, as `YYYY-MM-DD`. */
export function today(): string {
  const date = new Date(now());
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const MS_PER_DAY = 86_400_000;
const dayThisYear = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
const dayOfYear = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
const dayInFull = new Intl.DateTimeFormat("en", { weekday: "long", year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });

/** A day by its number (1970-01-01 is 0), briefly: with the year unless it is this one. */
export function shortDay(number: number): string {
  const at = number * MS_PER_DAY;
  return (new Date(at).getUTCFullYear() === new Date(now()).getFullYear() ? dayThisYear : dayOfYear).format(at);
}

/** A day by its number, in full. */
export function fullDay(number: number): string {
  return dayInFull.format(number * MS_PER_DAY);
}

/** A moment for machines. */
export function isoMoment(at: number): string {
  return new Date(held(at)).toISOString();
}

/** A moment in full, for tooltips and the panel. */
export function fullMoment(at: number): string {
  return full.format(held(at));
}
