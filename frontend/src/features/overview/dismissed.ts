/**
 * What somebody has seen of the batches that need attention, kept in this browser: others may still have to see it.
 * A dismissal belongs to the state of the batch; another status, run, reason or number of failures shows it again.
 */

import { signal } from "@preact/signals";
import type { Batch } from "../../shared/api/types";

const KEY = "docstage.dismissed";
const MOST = 500;

/** States that were dismissed, by batch. */
const dismissed = signal<Record<string, string>>(kept());

addEventListener("storage", ({ key }) => {
  if (key === KEY) {
    dismissed.value = kept();
  }
});

export const isDismissed = (batch: Batch) => dismissed.value[batch.id] === stateOf(batch);

export function dismiss(batch: Batch): void {
  keep({ ...dismissed.value, [batch.id]: stateOf(batch) });
}

export function restore(batch: Batch): void {
  const { [batch.id]: _, ...others } = dismissed.value;
  keep(others);
}

function stateOf(batch: Batch): string {
  const since = [batch.paused_at, batch.completed_at, batch.failed_at, batch.failed_staging_at];
  return JSON.stringify([batch.created_at, batch.status, batch.run, batch.status_reason, batch.failed_tasks, ...since]);
}

function keep(states: Record<string, string>): void {
  // Numbers come in order, and so the oldest batches go first.
  dismissed.value = Object.fromEntries(Object.entries(states).slice(-MOST));
  try {
    localStorage.setItem(KEY, JSON.stringify(dismissed.value));
  } catch {
    // Without room it holds until the page is left.
  }
}

function kept(): Record<string, string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Record<string, string>) : {};
  } catch {
    return {};
  }
}
