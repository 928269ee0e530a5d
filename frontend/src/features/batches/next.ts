/** What people do next with a batch: which button comes first, and which stand beside it. */

import type { Action, Batch } from "../../shared/api/types";
import { isByUser } from "./status";

/** An action, or what is done with the results or the budget. */
export type Step = Action | "export" | "budget";

export interface Next {
  first: Step | undefined;
  /** Where there is room they have buttons of their own, else they are in the menu. */
  beside: Step[];
}

/** Tasks that another try could help: no call helps those that their connection cannot take. */
export const retriable = ({ counts }: Batch) => counts.failed - counts.unsendable + counts.cancelled;

/** What its status allows and would do something: without any task to retry, the server refuses it. */
export const offered = (batch: Batch): Action[] =>
  batch.allowed_actions.filter((action) => action !== "retry" || retriable(batch) > 0);

/** Whether the batch waits because the next call could exceed its budget. */
export const isBudgetReached = (batch: Batch) =>
  batch.status === "PAUSED" && batch.budget !== null && !isByUser(batch) && /\bThe budget of \$/.test(batch.status_reason ?? "");

/** The next steps; `run` is an earlier run that is shown, which can be exported whatever the batch is like. */
export function nextSteps(batch: Batch, run?: number): Next {
  const [first, ...beside] = wanted(batch).filter((step) => isPossible(batch, step, run));
  return { first: first ?? offered(batch)[0], beside };
}

function wanted(batch: Batch): Step[] {
  switch (batch.status) {
    case "SAVED":
    case "FAILED_STAGING":
      return ["stage", "export"];
    case "STAGING":
      return ["cancel", "export"];
    case "STAGED":
      return ["run", "export"];
    case "ANALYZING":
      return ["pause", "export"];
    case "PAUSED":
      return isBudgetReached(batch) ? ["budget", "export"] : ["resume", "export"];
    case "COMPLETED":
    case "FAILED":
      return retriable(batch) > 0 ? ["retry", "export", "restage"] : ["export", "restage"];
  }
}

function isPossible(batch: Batch, step: Step, run: number | undefined): boolean {
  switch (step) {
    case "export":
      return run !== undefined || batch.counts.completed > 0;
    case "budget":
      return true;
    default:
      return offered(batch).includes(step);
  }
}
