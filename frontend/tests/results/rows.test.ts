import assert from "node:assert/strict";
import { test } from "node:test";
import { movedCell } from "../../src/features/results/cell";
import { drawnRows, moved } from "../../src/features/results/window";

const ROW = 40;

test("only rows in view are drawn, with some before and behind them", () => {
  const drawn = drawnRows({ top: 4_000, height: 400 }, 1_000, ROW);
  assert.equal(drawn.visible, 10);
  assert.ok(drawn.first <= 100 && drawn.end > 110, "what is in view is drawn");
  assert.ok(drawn.end - drawn.first < 40, "and not much more");
  assert.equal(drawn.top(drawn.first), drawn.first * ROW);
});

test("nothing before the first row or behind the last is drawn", () => {
  assert.equal(drawnRows({ top: 0, height: 400 }, 1_000, ROW).first, 0);
  assert.equal(drawnRows({ top: 39_600, height: 400 }, 1_000, ROW).end, 1_000);
  const empty = drawnRows({ top: 0, height: 400 }, 0, ROW);
  assert.deepEqual([empty.first, empty.end, empty.height], [0, 0, 0]);
});

test("a frame of no height shows a row all the same", () => {
  assert.equal(drawnRows({ top: 0, height: 0 }, 5, ROW).visible, 1);
});

test("a list that is taller than browsers can draw is reached to both its ends", () => {
  const count = 1_000_000;
  const view = { top: 0, height: 600 };
  const { height } = drawnRows(view, count, ROW);
  assert.equal(height, 12_000_000);
  const end = drawnRows({ top: height - 600, height: 600 }, count, ROW);
  assert.equal(end.end, count);
  assert.ok(Math.abs(end.top(count - 1) + ROW - height) < 1, "the last row ends where the list does");
  const middle = drawnRows({ top: height / 2, height: 600 }, count, ROW);
  assert.ok(Math.abs(middle.first - count / 2) < 100);
  assert.ok(Math.abs(middle.top(middle.first + 8) - height / 2) <= ROW, "rows are drawn where the frame is");
});

test("keys lead through rows and stop at the ends", () => {
  assert.equal(moved("ArrowDown", 3, 10, 4), 4);
  assert.equal(moved("ArrowDown", 9, 10, 4), 9);
  assert.equal(moved("ArrowUp", 0, 10, 4), 0);
  assert.equal(moved("PageDown", 8, 10, 4), 9);
  assert.equal(moved("PageUp", 8, 10, 4), 4);
  assert.equal(moved("Home", 8, 10, 4), 0);
  assert.equal(moved("End", 8, 10, 4), 9);
  assert.equal(moved("x", 8, 10, 4), undefined);
  assert.equal(moved("End", 0, 0, 4), 0, "there is no row before the first");
});

test("keys lead through the cells of the matrix, of which the first is the document", () => {
  const press = (key: string, ctrlKey = false, from: [number, number] = [5, 1]) => movedCell({ key, ctrlKey }, from, [10, 3], 4);
  assert.deepEqual(press("ArrowLeft"), [5, 0]);
  assert.deepEqual(press("ArrowLeft", false, [5, 0]), [5, 0]);
  assert.deepEqual(press("ArrowRight", false, [5, 3]), [5, 3]);
  assert.deepEqual(press("Home", false, [5, 3]), [5, 0]);
  assert.deepEqual(press("End"), [5, 3]);
  assert.deepEqual(press("Home", true), [0, 1]);
  assert.deepEqual(press("End", true), [9, 1]);
  assert.deepEqual(press("PageDown"), [9, 1]);
  assert.equal(press("Enter"), undefined);
});
