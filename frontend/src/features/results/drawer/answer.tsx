/** A task's answer: its fields, or its text, rendered or as the model wrote it. */

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../../shared/api/types";
import { isMarkdown } from "../../../shared/markdown/read";
import { Button } from "../../../shared/ui/basic";
import { Folded } from "../../../shared/ui/folded";
import { lazy } from "../../../shared/ui/lazy";
import { LongText } from "../../../shared/ui/long-text";
import { membersOf } from "../answer";
import { Members } from "./members";

const KEY = "docstage.answers";
const SHOWN_MS = 2_000;

/** Whether Markdown is shown as it was written; remembered for all answers. */
const asWritten = signal(localStorage.getItem(KEY) === "written");

const Markdown = lazy(() => import("../../../shared/markdown/view"), "4rem");

export function Answer({ task }: { task: Task }) {
  const [whole, setWhole] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const members = membersOf(task.value);
  const formatted = task.text !== null && !members && isMarkdown(task.text);
  useEffect(() => {
    if (whole > 0 && box.current) {
      getSelection()?.selectAllChildren(box.current);
    }
  }, [whole]);
  // Where the clipboard may not be written, the whole text is selected as it was written, ready to be copied.
  const select = () => {
    choose(true);
    setWhole(whole + 1);
  };
  const { text } = task;
  return (
    <section class="stack-small" aria-label="Answer">
      <div class="head">
        <h3>Answer</h3>
        <div class="row">
          {formatted && <Choice />}
          {text && <Copy text={text} select={select} />}
        </div>
      </div>
      {text === null && <p class="quiet">{task.status === "RUNNING" || task.status === "QUEUED" ? "There is no answer yet." : "There is no answer."}</p>}
      {members && <Members members={members} />}
      {text !== null &&
        (members ? (
          <details open={whole > 0 || undefined}>
            <summary>The answer as the model wrote it</summary>
            <div ref={box} class="drawer-text">
              <Written text={text} open={whole > 0} key={whole} />
            </div>
          </details>
        ) : (
          <div ref={box} class="drawer-text">
            {text === "" ? (
              <span class="quiet">The answer is empty.</span>
            ) : formatted && !asWritten.value ? (
              <Folded text={text}>{(part) => <Markdown text={part} raw={<LongText text={part} />} />}</Folded>
            ) : (
              <Written text={text} open={whole > 0} key={whole} />
            )}
          </div>
        ))}
    </section>
  );
}

function Written({ text, open }: { text: string; open: boolean }) {
  return (
    <Folded text={text} open={open}>
      {(part) => <LongText text={part} />}
    </Folded>
  );
}

function choose(written: boolean): void {
  asWritten.value = written;
  localStorage.setItem(KEY, written ? "written" : "rendered");
}

function Choice() {
  const option = (written: boolean, name: string) => (
    <button type="button" class="chip" aria-pressed={asWritten.value === written} onClick={() => choose(written)}>
      {name}
    </button>
  );
  return (
    <div class="row" role="group" aria-label="Show the answer">
      {option(false, "Rendered")}
      {option(true, "As written")}
    </div>
  );
}

/** Puts the answer into the clipboard; where pages may not, it is selected, ready to be copied. */
function Copy({ text, select }: { text: string; select: () => void }) {
  const [said, setSaid] = useState("Copy answer");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      select();
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
