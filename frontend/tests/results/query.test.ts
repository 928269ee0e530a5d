import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseEnds, endsOf, isFiltered, isLasting, keyOf, type TasksQuery } from "../../src/features/results/query";
import { currentUrl } from "../../src/shared/router";
import { batchWith } from "../things";

const query = (changes: Partial<TasksQuery> = {}): TasksQuery => ({
  status: [],
  failure_kind: [],
  connection_id: [],
  prompt_id: [],
  search: "",
  unsendable: undefined,
  sort: "",
  run: undefined,
  whole_documents: undefined,
  ...changes,
});

/** What the API is asked for when these ends are chosen, and the chips that show it again. */
function chosen(ends: string[]): [status: string[], unsendable: string | null, again: string[]] {
  chooseEnds(ends);
  const { searchParams } = currentUrl.value;
  const status = searchParams.getAll("status");
  const unsendable = searchParams.get("unsendable");
  const again = endsOf(query({ status: status as TasksQuery["status"], unsendable: unsendable === null ? undefined : unsendable === "true" }));
  return [status, unsendable, again];
}

test("what cannot be sent is chosen apart from what failed, though both are FAILED for the API", () => {
  assert.deepEqual(chosen(["FAILED"]), [["FAILED"], "false", ["FAILED"]]);
  assert.deepEqual(chosen(["UNSENDABLE"]), [["FAILED"], "true", ["UNSENDABLE"]]);
  assert.deepEqual(chosen(["FAILED", "UNSENDABLE"]), [["FAILED"], null, ["FAILED", "UNSENDABLE"]]);
  assert.deepEqual(chosen([]), [[], null, []]);
});

test("other ends are chosen beside it", () => {
  assert.deepEqual(chosen(["COMPLETED", "CANCELLED"]), [["COMPLETED", "CANCELLED"], null, ["COMPLETED", "CANCELLED"]]);
});

test("a listing of one connection is filtered, but keeps its order while tasks end", () => {
  assert.equal(isFiltered(query()), false);
  assert.equal(isFiltered(query({ connection_id: [2] })), true);
  assert.equal(isLasting(query({ connection_id: [2], sort: "-document" })), true);
  assert.equal(isLasting(query({ status: ["RUNNING"] })), false, "tasks leave it");
  assert.equal(isLasting(query({ sort: "cost" })), false, "tasks move in it");
  assert.equal(isLasting(query({ unsendable: false })), false);
});

test("a listing is another one for another run, filter or order", () => {
  const keys = [query(), query({ run: 2 }), query({ sort: "id" }), query({ search: "a" })].map((one) => keyOf(batchWith(), one));
  assert.equal(new Set(keys).size, 4);
  assert.notEqual(keyOf(batchWith({ run: 1 }), query()), keyOf(batchWith({ run: 2 }), query()));
  assert.equal(keyOf(batchWith(), query()), keyOf(batchWith({ name: "Other" }), query()));
});
