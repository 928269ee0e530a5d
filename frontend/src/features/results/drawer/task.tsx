/** What a task took, and why it has no answer, before the answer itself, which may be long. */

import type { Task } from "../../../shared/api/types";
import { costSource, count, milliseconds, money, time, words } from "../../../shared/format";
import { Figures, Notice } from "../../../shared/ui/basic";
import { Folded } from "../../../shared/ui/folded";
import { LongText } from "../../../shared/ui/long-text";
import { failureTitle } from "../../batches/status";

/** Why there is no answer, or what an earlier try came to while another one is under way. */
export function Reason({ task }: { task: Task }) {
  if (!task.failure_kind) {
    return null;
  }
  const failed = task.status === "FAILED";
  return (
    <section class="drawer-failure" data-over={failed || undefined} aria-label="Why there is no answer">
      <h3>{failed ? failureTitle(task.failure_kind) : `${BEFORE[task.status] ?? "An earlier try failed"}: ${words(task.failure_kind)}`}</h3>
      <Folded text={task.message ?? "The server gave no reason."}>{(part) => <LongText text={part} />}</Folded>
    </section>
  );
}

const BEFORE: Record<string, string> = {
  QUEUED: "It is tried again, since an earlier try failed",
  RUNNING: "It is being tried again, since an earlier try failed",
  CANCELLED: "Cancelled after a try that failed",
};

/** What was sent of a document that is too long for the model. */
export function SentPart({ task }: { task: Task }) {
  return task.sent_part ? (
    <Notice tone="warn">The document is too long for this model: it is sent {task.sent_part}, without the rest.</Notice>
  ) : null;
}

/** Tokens, cost, time and who answered. */
export function Facts({ task }: { task: Task }) {
  const answered = task.finished_at !== null;
  return (
    <section class="drawer-facts" aria-label="What it took">
      <Figures
        items={[
          ["Tokens in", count(task.input_tokens)],
          ["of them cached", count(task.cached_tokens)],
          ["written to a cache", count(task.cache_write_tokens)],
          ["Tokens out", count(task.output_tokens)],
          ["of them reasoning", count(task.reasoning_tokens)],
          ["Cost", answered ? money(task.cost) : "–"],
          ...(task.possible_cost ? [["Possibly spent", `up to ${money(task.possible_cost)}`] as [string, string]] : []),
          ["Cost known from", task.cost_source ? costSource(task.cost_source) : "–"],
          ["Latency", milliseconds(task.latency_ms)],
          ["Model", task.model ?? "–"],
          ["Ended because", task.finish_reason ? words(task.finish_reason) : "–"],
          ["Finished", time(task.finished_at)],
        ]}
      />
    </section>
  );
}
