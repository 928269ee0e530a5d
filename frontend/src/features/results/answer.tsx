/** What became of a task, in a few lines. */

import type { Task } from "../../shared/api/types";
import { words } from "../../shared/format";
import { failureName, taskStatusName } from "../batches/status";

const LONGEST = 600;

/** The answer, or why there is none. */
export function Outcome({ task }: { task: Task }) {
  if (task.status === "FAILED" && task.failure_kind) {
    return (
      <span class="answer-failure" dir="auto">
        <strong>{failureName(task.failure_kind)}</strong>
        {task.message && ` ${shortened(task.message)}`}
      </span>
    );
  }
  if (task.status !== "COMPLETED") {
    const before = task.failure_kind ? `, after ${words(task.failure_kind)}` : "";
    return (
      <span class="quiet">
        {taskStatusName(task.status)}
        {before}
      </span>
    );
  }
  const members = membersOf(task.value);
  if (members) {
    return (
      <>
        {members.map(([name, value], number) => (
          <span key={name}>
            {number > 0 && " · "}
            <span class="quiet">{name}:</span> <bdi>{shortened(compact(value))}</bdi>
          </span>
        ))}
      </>
    );
  }
  return task.text ? <bdi>{shortened(task.text)}</bdi> : <span class="quiet">The answer is empty.</span>;
}

/** The members of a structured answer, undefined where it is none. */
export function membersOf(value: unknown): [string, unknown][] | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return undefined;
  }
  const members = Object.entries(value);
  return members.length > 0 ? members : undefined;
}

/** A value on one line. */
export function compact(value: unknown): string {
  if (value === null || value === undefined) {
    return "–";
  }
  if (typeof value === "string") {
    return value;
  }
  if (Array.isArray(value) && value.every((one) => one === null || typeof one !== "object")) {
    return value.length > 0 ? value.map(compact).join(", ") : "none";
  }
  return JSON.stringify(value);
}

const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
