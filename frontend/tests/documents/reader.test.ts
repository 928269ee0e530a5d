import assert from "node:assert/strict";
import { test } from "node:test";
import { nextHit, pieces } from "../../src/features/documents/reader/marks";
import { pointsOf } from "../../src/features/documents/reader/points";
import { lossesInWords, partName, sizeInWords } from "../../src/features/documents/reader/receipt";
import { mayShow, shownText, stretchesOf, wanted } from "../../src/features/documents/reader/stretches";
import { fileName } from "../../src/shared/api/download";
import type { DocumentPart, Receipt } from "../../src/shared/api/types";

function part(changes: Partial<DocumentPart> = {}): DocumentPart {
  return { kind: "page", number: 1, name: null, within: null, start: 0, characters: 0, pictures: [], pictured: false, left_out: [], ...changes };
}

function receipt(changes: Partial<Receipt> = {}): Receipt {
  return { id: 1, path: "a.pdf", characters: 0, images: 0, parts: [], notes: [], left_out: [], ...changes };
}

/** Pages one behind the other, with a tag of ten characters before each. */
const pages = (sizes: number[]) => {
  let at = 0;
  return sizes.map((characters, index) => {
    const start = at + 10;
    at = start + characters;
    return part({ number: index + 1, start, characters });
  });
};

test("every part is in a stretch, in order, and no stretch is long", () => {
  const parts = pages(Array.from({ length: 1_000 }, (_, index) => (index % 50) * 100));
  const stretches = stretchesOf(parts);
  assert.deepEqual(
    stretches.flatMap((one) => one.blocks.map((block) => block.part)),
    parts.map((_, index) => index),
  );
  assert.ok(stretches.every((one) => one.end - one.start <= 24_000 && one.blocks.length <= 10));
  assert.ok(stretches.length <= 200, "and few are fetched");
});

/** What a reader of all stretches sees of a text, which is one part. */
function read(text: string): string {
  const all = pointsOf(text);
  return stretchesOf([part({ characters: all.length })])
    .map((stretch) => {
      const { start, characters } = wanted(stretch);
      const [block] = stretch.blocks;
      return block ? shownText(block, pointsOf(all.slice(start, start + characters)), start).text : "";
    })
    .join("|");
}

test("a long part is divided at ends of lines, and nothing is lost or told twice", () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `Line ${index} of this \u{1f600} text\n`).join("");
  const seen = read(lines);
  assert.equal(seen.replaceAll("|", ""), lines);
  assert.ok(seen.includes("|"));
  assert.ok(seen.split("|").slice(0, -1).every((piece) => piece.endsWith("\n")), "every stretch but the last ends with its line");
});

test("a part without lines is divided all the same", () => {
  const word = "x".repeat(100_000);
  assert.equal(read(word).replaceAll("|", ""), word);
});

test("a place near a boundary may be in either of two stretches", () => {
  const [first, second] = stretchesOf([part({ characters: 40_000 })]);
  assert.ok(first && second);
  assert.ok(mayShow(first, 23_999) && mayShow(second, 23_999));
  assert.ok(mayShow(first, 10) && !mayShow(second, 10));
});

test("hits are marked where they stand, also behind characters of two halves", () => {
  const text = "\u{1f600} One word, another word";
  const hits = [
    { start: 106, text: "word" },
    { start: 120, text: "word" },
  ];
  const found = pieces(text, 100, hits);
  assert.deepEqual(
    found.filter((piece) => piece.hit !== undefined),
    [
      { text: "word", hit: 0 },
      { text: "word", hit: 1 },
    ],
  );
  assert.equal(found.map((piece) => piece.text).join(""), text);
});

test("hits in other stretches are not marked here; one over the edge is in part", () => {
  const hits = [
    { start: 0, text: "far" },
    { start: 98, text: "abcd" },
    { start: 500, text: "far" },
  ];
  assert.deepEqual(pieces("cdef", 100, hits), [{ text: "cd", hit: 1 }, { text: "ef" }]);
});

test("the next hit is the first at the part that is shown, then they go round", () => {
  const hits = [10, 20, 30].map((start) => ({ start, text: "x" }));
  assert.equal(nextHit(hits, undefined, 1, 15), 1);
  assert.equal(nextHit(hits, undefined, 1, 99), 0);
  assert.equal(nextHit(hits, 2, 1, 0), 0);
  assert.equal(nextHit(hits, 0, -1, 0), 2);
  assert.equal(nextHit([], undefined, 1, 0), undefined);
});

test("parts are called as readers call them", () => {
  assert.equal(partName(part({ number: 3 })), "Page 3");
  assert.equal(partName(part({ kind: "sheet", name: "Costs", within: "offer.xlsx" })), "offer.xlsx · Sheet 1: Costs");
});

test("a receipt tells kinds, pictures and characters", () => {
  const parts = [part(), part({ number: 2, pictured: true }), part({ kind: "message", name: "Hello" })];
  assert.equal(sizeInWords(receipt({ parts, images: 1, characters: 1_200 })), "2 pages, 1 of them as pictures · 1 message · 1 picture · 1,200 characters");
  assert.equal(sizeInWords(receipt({ parts: [part({ pictured: true })] })), "1 page, as a picture");
  assert.equal(sizeInWords(receipt({ parts: [part({ kind: "section" })], characters: 5 })), "5 characters");
});

test("what several parts lack is told once", () => {
  const parts = [1, 2, 3].map((number) => part({ number, left_out: number < 3 ? ["A chart."] : ["A form."] }));
  assert.deepEqual(lossesInWords(receipt({ parts, left_out: ["An attachment."] })), ["An attachment.", "Pages 1, 2: A chart.", "Page 3: A form."]);
});

test("a download has the name that the server gives", () => {
  assert.equal(fileName('attachment; filename="batch-1.csv"'), "batch-1.csv");
  assert.equal(fileName("attachment; filename*=UTF-8''M%C3%A4rz%20%22.html"), 'März ".html');
  assert.equal(fileName("inline"), undefined);
});
