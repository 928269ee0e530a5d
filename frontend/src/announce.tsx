/** Says to screen readers what changes without anybody's doing. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Batch, BatchStatus } from "./api/types";
import { statusName } from "./batches/status";

const said = signal("");

/** Say when one of the batches that are shown gets another status: "Corpus of May: Completed". */
export function useAnnounced(batches: readonly Batch[]): void {
  const known = useRef(new Map<number, BatchStatus>());
  useEffect(() => {
    const changes = batches.filter((one) => (known.current.get(one.id) ?? one.status) !== one.status);
    known.current = new Map(batches.map((one) => [one.id, one.status]));
    if (changes.length > 0) {
      said.value = changes.map((one) => `${one.name}: ${statusName(one.status)}`).join(". ");
    }
  }, [batches]);
}

export function Announcements() {
  return (
    <p class="hidden" aria-live="polite">
      {said.value}
    </p>
  );
}
