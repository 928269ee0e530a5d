import { api, onlyIfUnchanged } from "../../shared/api/client";
import type { Batch } from "../../shared/api/types";
import { count, plural } from "../../shared/format";
import { DeleteDialog } from "../items/delete";
import { isActive, statusName } from "./status";

interface DeleteBatchProps {
  batch: Batch;
  deleted: () => void;
  close: () => void;
}

export function DeleteBatch({ batch, deleted, close }: DeleteBatchProps) {
  return (
    <DeleteDialog
      thing={batch}
      blocked={
        isActive(batch) && (
          <p>
            It is {statusName(batch.status).toLowerCase()} at the moment, and so it cannot be deleted. Cancel it first, then delete
            it.
          </p>
        )
      }
      remove={() => api.delete("/api/batches/{batch_id}", { path: { batch_id: batch.id }, headers: onlyIfUnchanged(batch) })}
      deleted={deleted}
      close={close}
    >
      <p>{lost(batch)} Its folders, connections and prompts stay, and so do its events and what it cost.</p>
    </DeleteDialog>
  );
}

function lost({ runs, counts }: Batch): string {
  if (runs === 0) {
    return "The batch is deleted for good. It was never staged, so no result is lost.";
  }
  const results = counts.completed > 0 ? `, with the ${count(counts.completed)} results of the current one` : "";
  return `The batch is deleted for good with ${plural(runs, "run")}${results}.`;
}
