/** Statuses of batches, tasks and documents in words and tones. */

import type { Batch, BatchStatus, Counts, DocumentStatus, Task } from "../../shared/api/types";
import { count, duration, percent, plural, rate, words } from "../../shared/format";
import type { Tone } from "../../shared/ui/basic";

const BATCH: Record<BatchStatus, [string, Tone]> = {
  SAVED: ["Saved", "quiet"],
  STAGING: ["Staging", "busy"],
  STAGED: ["Staged", "ready"],
  ANALYZING: ["Analyzing", "busy"],
  PAUSED: ["Paused", "warn"],
  COMPLETED: ["Completed", "good"],
  FAILED: ["Failed", "bad"],
  FAILED_STAGING: ["Staging failed", "bad"],
};

const TASK: Record<string, Tone> = {
  QUEUED: "quiet",
  RUNNING: "busy",
  COMPLETED: "good",
  FAILED: "bad",
  CANCELLED: "warn",
};

/** A task that was never sent has not failed: its connection cannot take such a document. */
const UNSENT = "Cannot be sent";

const DOCUMENT: Record<DocumentStatus, [string, Tone]> = {
  PENDING: ["Pending", "quiet"],
  ENCODED: ["Encoded", "good"],
  UNREADABLE: ["Unreadable", "bad"],
  SKIPPED: ["Skipped", "warn"],
};

export const BATCH_STATUSES = Object.keys(BATCH) as BatchStatus[];
export const TASK_STATUSES = Object.keys(TASK);
/** Stands beside the statuses where tasks are told apart by what became of them: they are FAILED for the API. */
export const UNSENDABLE = "UNSENDABLE";
export const DOCUMENT_STATUSES = Object.keys(DOCUMENT) as DocumentStatus[];

export const statusName = (status: BatchStatus) => BATCH[status][0];
export const documentStatusName = (status: DocumentStatus) => DOCUMENT[status][0];
export const taskStatusName = (status: string) => status.charAt(0) + status.slice(1).toLowerCase();
export const isActive = (batch: Batch) => batch.status === "STAGING" || batch.status === "ANALYZING";

/** Why tasks cannot be sent, as a kind of failure. */
const UNSENT_KIND = "unsupported_input";

/** How a status looks: its name and its tone. */
export type Look = readonly [name: string, tone: Tone];

export const lookOfBatch = (status: BatchStatus): Look => BATCH[status];
export const lookOfDocument = (status: DocumentStatus): Look => DOCUMENT[status];

export const lookOfTask = ({ status, failure_kind: kind }: Pick<Task, "status" | "failure_kind">): Look =>
  status === "FAILED" && kind === UNSENT_KIND ? [UNSENT, "warn"] : [taskStatusName(status), TASK[status] ?? "quiet"];

/** A kind of failure in words. */
export const failureName = (kind: string) => (kind === UNSENT_KIND ? UNSENT.toLowerCase() : words(kind));

/** Likewise as the title of a task's end. */
export const failureTitle = (kind: string) => (kind === UNSENT_KIND ? UNSENT : `Failed: ${words(kind)}`);

/** Failed tasks in words: "3 failed, 8 cannot be sent"; "" where there are none. */
export function failuresText({ failed, unsendable }: Pick<Counts, "failed" | "unsendable">): string {
  return [failed > unsendable && `${count(failed - unsendable)} failed`, unsendable > 0 && `${count(unsendable)} ${UNSENT.toLowerCase()}`]
    .filter(Boolean)
    .join(", ");
}

/** The name of what became of tasks, among `TASK_STATUSES` and `UNSENDABLE`. */
export const endName = (end: string) => (end === UNSENDABLE ? UNSENT : taskStatusName(end));

/** How many tasks came to an end, so that each is counted once. */
export function endCount(end: string, counts: Counts): number {
  const { failed, unsendable } = counts;
  return end === UNSENDABLE ? unsendable : end === "FAILED" ? failed - unsendable : counts[end.toLowerCase() as "queued"];
}

/** How far an active batch is, in one line. */
export function progressText(batch: Batch): string {
  const { share, rate: speed, eta_seconds: eta } = batch.progress;
  const what = batch.status === "STAGING" ? "documents" : "tasks";
  const parts = [percent(share)];
  if (speed > 0) {
    parts.push(`${rate(speed)} ${what}/s`);
  }
  if (eta != null) {
    parts.push(`${duration(eta)} left`);
  }
  return parts.join(" · ");
}

/** Why the batch is where it is, as a sentence; "" where its status says all. */
export function reasonText(batch: Batch): string {
  const [, what, why] = BY_USER.exec(batch.status_reason ?? "") ?? [];
  if (what === "paused") {
    return why ? `Paused by a user: ${ended(why)}` : "Paused by a user. Resume goes on where it stopped.";
  }
  if (what === "cancelled") {
    const kept = batch.status === "FAILED" ? " Results that were there are kept." : "";
    return why ? `Cancelled by a user: ${ended(why)}${kept}` : `Cancelled by a user.${kept}`;
  }
  return batch.status_reason ?? "";
}

/** What somebody did, and the reason that they gave. */
const BY_USER = /^(paused|cancelled)(?:: (.*))?$/s;

/** Whether somebody stopped the batch; else it stopped by itself, for a reason that is to be mended. */
export const isByUser = (batch: Batch) => BY_USER.test(batch.status_reason ?? "");

/** A sentence with its end. */
export const ended = (text: string) => (/[.!?…]$/.test(text.trim()) ? text : `${text}.`);

/** Tasks that are done, of how many. */
export function doneText(batch: Batch): string {
  const { completed, failed, cancelled, tasks, documents, pending } = batch.counts;
  if (batch.status === "STAGED") {
    return `${plural(tasks - batch.counts.unsendable, "task")} to run`;
  }
  return batch.status === "STAGING"
    ? `${count(documents - pending)} of ${count(documents)} documents`
    : `${count(completed + failed + cancelled)} of ${count(tasks)} tasks`;
}
