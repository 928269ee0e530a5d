/** How far a batch is, as a bar and in words. */

import type { Batch } from "../../shared/api/types";
import { plural } from "../../shared/format";
import { ProgressBar, type Part } from "../../shared/ui/basic";
import { doneText, failuresText, isActive, progressText } from "./status";

/** A bar of what is completed, failed and cancelled, with a line of words; nothing where there is no work to show. */
export function BatchProgress({ batch }: { batch: Batch }) {
  const words = progressWords(batch);
  if (words === "") {
    return null;
  }
  return (
    <>
      <ProgressBar share={batch.progress.share} parts={partsOf(batch)} label={`Progress of ${batch.name}`} />
      <span class="quiet small nowrap">{words}</span>
    </>
  );
}

export function partsOf(batch: Batch): Part[] {
  const { tasks, completed, failed, unsendable, cancelled } = batch.counts;
  if (batch.status === "STAGING" || tasks === 0) {
    return [{ share: batch.progress.share }];
  }
  return [
    { share: completed / tasks },
    { share: (failed - unsendable) / tasks, tone: "bad" },
    { share: unsendable / tasks, tone: "quiet" },
    { share: cancelled / tasks, tone: "quiet" },
  ];
}

/** How far a batch is, in one line; "" where it has nothing to do. */
export function progressWords(batch: Batch): string {
  const { tasks, completed, cancelled } = batch.counts;
  if (isActive(batch)) {
    return progressText(batch);
  }
  if (tasks === 0) {
    return "";
  }
  if (batch.status === "STAGED") {
    return [doneText(batch), failuresText(batch.counts)].filter(Boolean).join(", ");
  }
  if (batch.status === "PAUSED") {
    return doneText(batch);
  }
  if (completed === tasks) {
    return plural(tasks, "task");
  }
  return cancelled > 0 ? `${completed} completed, ${cancelled} cancelled` : `${completed} of ${plural(tasks, "task")} completed`;
}
