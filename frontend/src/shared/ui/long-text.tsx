/** Text of any length, as plain text; browsers lay out only the pieces in view. */

import { useMemo } from "preact/hooks";

const PIECE = 4_000;

export function LongText({ text }: { text: string }) {
  const pieces = useMemo(() => split(text), [text]);
  return (
    <div class="long-text" data-long={pieces.length > 1 || undefined}>
      {pieces.map((piece, number) => (
        <div key={number} dir="auto">
          {piece}
        </div>
      ))}
    </div>
  );
}

/** Pieces that end at the ends of lines, where there are any. */
function split(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > PIECE) {
    const line = text.indexOf("\n", start + PIECE);
    const end = line < 0 || line - start > 4 * PIECE ? start + 4 * PIECE : line;
    pieces.push(text.slice(start, end));
    start = text[end] === "\n" ? end + 1 : end;
  }
  return [...pieces, text.slice(start)];
}
