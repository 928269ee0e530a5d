/** A task's answer, and what it took. */

import { useRef, useState } from "preact/hooks";
import type { Task } from "../../api/types";
import { Button, Figures } from "../../components/basic";
import { count, milliseconds, money, time, words } from "../../format";
import { compact, membersOf } from "./answer";
import { LongText } from "./long-text";

const SHOWN_MS = 2_000;

export function Answer({ task }: { task: Task }) {
  const text = useRef<HTMLDivElement>(null);
  const members = membersOf(task.value);
  return (
    <section class="stack-small" aria-label="Answer">
      <div class="head">
        <h3>{task.failure_kind ? `Failed: ${words(task.failure_kind)}` : "Answer"}</h3>
        {task.text && <Copy text={task.text} shown={() => text.current} />}
      </div>
      {task.failure_kind && <p class="drawer-failure">{task.message ?? "The server gave no reason."}</p>}
      {!task.failure_kind && task.text === null && <p class="quiet">There is no answer yet.</p>}
      {members && <Members members={members} />}
      {task.text !== null &&
        (members ? (
          <details>
            <summary>The answer as the model wrote it</summary>
            <div ref={text} class="drawer-text">
              <LongText text={task.text} />
            </div>
          </details>
        ) : (
          <div ref={text} class="drawer-text">
            {task.text ? <LongText text={task.text} /> : <span class="quiet">The answer is empty.</span>}
          </div>
        ))}
    </section>
  );
}

function Members({ members }: { members: [string, unknown][] }) {
  return (
    <dl class="drawer-members">
      {members.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{isNested(value) ? <pre>{JSON.stringify(value, null, 2)}</pre> : compact(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

const isNested = (value: unknown): boolean =>
  value !== null && typeof value === "object" && (!Array.isArray(value) || value.some((one) => one !== null && typeof one === "object"));

/** Puts the answer into the clipboard; where pages may not, the answer is selected, ready to be copied. */
function Copy({ text, shown }: { text: string; shown: () => HTMLElement | null }) {
  const [said, setSaid] = useState("Copy answer");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      const element = shown();
      element?.closest("details")?.setAttribute("open", "");
      if (element) {
        getSelection()?.selectAllChildren(element);
      }
      setSaid("Selected: press Ctrl+C");
    }
    setTimeout(() => setSaid("Copy answer"), SHOWN_MS);
  };
  return (
    <Button size="small" aria-live="polite" onClick={() => void copy()}>
      {said}
    </Button>
  );
}

/** Tokens, cost, time and who answered. */
export function Facts({ task }: { task: Task }) {
  const answered = task.finished_at !== null;
  return (
    <section aria-label="What it took">
      <Figures
        items={[
          ["Tokens in", count(task.input_tokens)],
          ["of them cached", count(task.cached_tokens)],
          ["Tokens out", count(task.output_tokens)],
          ["Cost", answered ? money(task.cost) : "–"],
          ["Latency", milliseconds(task.latency_ms)],
          ["Model", task.model ?? "–"],
          ["Ended because", task.finish_reason ? words(task.finish_reason) : "–"],
          ["Finished", time(task.finished_at)],
        ]}
      />
    </section>
  );
}
