import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, isOn, NEW_FOLDER, ownGlobs, PRESETS, takesText } from "../../src/features/folders/form/values";
import { fromDrop, fromInput } from "../../src/features/folders/send/gather";

const globsOf = (name: string) => PRESETS.find((preset) => preset.name === name)?.globs ?? [];

test("what a folder takes is told in words", () => {
  assert.equal(takesText(NEW_FOLDER), "All files");
  const folder = { ...NEW_FOLDER, include: [...globsOf("PDF"), "*.log"], exclude: ["drafts/**", "*.tmp"], recursive: false, hidden: true };
  assert.equal(takesText(folder), "PDF, *.log; not drafts/**, *.tmp; without sub-folders; hidden ones too");
  const inside = { ...NEW_FOLDER, archives: "skip", attachments: "apart" } as const;
  assert.equal(takesText(inside), "All files; without archives; attachments apart");
});

test("a preset is on when all of it is there, and else its patterns are one's own", () => {
  const [office] = PRESETS.filter(({ name }) => name === "Office");
  assert.ok(office);
  const part = office.globs.slice(1);
  assert.equal(isOn(office, part), false);
  assert.deepEqual(ownGlobs(part), part);
  assert.deepEqual(ownGlobs([...office.globs, "*.log"]), ["*.log"]);
});

test("a folder without a name is called by the server", () => {
  assert.deepEqual(bodyOf({ ...NEW_FOLDER, path: " /data ", name: "  " }).name, null);
  assert.equal(bodyOf({ ...NEW_FOLDER, path: " /data ", name: " Letters " }).name, "Letters");
  assert.equal(bodyOf({ ...NEW_FOLDER, path: " /data " }).path, "/data");
});

const picked = (...paths: string[]) =>
  fromInput(paths.map((path) => ({ name: path.split("/").at(-1), webkitRelativePath: path.includes("/") ? path : "" })) as unknown as FileList);
const pathsOf = (...paths: string[]) => picked(...paths).files.map(({ path }) => path);

test("a single folder gives its name, and paths are those below it", () => {
  const found = picked("Letters/2026/b.pdf", "Letters/a.pdf");
  assert.equal(found.name, "Letters");
  assert.deepEqual(found.files.map(({ path }) => path), ["2026/b.pdf", "a.pdf"]);
});

test("files beside folders, or of several folders, keep their whole paths", () => {
  assert.equal(picked("a.pdf", "b.pdf").name, "");
  assert.equal(picked("A/a.pdf", "B/b.pdf").name, "");
  assert.deepEqual(pathsOf("A/a.pdf", "B/b.pdf"), ["A/a.pdf", "B/b.pdf"]);
  assert.deepEqual(pathsOf("A/a.pdf", "a.pdf"), ["a.pdf", "A/a.pdf"], "in the order of their names");
});

test("hidden files and all below hidden folders are counted, not sent", () => {
  const found = picked("A/.git/config", "A/.DS_Store", "A/a.pdf");
  assert.equal(found.hidden, 2);
  assert.deepEqual(found.files.map(({ path }) => path), ["a.pdf"]);
  assert.equal(found.name, "A");
  assert.deepEqual(picked(".env").files, []);
});

test("names lose what the server takes in none", () => {
  assert.deepEqual(pathsOf("A/a\\b\u0007.pdf"), ["a_b_.pdf"]);
});

/** An entry of a file system as browsers hand it out: folders in parts of two. */
function entry(fullPath: string, below?: unknown[]): unknown {
  const file = (done: (file: unknown) => void) => done({ name: fullPath.split("/").at(-1) });
  const createReader = () => {
    const rest = [...(below ?? [])];
    return { readEntries: (done: (some: unknown[]) => void) => done(rest.splice(0, 2)) };
  };
  return { isFile: below === undefined, fullPath, file, createReader };
}

const dropOf = (...entries: unknown[]) =>
  ({ items: entries.map((one) => ({ kind: "file", webkitGetAsEntry: () => one })), files: [{ name: "plain.txt" }] }) as unknown as DataTransfer;

test("a folder that is dropped is walked through to its end", async () => {
  const many = Array.from({ length: 5 }, (_, n) => entry(`/A/${n}.txt`));
  const found = await fromDrop(dropOf(entry("/A", [...many, entry("/A/deep", [entry("/A/deep/z.txt")])])));
  assert.deepEqual(found.files.map(({ path }) => path), ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "deep/z.txt"]);
  assert.equal(found.name, "A");
});

test("a browser without entries gives the files themselves", async () => {
  assert.deepEqual((await fromDrop(dropOf(null))).files.map(({ path }) => path), ["plain.txt"]);
});
