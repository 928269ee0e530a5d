/** Text that may be long: its beginning, until all of it is wanted. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { count } from "../format";
import { Button } from "./basic";

const SHOWN = 1_500;
const LINES = 24;

interface FoldedProps {
  text: string;
  /** Draws the part of the text that is shown. */
  children: (part: string) => ComponentChildren;
  /** Begin unfolded. */
  open?: boolean;
}

export function Folded({ text, children, open = false }: FoldedProps) {
  const [all, setAll] = useState(open);
  const end = foldAt(text);
  if (end >= text.length) {
    return <>{children(text)}</>;
  }
  return (
    <div class="folded" data-open={all || undefined}>
      <div class="folded-text">{children(all ? text : text.slice(0, end))}</div>
      <Button class="folded-button" size="small" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? "Show less" : `Show all, ${count(text.length)} characters`}
      </Button>
    </div>
  );
}

/** Where a text is cut: after so many lines or characters, if much would be left. */
function foldAt(text: string): number {
  let line = -1;
  for (let number = 0; number < LINES; number += 1) {
    line = text.indexOf("\n", line + 1);
    if (line < 0 || line > SHOWN) {
      break;
    }
  }
  if (line >= 0 && line <= SHOWN) {
    return line;
  }
  return text.length > SHOWN * 1.2 ? lastBreak(text) : text.length;
}

function lastBreak(text: string): number {
  const cut = Math.max(text.lastIndexOf("\n", SHOWN), text.lastIndexOf(" ", SHOWN));
  // Within no pair of halves of one character.
  return cut > SHOWN / 2 ? cut : SHOWN - Number(/[\ud800-\udbff]/.test(text[SHOWN - 1] ?? ""));
}
