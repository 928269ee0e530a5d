/** Every call that was made for a task. */

import { useState } from "preact/hooks";
import type { TaskDetail } from "../../../shared/api/types";
import { count, milliseconds, money, time, words } from "../../../shared/format";
import { Badge, Button, type Tone } from "../../../shared/ui/basic";
import { Folded } from "../../../shared/ui/folded";
import { LongText } from "../../../shared/ui/long-text";

type Call = TaskDetail["calls"][number];

const OUTCOMES: Record<string, [string, Tone]> = {
  in_flight: ["In flight", "busy"],
  completed: ["Completed", "good"],
  failed: ["Failed", "bad"],
  unknown: ["Outcome unknown", "warn"],
  dropped: ["Dropped", "warn"],
  discarded: ["Came too late", "warn"],
};

const SHOWN = 4;

export function Attempts({ calls }: { calls: Call[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? calls : calls.slice(-SHOWN);
  return (
    <section class="stack-small" aria-label="Attempts">
      <h3>Attempts</h3>
      {calls.length === 0 && <p class="quiet">No call has been made yet.</p>}
      <ol class="drawer-attempts">
        {shown.map((call) => (
          <Attempt key={call.number} call={call} />
        ))}
      </ol>
      {calls.length > SHOWN && (
        <div>
          <Button size="small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show the last ones" : `Show all ${count(calls.length)} attempts`}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What a model wrote besides an answer that counts; folded, since it may be long. */
function Kept({ name, text }: { name: string; text: string | null }) {
  return (
    text && (
      <details>
        <summary class="small">{name}</summary>
        <div class="drawer-text">
          <Folded text={text}>{(part) => <LongText text={part} />}</Folded>
        </div>
      </details>
    )
  );
}

function Attempt({ call }: { call: Call }) {
  const [name, tone] = OUTCOMES[call.outcome] ?? [words(call.outcome), "quiet"];
  const facts = [
    call.status_code !== null && `status ${call.status_code}`,
    call.latency_ms !== null && milliseconds(call.latency_ms),
    call.input_tokens !== null && `${count(call.input_tokens)} tokens in`,
    call.output_tokens !== null && `${count(call.output_tokens)} out`,
    call.finished_at !== null && (call.outcome !== "failed" || call.cost !== 0) && `cost ${money(call.cost)}`,
    call.possible_cost !== null && `at most ${money(call.possible_cost)}`,
  ].filter(Boolean);
  return (
    <li class="stack-small">
      <div class="row">
        <span class="drawer-number">{call.number}</span>
        <Badge tone={tone}>{name}</Badge>
        {call.repairs !== null && <span class="quiet small">asked to mend the answer of {call.repairs}</span>}
        {call.failure_kind && <span>{words(call.failure_kind)}</span>}
        <span class="quiet small">{time(call.started_at)}</span>
        <span class="quiet small">{facts.join(" · ")}</span>
      </div>
      {call.message && (
        <div class="small drawer-message">
          <Folded text={call.message}>{(part) => <LongText text={part} />}</Folded>
        </div>
      )}
      <Kept name="What the model wrote" text={call.text} />
      <Kept name="Thoughts of the model" text={call.thoughts} />
    </li>
  );
}
