import assert from "node:assert/strict";
import { test } from "node:test";
import { dismiss, isDismissed, restore } from "../src/features/overview/dismissed";
import { batchWith } from "./things";

const PAUSED = batchWith({ status: "PAUSED", paused_at: "2026-05-01T10:00:00Z", status_reason: "paused" });

test("what was seen is not shown again, until it is brought back", () => {
  assert.equal(isDismissed(PAUSED), false);
  dismiss(PAUSED);
  assert.equal(isDismissed(PAUSED), true);
  assert.equal(isDismissed({ ...PAUSED, id: 8 }), false);
  restore(PAUSED);
  assert.equal(isDismissed(PAUSED), false);
});

test("something new of the same batch is shown, and mere progress is not new", () => {
  dismiss(PAUSED);
  assert.equal(isDismissed({ ...PAUSED, updated_at: "2026-05-01T11:00:00Z", name: "Other" }), true);
  for (const news of [{ status: "FAILED" as const }, { run: 2 }, { status_reason: "paused: why" }, { failed_tasks: 1 }, { paused_at: "2026-05-01T11:00:00Z" }]) {
    assert.equal(isDismissed({ ...PAUSED, ...news }), false, JSON.stringify(news));
  }
});

test("a batch of a new database with the same number is another one", () => {
  dismiss(PAUSED);
  assert.equal(isDismissed({ ...PAUSED, created_at: "2027-01-01T00:00:00Z" }), false);
});

test("the browser keeps the last five hundred", () => {
  for (let id = 1; id <= 600; id += 1) {
    dismiss({ ...PAUSED, id });
  }
  assert.equal(isDismissed({ ...PAUSED, id: 600 }), true);
  assert.equal(isDismissed({ ...PAUSED, id: 101 }), true);
  assert.equal(isDismissed({ ...PAUSED, id: 100 }), false);
  assert.equal(Object.keys(JSON.parse(localStorage.getItem("docstage.dismissed") ?? "{}") as object).length, 500);
});
