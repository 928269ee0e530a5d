import assert from "node:assert/strict";
import { test } from "node:test";
import { hintOf, question } from "../../src/features/batches/actions";
import { exportFormats, exportsOf, shownTasks } from "../../src/features/batches/exports";
import { isBudgetReached, nextSteps, retriable } from "../../src/features/batches/next";
import { doneText, endCount, failuresText, lookOfTask, progressText, reasonText } from "../../src/features/batches/status";
import type { ExportFormat } from "../../src/shared/api/types";
import { batchWith } from "../things";

const BUDGET = "The budget of $5.00 could be exceeded by the next call.";

test("the first step is the one that leads on, as far as the server allows it", () => {
  assert.equal(nextSteps(batchWith({ status: "SAVED", allowed_actions: ["stage"] })).first, "stage");
  assert.equal(nextSteps(batchWith({ status: "STAGED", allowed_actions: ["run", "reset"] })).first, "run");
  assert.equal(nextSteps(batchWith({ status: "ANALYZING", allowed_actions: ["pause"], counts: { completed: 3 } })).first, "pause");
  assert.equal(nextSteps(batchWith({ status: "SAVED", allowed_actions: [] })).first, undefined);
});

test("with nothing to retry, results come first", () => {
  const done = batchWith({ allowed_actions: ["retry", "restage"], counts: { completed: 3, failed: 1, unsendable: 1 } });
  assert.equal(retriable(done), 0, "what cannot be sent is helped by no retry");
  assert.deepEqual(nextSteps(done), { first: "export", beside: ["restage"] });
  const failed = batchWith({ allowed_actions: ["retry", "restage"], counts: { completed: 3, failed: 2, unsendable: 1 } });
  assert.deepEqual(nextSteps(failed), { first: "retry", beside: ["export", "restage"] });
});

test("nothing is exported where nothing was answered, but for an earlier run", () => {
  const empty = batchWith({ status: "STAGED", allowed_actions: ["run"] });
  assert.deepEqual(nextSteps(empty).beside, []);
  assert.deepEqual(nextSteps(empty, 1).beside, ["export"]);
});

test("a batch that waits for its budget is told from one that somebody paused", () => {
  const paused = { status: "PAUSED", budget: 5, allowed_actions: ["resume"] } as const;
  const reached = batchWith({ ...paused, allowed_actions: ["resume"], status_reason: BUDGET });
  assert.equal(isBudgetReached(reached), true);
  assert.equal(nextSteps(reached).first, "budget");
  const byUser = batchWith({ ...paused, allowed_actions: ["resume"], status_reason: `paused: ${BUDGET}` });
  assert.equal(isBudgetReached(byUser), false);
  assert.equal(nextSteps(byUser).first, "resume");
  assert.equal(isBudgetReached(batchWith({ ...paused, allowed_actions: [], status_reason: null })), false);
});

test("it is asked where work or money is at stake, and only there", () => {
  assert.equal(question(batchWith({ status: "STAGING" }), "cancel"), null);
  assert.match(question(batchWith({ status: "ANALYZING", counts: { queued: 2, running: 1 } }), "cancel") ?? "", /^3 tasks will not be done/);
  assert.equal(question(batchWith(), "restage"), null);
  assert.match(question(batchWith({ counts: { completed: 1 } }), "restage") ?? "", /The 1 result of run 1 stay/);
  assert.equal(question(batchWith({ counts: { failed: 2 } }), "retry"), null, "what was free is free again");
  const paid = batchWith({ counts: { failed: 3, unsendable: 1 }, progress: { cost: 0.5 } });
  assert.equal(question(paid, "retry"), "2 tasks will be called again, which costs money. 1 task cannot be sent in this run, which no retry changes.");
  const unknown = batchWith({ progress: { cost: null } });
  assert.match(question(unknown, "rerun") ?? "", /All 4 tasks are called again/, "an unknown cost is no free one");
});

test("what an action clears is told before it is chosen", () => {
  const done = batchWith({ run: 3, counts: { completed: 1_234 } });
  assert.match(hintOf(done, "restage"), /The 1,234 results of run 3 leave this page/);
  assert.equal(hintOf(batchWith({ counts: { tasks: 0 } }), "reset"), "Back to Saved, to change what is analysed.");
});

test("what failed is told apart from what cannot be sent", () => {
  assert.equal(failuresText({ failed: 0, unsendable: 0 }), "");
  assert.equal(failuresText({ failed: 8, unsendable: 8 }), "8 cannot be sent");
  assert.equal(failuresText({ failed: 11, unsendable: 8 }), "3 failed, 8 cannot be sent");
  assert.deepEqual(lookOfTask({ status: "FAILED", failure_kind: "unsupported_input" }), ["Cannot be sent", "warn"]);
  assert.deepEqual(lookOfTask({ status: "FAILED", failure_kind: "timeout" }), ["Failed", "bad"]);
  assert.deepEqual(lookOfTask({ status: "COMPLETED", failure_kind: null }), ["Completed", "good"]);
  const { counts } = batchWith({ counts: { failed: 11, unsendable: 8, completed: 2 } });
  assert.deepEqual(["FAILED", "UNSENDABLE", "COMPLETED"].map((end) => endCount(end, counts)), [3, 8, 2]);
});

test("how far a batch is says no speed and no end that nobody knows", () => {
  const at = (progress: object) => progressText(batchWith({ status: "ANALYZING", progress }));
  assert.equal(at({ share: 0, rate: 0, eta_seconds: null }), "0 %");
  assert.equal(at({ share: 0.999, rate: 12.4, eta_seconds: 90 }), "99 % · 12 tasks/s · 2 min left");
  assert.equal(doneText(batchWith({ status: "STAGED", counts: { tasks: 5, unsendable: 4 } })), "1 task to run");
  assert.equal(doneText(batchWith({ status: "STAGING", counts: { documents: 10, pending: 4 } })), "6 of 10 documents");
  assert.equal(doneText(batchWith({ counts: { tasks: 5, completed: 1, failed: 1, cancelled: 1 } })), "3 of 5 tasks");
});

test("reasons that people gave are sentences", () => {
  const reason = (status_reason: string | null, status: "PAUSED" | "FAILED" = "PAUSED") => reasonText(batchWith({ status, status_reason }));
  assert.equal(reason("paused"), "Paused by a user. Resume goes on where it stopped.");
  assert.equal(reason("paused: lunch\nand tea"), "Paused by a user: lunch\nand tea.");
  assert.equal(reason("paused: why?"), "Paused by a user: why?");
  assert.equal(reason("cancelled", "FAILED"), "Cancelled by a user. Results that were there are kept.");
  assert.equal(reason(BUDGET), BUDGET);
  assert.equal(reason(null), "");
});

test("files of what is shown are offered first, and of all where nothing is left out", () => {
  const batch = batchWith({ counts: { tasks: 12 } });
  const hrefs = () => exportsOf(batch, undefined).map(({ href }) => new URL(href, "http://a"));
  shownTasks.value = undefined;
  exportFormats.value = [];
  assert.deepEqual(hrefs(), [], "the server has not said yet which there are");
  const [csv, lines] = [
    { name: "csv", title: "CSV", description: "For spreadsheets.", has_header: true },
    { name: "jsonl", title: "JSON lines", description: "For programs.", has_header: false },
  ] as ExportFormat[];
  exportFormats.value = [csv, lines] as ExportFormat[];
  const formats = hrefs().map((url) => url.searchParams.get("format"));
  assert.deepEqual(formats, ["csv", "jsonl"]);
  assert.equal(hrefs()[0]?.pathname, "/api/batches/7/export");

  shownTasks.value = { batch: 7, run: undefined, query: { status: ["FAILED"], sort: "-cost" }, filtered: true, tasks: 2 };
  const offered = exportsOf(batch, undefined);
  assert.equal(offered.length, 2 * formats.length);
  assert.equal(offered[0]?.what, "the 2 results shown");
  assert.equal(hrefs()[0]?.searchParams.get("status"), "FAILED");
  assert.equal(hrefs()[formats.length]?.searchParams.get("status"), null, "all are all");
  assert.equal(hrefs()[formats.length]?.searchParams.get("sort"), "-cost", "in the order that is shown");

  shownTasks.value = { ...shownTasks.value, tasks: 0 };
  assert.deepEqual(
    exportsOf(batch, undefined).slice(0, 2).map(({ hint }) => hint),
    [
      "For spreadsheets. No result is like that: the file will have its header only.",
      "For programs. No result is like that: the file will be empty.",
    ],
  );

  shownTasks.value = { ...shownTasks.value, batch: 8 };
  assert.equal(exportsOf(batch, undefined).length, formats.length, "what another batch shows is not of this one");
  shownTasks.value = undefined;
  assert.equal(exportsOf(batch, 2)[0]?.what, "all results of run 2");
});
