/**
 * How a document is fetched: in stretches of its text, as they come into view. Short parts share one; a long part is
 * divided, near the ends of lines.
 */

import type { DocumentPart } from "../../../shared/api/types";
import { type Points, pointsOf } from "./points";

/** Characters of a stretch, and parts in it, at most. */
const LONGEST = 24_000;
const MOST_PARTS = 10;
/** Two stretches of a part meet behind the last end of a line within so many characters before the boundary. */
const SEAM = 2_000;
const COLUMNS = 70;

/** What of a part is in a stretch; positions are those of characters in the document's text. */
export interface Block {
  /** Index of the part, from 0. */
  part: number;
  start: number;
  end: number;
  /** It begins its part. */
  first: boolean;
  /** It ends its part. */
  last: boolean;
}

export interface Stretch {
  start: number;
  end: number;
  blocks: Block[];
}

/** The stretches of a document of these parts, in order. */
export function stretchesOf(parts: readonly DocumentPart[]): Stretch[] {
  const stretches: Stretch[] = [];
  let open: Stretch | undefined;
  parts.forEach(({ start, characters }, part) => {
    const end = start + characters;
    if (characters > LONGEST) {
      open = undefined;
      stretches.push(...divided(part, start, end));
      return;
    }
    const block = { part, start, end, first: true, last: true };
    if (open && open.blocks.length < MOST_PARTS && end - open.start <= LONGEST) {
      open.blocks.push(block);
      open.end = end;
    } else {
      open = { start, end, blocks: [block] };
      stretches.push(open);
    }
  });
  return stretches;
}

function divided(part: number, start: number, end: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (let at = start; at < end; at += LONGEST) {
    const stop = Math.min(at + LONGEST, end);
    const block = { part, start: at, end: stop, first: at === start, last: stop === end };
    stretches.push({ start: at, end: stop, blocks: [block] });
  }
  return stretches;
}

/** What has to be fetched to show a stretch: also what stands before it, if its part began earlier. */
export function wanted(stretch: Stretch): { start: number; characters: number } {
  const start = stretch.blocks[0]?.first === false ? stretch.start - SEAM : stretch.start;
  return { start, characters: Math.max(1, stretch.end - start) };
}

export interface ShownText {
  /** Where it begins in the document's text. */
  start: number;
  text: string;
}

/** The text that a block shows, of what was fetched for its stretch; neighbours meet without a gap. */
export function shownText(block: Block, fetched: Points, fetchedAt: number): ShownText {
  const start = block.first ? block.start : seam(fetched, fetchedAt, block.start);
  const end = block.last ? block.end : seam(fetched, fetchedAt, block.end);
  return { start, text: fetched.slice(start - fetchedAt, end - fetchedAt) };
}

function seam(fetched: Points, fetchedAt: number, boundary: number): number {
  const before = fetched.slice(Math.max(0, boundary - SEAM - fetchedAt), boundary - fetchedAt);
  const line = before.lastIndexOf("\n");
  return line < 0 ? boundary : boundary - pointsOf(before.slice(line + 1)).length;
}

/** Whether a place of the text can be in what a stretch shows. */
export const mayShow = (stretch: Stretch, at: number) => at >= stretch.start - SEAM && at <= stretch.end;

/** About how high a stretch will be, in root units; kept free for it until it is there. */
export function heightOf(stretch: Stretch, parts: readonly DocumentPart[]): number {
  const rows = Math.ceil((stretch.end - stretch.start) / COLUMNS);
  const pictures = stretch.blocks.reduce((sum, one) => sum + (one.first ? (parts[one.part]?.pictures.length ?? 0) : 0), 0);
  return 3 * stretch.blocks.length + 1.5 * rows + 30 * pictures;
}
