/** Days as cards name them (`YYYY-MM-DD`, years 0001 to 9999), counted without a clock. */

/** How near a due day is. */
export type Nearness = "late" | "today" | "soon" | "later";

/** Days ahead up to which a due day counts as near: what is due within them has to be begun now. */
const SOON_DAYS_MAX = 2;

/** The day as a number: 1970-01-01 is 0. `null`: it is no day of the calendar. */
export function dayNumber(day: string): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(day)?.slice(1).map(Number);
  const [year, month, date] = parts ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  if (year < 1 || month < 1 || month > 12 || date < 1 || date > daysIn(year, month)) return null;
  const before = year - 1;
  const years = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  let months = 0;
  for (let past = 1; past < month; past += 1) months += daysIn(year, past);
  return years + months + date - 1 - EPOCH;
}

/** Days from 0001-01-01 to 1970-01-01. */
const EPOCH = 719_162;

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** How many days until a due day, negative when it has passed; `null`: one of them is no day. */
export function daysUntil(due: string, today: string): number | null {
  const [to, from] = [dayNumber(due), dayNumber(today)];
  return to === null || from === null ? null : to - from;
}

/** What that many days mean. */
export function nearness(days: number): Nearness {
  if (days < 0) return "late";
  if (days === 0) return "today";
  return days <= SOON_DAYS_MAX ? "soon" : "later";
}
