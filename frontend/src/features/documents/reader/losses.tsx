/** What of a document models are not given, and notes about what they are. */

import type { Receipt } from "../../../shared/api/types";
import { count } from "../../../shared/format";
import { lossesInWords } from "./receipt";

const SHOWN = 3;

export function Losses({ receipt }: { receipt: Receipt }) {
  const losses = lossesInWords(receipt);
  if (losses.length === 0 && receipt.notes.length === 0) {
    return null;
  }
  return (
    <div class="stack-small">
      {losses.length > 0 && (
        <div class="notice stack-small" data-tone="warn">
          <strong>This document is not whole</strong>
          <Sentences all={losses.slice(0, SHOWN)} />
          {losses.length > SHOWN && (
            <details>
              <summary>{count(losses.length - SHOWN)} more</summary>
              <Sentences all={losses.slice(SHOWN)} />
            </details>
          )}
        </div>
      )}
      {receipt.notes.length > 0 && (
        <details class="small">
          <summary>Notes on how it was read</summary>
          <Sentences all={receipt.notes} />
        </details>
      )}
    </div>
  );
}

function Sentences({ all }: { all: readonly string[] }) {
  return (
    <ul class="reader-sentences">
      {all.map((sentence) => (
        <li key={sentence} dir="auto">
          {sentence}
        </li>
      ))}
    </ul>
  );
}
