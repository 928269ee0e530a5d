/** What can be deleted for good from a page: a document everywhere, an earlier run, all runs of a batch. */

import "./purging.css";
import { useState } from "preact/hooks";
import type { Batch } from "../../shared/api/types";
import { Button } from "../../shared/ui/basic";
import { PurgeDialog } from "./purge";

interface DocumentProps {
  batch: Batch;
  document: { id: number; path: string };
  done: () => void;
}

/** A button that asks, and deletes the document everywhere. */
export function PurgeDocument({ batch, document, done }: DocumentProps) {
  // Kept while it is asked about: keys may lead to another document meanwhile.
  const [asking, setAsking] = useState<DocumentProps["document"]>();
  return (
    <>
      <Button size="small" kind="plain" onClick={() => setAsking(document)}>
        Delete everywhere…
      </Button>
      {asking && (
        <PurgeDialog
          title={`Delete ${asking.path} everywhere?`}
          choice={{ document: { batch_id: batch.id, document_id: asking.id } }}
          confirm="Delete everywhere"
          done={done}
          close={() => setAsking(undefined)}
        >
          <p>
            From all runs of all batches, with copies that have the same bytes. Its place stays in each run as a purged document, and so
            do counts, costs and the line in the events that something was deleted. Exports and backups that were made keep it.
          </p>
        </PurgeDialog>
      )}
    </>
  );
}

interface RunProps {
  batch: Batch;
  number: number;
  done: () => void;
}

/** A button that asks, and deletes an earlier run. */
export function PurgeRun({ batch, number, done }: RunProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" kind="plain" aria-label={`Delete run ${number}`} onClick={() => setAsking(true)}>
        Delete…
      </Button>
      {asking && (
        <PurgeDialog
          title={`Delete run ${number} of ${batch.name}?`}
          choice={{ runs: { batch_id: batch.id, number, current: false } }}
          confirm="Delete run"
          done={done}
          close={() => setAsking(false)}
        >
          <p>The other runs stay, and so do its events and what it cost.</p>
        </PurgeDialog>
      )}
    </>
  );
}

interface RunsProps {
  batch: Batch;
  done: () => void;
  close: () => void;
}

/** Asks, and deletes all runs of a batch. */
export function PurgeRuns({ batch, done, close }: RunsProps) {
  return (
    <PurgeDialog
      title={`Purge all runs of ${batch.name}?`}
      choice={{ runs: { batch_id: batch.id, current: true } }}
      confirm="Purge all runs"
      done={done}
      close={close}
    >
      <p>The batch stays, and is Saved then. So do its folders, connections and prompts, its events and what it cost.</p>
    </PurgeDialog>
  );
}
