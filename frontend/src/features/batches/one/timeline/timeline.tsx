/** The life of a batch, with where it stands and when it got there: as a picture, or in one line. */

import "./timeline.css";
import type { Action, Batch, BatchStatus } from "../../../../shared/api/types";
import { briefTime, time } from "../../../../shared/format";
import { statusName } from "../../status";
import { reachedAt, STEPS } from "./lifecycle";

export function Timeline({ batch, line }: { batch: Batch; line?: boolean }) {
  return (
    <ol class="timeline" data-line={line || undefined} aria-label="The life of the batch">
      {STEPS.map(({ status, aside }, index) => (
        <li key={status} data-status={status} data-state={stateOf(batch, status)} aria-current={batch.status === status ? "step" : undefined}>
          <Way action={STEPS[index + 1]?.by} />
          <Stop batch={batch} status={status} />
          {aside && (
            <div
              class="timeline-aside"
              data-status={aside.status}
              data-state={stateOf(batch, aside.status)}
              aria-current={batch.status === aside.status ? "step" : undefined}
            >
              <Stop batch={batch} status={aside.status} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

type State = "now" | "seen" | "ahead";

function stateOf(batch: Batch, status: BatchStatus): State {
  if (status === batch.status) {
    return "now";
  }
  return reachedAt(batch, status) ? "seen" : "ahead";
}

/** The line to the next step, with what leads there written on it. */
function Way({ action }: { action: Action | undefined }) {
  return (
    <span class="timeline-way" aria-hidden="true">
      {action && <span>{action}</span>}
    </span>
  );
}

const SAID: Record<State, string> = { now: "It stands here.", seen: "Done.", ahead: "Not reached." };

function Stop({ batch, status }: { batch: Batch; status: BatchStatus }) {
  const state = stateOf(batch, status);
  const at = reachedAt(batch, status);
  return (
    <div class="timeline-stop" title={at ? `${statusName(status)}: ${time(at)}` : undefined}>
      <Mark state={state} />
      <span class="timeline-name">{statusName(status)}</span>
      <span class="hidden">{SAID[state]}</span>
      {at && (
        <time class="timeline-time" dateTime={at} title={time(at)}>
          {briefTime(at)}
        </time>
      )}
    </div>
  );
}

function Mark({ state }: { state: State }) {
  return (
    <svg class="timeline-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" />
      {state === "seen" && <path d="M6.2 10.4 9 13l5-5.6" />}
      {state === "now" && <circle class="timeline-core" cx="10" cy="10" r="3.5" />}
    </svg>
  );
}
