/** The life of a batch as data for the picture: where each status stands in it, and what leads from one to another. */

import type { Action, BatchStatus } from "../../api/types";

/** Steps go along the usual way; lanes lie beside it. */
export const PLACES: Record<BatchStatus, { step: number; lane: number }> = {
  SAVED: { step: 0, lane: 1 },
  STAGING: { step: 1, lane: 1 },
  STAGED: { step: 2, lane: 1 },
  ANALYZING: { step: 3, lane: 1 },
  COMPLETED: { step: 4, lane: 1 },
  FAILED_STAGING: { step: 1, lane: 2 },
  PAUSED: { step: 3, lane: 0 },
  FAILED: { step: 4, lane: 2 },
};

export interface Edge {
  from: BatchStatus;
  to: BatchStatus;
  /** What the user does; without it, it happens by itself. */
  action?: Action;
}

export const EDGES: Edge[] = [
  { from: "SAVED", to: "STAGING", action: "stage" },
  { from: "STAGING", to: "STAGED" },
  { from: "STAGING", to: "FAILED_STAGING" },
  { from: "STAGED", to: "ANALYZING", action: "run" },
  { from: "ANALYZING", to: "PAUSED", action: "pause" },
  { from: "ANALYZING", to: "COMPLETED" },
  { from: "ANALYZING", to: "FAILED" },
];

/** What comes next, for somebody who sees this for the first time. */
export const NEXT: Record<BatchStatus, string> = {
  SAVED: "Stage it: the documents are read, every task is listed and the cost is estimated. No model is called.",
  STAGING: "The documents are being read. It becomes Staged by itself.",
  STAGED: "Look at the documents and the estimate, then run it.",
  ANALYZING: "The models are being called. It becomes Completed by itself; it can be paused at any time.",
  PAUSED: "No new call starts. Settle what it was paused for, then resume.",
  COMPLETED: "Look at the results and export them. Restage when documents have changed.",
  FAILED: "See what failed and why. Retry the failed tasks, or restage.",
  FAILED_STAGING: "Settle the reason, then stage again.",
};
