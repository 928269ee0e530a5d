/** A text cut where words were found in it. */

import { pointsOf } from "./points";

/** Words that were found: where in the document's text, and as they stand there. */
export interface Mark {
  start: number;
  text: string;
}

export interface Piece {
  text: string;
  /** Which of the hits it is; undefined for what stands between them. */
  hit?: number;
}

/** The text, which begins at `start`, in pieces; hits are in order and do not overlap. */
export function pieces(text: string, start: number, hits: readonly Mark[]): Piece[] {
  const points = pointsOf(text);
  const found: Piece[] = [];
  let done = 0;
  hits.forEach((hit, index) => {
    const at = hit.start - start;
    if (at + hit.text.length > 0 && at < points.length) {
      // A hit may begin in the text before this one, or end in the next.
      const from = at < 0 ? 0 : points.unit(at);
      const to = at < 0 ? Math.max(0, hit.text.length + at) : Math.min(text.length, from + hit.text.length);
      if (from >= done && to > from) {
        found.push({ text: text.slice(done, from) }, { text: text.slice(from, to), hit: index });
        done = to;
      }
    }
  });
  return [...found, { text: text.slice(done) }].filter((piece) => piece.text);
}

/** Which hit comes next behind (`by` 1) or before (-1) the present one, round and round; `from` none yet: the first at or behind a place. */
export function nextHit(hits: readonly Mark[], present: number | undefined, by: 1 | -1, place: number): number | undefined {
  if (hits.length === 0) {
    return undefined;
  }
  if (present !== undefined) {
    return (present + by + hits.length) % hits.length;
  }
  const first = hits.findIndex((hit) => hit.start >= place);
  return first < 0 ? 0 : first;
}
