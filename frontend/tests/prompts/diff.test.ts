import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, type Line } from "../../src/features/prompts/versions/diff";

const shown = (before: string, after: string) => differences(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`);
const side = (lines: Line[], other: Line["kind"]) => lines.filter(({ kind }) => kind !== other).map(({ text }) => text).join("\n");

test("texts that are the same have no changes", () => {
  assert.deepEqual(shown("a\nb", "a\nb"), [" a", " b"]);
  assert.deepEqual(shown("", ""), []);
});

test("of a changed line what is gone comes before what is new", () => {
  assert.deepEqual(shown("a\nb\nc", "a\nB\nc"), [" a", "-b", "+B", " c"]);
});

test("lines that were added or taken away leave the others as they are", () => {
  assert.deepEqual(shown("a\nc", "a\nb\nc"), [" a", "+b", " c"]);
  assert.deepEqual(shown("a\nb\nc", "c"), ["-a", "-b", " c"]);
  assert.deepEqual(shown("", "a\n"), ["+a", "+"]);
  assert.deepEqual(shown("a", ""), ["-a"]);
});

test("a line that is there several times is matched as often as it can be", () => {
  assert.deepEqual(shown("x\na\nx\nb", "x\nx\nb"), [" x", "-a", " x", " b"]);
});

test("blanks count, and an end of line more is a line more", () => {
  assert.deepEqual(shown("a ", "a"), ["-a ", "+a"]);
  assert.deepEqual(shown("a", "a\n"), [" a", "+"]);
});

test("whatever changed, both texts can be read from it", () => {
  const words = ["a", "b", "", "c", "a b"];
  let seed = 7;
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 300; round += 1) {
    const [before, after] = [0, 0].map(() => Array.from({ length: 1 + next(9) }, () => words[next(words.length)]).join("\n")) as [string, string];
    const lines = differences(before, after);
    assert.equal(side(lines, "new"), before);
    assert.equal(side(lines, "gone"), after);
    const common = lines.filter(({ kind }) => kind === "same").length;
    assert.equal(common, differences(after, before).filter(({ kind }) => kind === "same").length, "as much either way");
  }
});
