import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, capital, costOf, costSoFar, count, dollars, duration, least, milliseconds, money, percent, plural, rate, shortTime, time, words } from "../../src/shared/format";

test("small sums keep their digits, and what is unknown is not nought", () => {
  assert.equal(money(null), "unknown");
  assert.equal(money(0), "$0.00");
  assert.equal(money(0.000_01), "under $0.0001");
  assert.equal(money(0.000_05), "$0.0001");
  assert.equal(money(0.9999), "$0.9999");
  assert.equal(money(1), "$1.00");
  assert.equal(money(1234.5), "$1,234.50");
  assert.equal(dollars(0.075), "$0.075");
});

test("a sum in which something is missing is a least, or unknown", () => {
  assert.equal(least(2, true), "at least $2.00");
  assert.equal(least(2, false), "$2.00");
  assert.equal(least(0, true), "unknown");
  assert.equal(costOf({ cost: 0, unpriced_calls: 3 }), "unknown");
  assert.equal(costOf({ cost: 2, unpriced_calls: 1, possible_cost: 0.5 }), "at least $2.00, up to $0.5000 more possibly");
  assert.equal(costOf({ cost: null, unpriced_calls: 1, possible_cost: 0.5 }), "up to $0.5000 possibly");
  assert.equal(costOf({ cost: 2, unpriced_calls: 0, possible_cost: 0.5 }), "$2.00");
  assert.equal(costSoFar({ cost: 0, unpriced_calls: 0, calls: 0 }), "–");
  assert.equal(costSoFar({ cost: 0, unpriced_calls: 0, calls: 1 }), "$0.00");
});

test("100 % are told only when all is done", () => {
  assert.equal(percent(0), "0 %");
  assert.equal(percent(0.9999), "99 %");
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0.299999), "29 %");
});

test("durations have the units that matter", () => {
  assert.equal(duration(null), "–");
  assert.equal(duration(Infinity), "–");
  assert.equal(duration(0.0123), "12 ms");
  assert.equal(duration(59.94), "59.9 s");
  assert.equal(duration(60), "1 min");
  assert.equal(duration(3_570), "1 h 0 min", "never 60 min");
  assert.equal(duration(47 * 3_600 + 59 * 60), "47 h 59 min");
  assert.equal(duration(48 * 3_600), "2 days");
  assert.equal(milliseconds(1_500), "1.5 s");
  assert.equal(milliseconds(null), "–");
});

test("sizes have the largest unit that leaves something before the point", () => {
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(999), "999 B");
  assert.equal(bytes(1_000), "1 kB");
  assert.equal(bytes(1_540_000), "1.5 MB");
  assert.equal(bytes(2e16), "20,000 TB");
});

test("counts and rates are read by people", () => {
  assert.equal(count(1_234_567), "1,234,567");
  assert.equal(count(undefined), "–");
  assert.equal(rate(9.94), "9.9");
  assert.equal(rate(10.6), "11");
  assert.equal(plural(1, "batch", "batches"), "1 batch");
  assert.equal(plural(0, "batch", "batches"), "0 batches");
  assert.equal(plural(2_000, "task"), "2,000 tasks");
});

test("times name the year only where it is another one", () => {
  assert.equal(time(null), "–");
  assert.equal(shortTime(undefined), "–");
  assert.match(shortTime("2001-02-03T04:05:00Z"), /2001/);
  const now = new Date();
  assert.equal(shortTime(now.toISOString()).includes(String(now.getFullYear())), false);
});

test("how long ago something was is told in the largest whole unit", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-05-02T12:00:00Z") });
  assert.equal(ago("2026-05-02T11:59:31Z"), "now");
  assert.equal(ago("2026-05-02T11:58:00Z"), "2 minutes ago");
  assert.equal(ago("2026-05-02T10:00:00Z"), "2 hours ago");
  assert.equal(ago("2026-05-01T11:00:00Z"), "yesterday");
  assert.equal(ago("2026-05-02T12:05:00Z"), "in 5 minutes", "clocks differ");
});

test("names of the API become words", () => {
  assert.equal(words("RATE_LIMITED_TOO"), "rate limited too");
  assert.equal(capital("über"), "Über");
  assert.equal(capital(""), "");
});
