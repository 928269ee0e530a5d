import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf, reachedAt } from "../../src/features/batches/one/timeline/lifecycle";
import { checkDraft, draftIn, suggestName } from "../../src/features/batches/new/choice";
import { total } from "../../src/features/batches/new/counts";
import { Problem } from "../../src/shared/api/client";
import { batchWith } from "../things";

const at = (minute: number) => `2026-05-01T10:${String(minute).padStart(2, "0")}:00Z`;

test("steps that lie before the present staging belong to an earlier life", () => {
  const batch = batchWith({ status: "ANALYZING", saved_at: at(0), staging_at: at(10), staged_at: at(12), analyzing_at: at(15), completed_at: at(5), paused_at: at(4) });
  assert.equal(reachedAt(batch, "SAVED"), at(0));
  assert.equal(reachedAt(batch, "STAGED"), at(12));
  assert.equal(reachedAt(batch, "ANALYZING"), at(15));
  assert.equal(reachedAt(batch, "COMPLETED"), null, "it lies ahead again");
  assert.equal(reachedAt(batch, "PAUSED"), null, "that was in the run before");
});

test("a batch that was reset has only been saved", () => {
  const batch = batchWith({ status: "SAVED", saved_at: at(20), staging_at: at(10), staged_at: at(12) });
  assert.equal(reachedAt(batch, "SAVED"), at(20));
  assert.equal(reachedAt(batch, "STAGED"), null);
});

test("a pause is seen beside the run that went on after it", () => {
  const batch = batchWith({ status: "COMPLETED", staging_at: at(1), analyzing_at: at(9), paused_at: at(8), completed_at: at(12) });
  assert.equal(reachedAt(batch, "PAUSED"), at(8));
  assert.equal(reachedAt(batch, "FAILED"), null);
});

test("what comes next names no retry where none could help", () => {
  const failed = (counts: object, failed_tasks = 0) => nextOf(batchWith({ status: "FAILED", counts, failed_tasks }));
  assert.match(failed({ failed: 2, unsendable: 2 }, 2), /then restage/);
  assert.match(failed({ cancelled: 2 }), /Retry does the tasks that were cancelled/);
  assert.match(failed({ failed: 2 }, 2), /Retry the failed tasks/);
  assert.match(nextOf(batchWith({ status: "COMPLETED", counts: { failed: 1 } })), /failed tasks can be retried/);
});

test("a new batch is named after what is chosen, however much that is", () => {
  assert.equal(suggestName([], []), "");
  assert.equal(suggestName(["Letters"], []), "Letters");
  assert.equal(suggestName(["Letters", "Mails"], ["Summary"]), "Letters and Mails: Summary");
  assert.equal(suggestName(["A", "B", "C", "D"], ["P", "Q", "R"]), "A and 3 more: P and 2 more");
  assert.equal(suggestName(["x".repeat(300)], ["P"]).length, 200);
});

test("a budget is an amount, and none is held over prices that nobody knows", () => {
  const draft = { name: "", description: "", budget: "", failures: "" };
  const budget = (typed: string, unpriced: string[] = []) => checkDraft({ ...draft, budget: typed }, unpriced).budget;
  for (const good of ["", "  ", "0.01", "1000000", "1e3"]) {
    assert.equal(budget(good), undefined, good);
  }
  for (const bad of ["0", "-1", "1000001", "five", "NaN", "Infinity"]) {
    assert.match(budget(bad) ?? "", /amount above 0/, bad);
  }
  assert.match(budget("5", ["Local"]) ?? "", /The price of Local is unknown/);
  assert.equal(budget("", ["Local"]), undefined);
});

test("a failure limit is a share, of which nought is one", () => {
  const limit = (failures: string) => checkDraft({ name: "", description: "", budget: "", failures }, []).failures;
  assert.equal(limit("0"), undefined);
  assert.equal(limit("100"), undefined);
  assert.ok(limit("100.1"));
  assert.ok(limit("-1"));
  assert.ok(limit("all"));
});

test("what is typed comes back from the address", () => {
  assert.deepEqual(draftIn(new URLSearchParams("name=A+%26+B&budget=5")), { name: "A & B", description: "", budget: "5", failures: "" });
});

test("documents of all folders are summed, as far as they are known", () => {
  assert.deepEqual(total([]), { count: 0, complete: true, counting: false });
  const found = total([{ count: 3, complete: true }, "counting", new Problem(404, {}), { count: 2, complete: false }]);
  assert.deepEqual(found, { count: 5, complete: false, counting: true });
});
