/** Says to screen readers what becomes of the batches that are shown. */

import { useEffect, useRef } from "preact/hooks";
import { announce } from "../../shared/announce";
import type { Batch, BatchStatus } from "../../shared/api/types";
import { statusName } from "./status";

/** Say when one of the batches that are shown gets another status: "Corpus of May: Completed". */
export function useAnnounced(batches: readonly Batch[]): void {
  const known = useRef(new Map<number, BatchStatus>());
  useEffect(() => {
    const changes = batches.filter((one) => (known.current.get(one.id) ?? one.status) !== one.status);
    known.current = new Map(batches.map((one) => [one.id, one.status]));
    if (changes.length > 0) {
      announce(changes.map((one) => `${one.name}: ${statusName(one.status)}`).join(". "));
    }
  }, [batches]);
}
