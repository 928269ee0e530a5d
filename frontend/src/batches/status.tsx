/** Statuses of batches, tasks and documents in words and tones. */

import type { Batch, BatchStatus, DocumentStatus } from "../api/types";
import { Badge, type Tone } from "../components/basic";
import { count, duration, percent, rate } from "../format";

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

const DOCUMENT: Record<DocumentStatus, [string, Tone]> = {
  PENDING: ["Pending", "quiet"],
  ENCODED: ["Encoded", "good"],
  UNREADABLE: ["Unreadable", "bad"],
  SKIPPED: ["Skipped", "warn"],
};

export const BATCH_STATUSES = Object.keys(BATCH) as BatchStatus[];
export const TASK_STATUSES = Object.keys(TASK);
export const DOCUMENT_STATUSES = Object.keys(DOCUMENT) as DocumentStatus[];

export const statusName = (status: BatchStatus) => BATCH[status][0];
export const documentStatusName = (status: DocumentStatus) => DOCUMENT[status][0];
export const taskStatusName = (status: string) => status.charAt(0) + status.slice(1).toLowerCase();
export const isActive = (batch: Batch) => batch.status === "STAGING" || batch.status === "ANALYZING";

export function StatusBadge({ status }: { status: BatchStatus }) {
  return <Badge tone={BATCH[status][1]}>{BATCH[status][0]}</Badge>;
}

export function TaskBadge({ status }: { status: string }) {
  return <Badge tone={TASK[status] ?? "quiet"}>{taskStatusName(status)}</Badge>;
}

export function DocumentBadge({ status }: { status: DocumentStatus }) {
  return <Badge tone={DOCUMENT[status][1]}>{DOCUMENT[status][0]}</Badge>;
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
  if (batch.status_reason === "paused") {
    return "Paused by a user. Resume goes on where it stopped.";
  }
  if (batch.status_reason === "cancelled") {
    return batch.status === "FAILED" ? "Cancelled by a user. Results that were there are kept." : "Cancelled by a user.";
  }
  return batch.status_reason ?? "";
}

/** Tasks that are done, of how many. */
export function doneText(batch: Batch): string {
  const { completed, failed, cancelled, tasks, documents, pending } = batch.counts;
  return batch.status === "STAGING"
    ? `${count(documents - pending)} of ${count(documents)} documents`
    : `${count(completed + failed + cancelled)} of ${count(tasks)} tasks`;
}
