/** The life of a batch as data for the picture: the usual way, what lies beside it, and what leads from one to another. */

import type { Action, Batch, BatchStatus } from "../../../../shared/api/types";
import { retriable } from "../../next";

export interface Step {
  status: BatchStatus;
  /** What the user does to get here; without it, it happens by itself. */
  by?: Action;
  /** Where the batch can go from the step before, or stay meanwhile, instead of going on. */
  aside?: { status: BatchStatus; by?: Action };
}

export const STEPS: Step[] = [
  { status: "SAVED" },
  { status: "STAGING", by: "stage", aside: { status: "FAILED_STAGING" } },
  { status: "STAGED" },
  { status: "ANALYZING", by: "run", aside: { status: "PAUSED", by: "pause" } },
  { status: "COMPLETED", aside: { status: "FAILED" } },
];

/** What comes next, for somebody who sees this for the first time. */
export const NEXT: Record<BatchStatus, string> = {
  SAVED: "Stage it: the documents are read, every task is listed and the cost is estimated. No model is called.",
  STAGING: "The documents are being read. It becomes Staged by itself.",
  STAGED: "Look at the documents and the estimate, then run it.",
  ANALYZING: "The models are being called. It becomes Completed by itself; it can be paused at any time.",
  PAUSED: "No new call starts. Resume goes on where it stopped.",
  COMPLETED: "Look at the results and export them. Restage when documents have changed.",
  FAILED: "See what failed and why. Retry the failed tasks, or restage.",
  FAILED_STAGING: "Settle the reason, then stage or restage.",
};

/** Likewise, for a batch as it is. */
export function nextOf(batch: Batch): string {
  if (batch.status === "FAILED" && retriable(batch) === 0) {
    return "See what failed and why, then restage.";
  }
  if (batch.status === "FAILED" && batch.failed_tasks === 0 && batch.counts.cancelled > 0) {
    return "Retry does the tasks that were cancelled; restage begins anew.";
  }
  if (batch.status === "COMPLETED" && retriable(batch) > 0) {
    return "Look at the results, and at what failed and why: failed tasks can be retried.";
  }
  return NEXT[batch.status];
}

const stepOf = (status: BatchStatus) => STEPS.findIndex((step) => step.status === status || step.aside?.status === status);

/** When the batch reached a status last, null if it never has. */
function lastAt(batch: Batch, status: BatchStatus): string | null {
  return batch[`${status.toLowerCase()}_at` as keyof Batch] as string | null;
}

/** When the batch reached a status in its present life, which begins with its staging; null if it has not. */
export function reachedAt(batch: Batch, status: BatchStatus): string | null {
  const at = lastAt(batch, status);
  if (status === batch.status || at === null) {
    return at;
  }
  if (stepOf(status) > stepOf(batch.status)) {
    return null;
  }
  const begun = lastAt(batch, "STAGING");
  return status === "SAVED" || (begun !== null && Date.parse(at) >= Date.parse(begun)) ? at : null;
}
