import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { match, ROUTES } from "../src/routes";
import { similar } from "../src/shell/similar";

const SECTIONS = ["/batches", "/folders", "/connections", "/prompts"];

test("every address of the table leads to its own page", () => {
  for (const { at, load } of ROUTES) {
    for (const address of at) {
      assert.deepEqual(match(address.replace(":id", "12")), { at: address, load, params: address.includes(":id") ? { id: "12" } : {} });
    }
  }
});

test("every page of the table is there", () => {
  for (const { load } of ROUTES) {
    const [, name] = /import\("(.*)"\)/.exec(load.toString()) ?? [];
    assert.ok(existsSync(new URL(`../src/${name}.tsx`, import.meta.url)), name);
  }
});

test("what only looks like an address is none", () => {
  for (const path of ["", "/batch", "/batches/", "/batches/0", "/batches/007", "/batches/-1", "/batches/1.5", "/batches/new/", "/batches/3/x", "/Batches", "//", "/batches/3\n"]) {
    assert.equal(match(path), null, JSON.stringify(path));
  }
});

test("a mistyped address is understood as the section with nearly that name", () => {
  assert.equal(similar("/batchs/3", SECTIONS), "/batches/3");
  assert.equal(similar("/PROMPTS", SECTIONS), "/prompts");
  assert.equal(similar("/folder//7/", SECTIONS), "/folders/7");
  assert.equal(similar("/batches/3/results", SECTIONS), "/batches", "as far as there is such a page");
  assert.equal(similar("/settings", SECTIONS), undefined);
  assert.equal(similar("/", SECTIONS), undefined);
});
