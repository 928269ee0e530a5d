/** What can be done with a batch: names, what each does, and which endpoint carries it out. */

import { api } from "../../shared/api/client";
import type { Action, Batch, FailureKind } from "../../shared/api/types";
import { costOf, count, money, plural } from "../../shared/format";
import { retriable } from "./next";

interface ActionText {
  name: string;
  /** What it will do, for menus and dialogs. */
  hint: string;
}

export const ACTIONS: Record<Action, ActionText> = {
  stage: { name: "Stage", hint: "Read the documents, list every task and estimate the cost. Calls no model." },
  run: { name: "Run", hint: "Call the models for every task." },
  pause: { name: "Pause", hint: "Start no new call. Those under way finish and count." },
  resume: { name: "Resume", hint: "Go on where it stopped." },
  cancel: { name: "Cancel", hint: "Stop for good. Results that are there stay; the rest is cancelled." },
  reset: { name: "Reset", hint: "Back to Saved, to change what is analysed. The run becomes history." },
  restage: { name: "Restage", hint: "Read the documents again as a new run. Its results start empty." },
  rerun: { name: "Rerun", hint: "Stage again and call the models for every task right away." },
  retry: { name: "Retry", hint: "Only tasks that failed or were cancelled are tried again. Results stay." },
};

/** What an action will do to this batch, and what it clears. */
export function hintOf(batch: Batch, action: Action): string {
  const { completed, queued, running, tasks } = batch.counts;
  const kept = completed > 0 ? ` The ${plural(completed, "result")} of run ${batch.run} leave this page, and stay readable under Runs.` : "";
  switch (action) {
    case "restage":
      return `Read the documents again as a new run, which starts without results.${kept}`;
    case "rerun":
      return `Stage again and call the models for every task right away, which is paid anew.${kept}`;
    case "reset":
      return `Back to Saved, to change what is analysed.${kept || (tasks > 0 ? ` The ${plural(tasks, "task")} of run ${batch.run} are put away.` : "")}`;
    case "retry":
      return `Try the ${plural(retriable(batch), "task")} again that failed or were cancelled. Clears no result.`;
    case "cancel":
      return batch.status === "STAGING"
        ? "Stop reading the documents. It can be staged again."
        : `Stop for good: ${plural(queued + running, "task")} will not be done. The ${plural(completed, "result")} stay.`;
    default:
      return ACTIONS[action].hint;
  }
}

/** Carry out an action by the endpoint that is meant for it; returns the batch as it is then. */
export function carryOut(batch: Batch, action: Action, failureKinds?: FailureKind[]): Promise<Batch> {
  const path = { batch_id: batch.id };
  switch (action) {
    case "stage":
      return api.post("/api/batches/{batch_id}/stage", { path });
    case "restage":
      return api.post("/api/batches/{batch_id}/reprocess-staging", { path });
    case "run":
      return api.post("/api/batches/{batch_id}/run", { path });
    case "rerun":
      return api.post("/api/batches/{batch_id}/rerun", { path });
    default:
      return api.post("/api/batches/{batch_id}/action", {
        path,
        body: failureKinds ? { action, failure_kinds: failureKinds } : { action },
      });
  }
}

/**
 * What to say before an action, or null when it can be done at once: it is asked only where work or money is at
 * stake. The run's own question needs the estimate, see `runQuestion`.
 */
export function question(batch: Batch, action: Action): string | null {
  const { completed, unsendable, queued, running } = batch.counts;
  const paid = batch.progress.cost !== 0;
  switch (action) {
    case "cancel":
      return batch.status === "STAGING"
        ? null
        : `${plural(queued + running, "task")} will not be done. Calls under way are dropped, and may still be billed.`;
    case "restage":
      return completed > 0
        ? `The new run starts without results. The ${plural(completed, "result")} of run ${batch.run} stay readable under Runs.`
        : null;
    case "reset":
      return completed > 0
        ? `The batch shows no results any more. The ${plural(completed, "result")} of run ${batch.run} stay readable under Runs.`
        : null;
    case "rerun":
      return `All ${count(batch.counts.tasks)} tasks are called again${paid ? `. The last run cost ${costOf(batch.progress)}` : ""}.`;
    case "retry":
      return paid ? retryQuestion(retriable(batch), unsendable) : null;
    default:
      return null;
  }
}

/** What cannot be sent is left alone: what a connection takes is fixed with the run. */
function retryQuestion(called: number, unsendable: number): string {
  const unsent = ` ${plural(unsendable, "task cannot", "tasks cannot")} be sent in this run, which no retry changes.`;
  return `${plural(called, "task")} will be called again, which costs money.${unsendable > 0 ? unsent : ""}`;
}

/** What to say before a run: nothing where it is sure to cost nothing. */
export async function runQuestion(batch: Batch): Promise<string | null> {
  const estimate = await api.get("/api/batches/{batch_id}/estimate", { path: { batch_id: batch.id } });
  if (estimate.max_cost === 0 && estimate.unpriced_connections.length === 0) {
    return null;
  }
  const price =
    estimate.cost === null
      ? "Its cost is unknown."
      : estimate.unpriced_connections.length
        ? `It is expected to cost at least ${money(estimate.cost)}.`
        : `It is expected to cost about ${money(estimate.cost)}, at most ${money(estimate.max_cost)}.`;
  const unknown = estimate.unpriced_connections.length
    ? ` The price of ${estimate.unpriced_connections.join(", ")} is unknown and not in this sum.`
    : "";
  const budget = estimate.budget === null ? " There is no budget." : ` It pauses at the budget of ${money(estimate.budget)}.`;
  return `${plural(estimate.tasks, "task")} will be sent to the models. ${price}${estimate.cost === null ? "" : unknown}${budget}`;
}
