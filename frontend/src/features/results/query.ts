/** Which tasks are listed: the filters and the order, as they stand in the address. */

import type { paths } from "../../shared/api/schema";
import type { Batch, FailureKind } from "../../shared/api/types";
import { setQuery, useQuery, useQueryList } from "../../shared/router";
import { TASK_STATUSES, UNSENDABLE } from "../batches/status";

type Given = NonNullable<paths["/api/batches/{batch_id}/tasks"]["get"]["parameters"]["query"]>;
type TaskStatus = NonNullable<Given["status"]>[number];

/** A listing of tasks as the API takes it, without the page. */
export interface TasksQuery {
  status: TaskStatus[];
  failure_kind: FailureKind[];
  connection_id: number[];
  prompt_id: number[];
  search: string;
  /** Of the failed tasks only those that cannot be sent, or only the others. */
  unsendable: boolean | undefined;
  sort: string;
  run: number | undefined;
  /** Documents are kept together, for the matrix. */
  whole_documents: boolean | undefined;
}

const FILTERS = ["status", "unsendable", "failure_kind", "connection_id", "prompt_id", "search"];
const BOOLEANS: Record<string, boolean | undefined> = { true: true, false: false };
// Orders that stay as they are while tasks come to their end.
const LASTING = ["", "id", "-id", "document", "-document"];

/** What the address asks for. */
export function useTasksQuery(run: number | undefined): TasksQuery {
  const matrix = useQuery("view") === "matrix";
  const sort = useQuery("sort");
  const query = {
    status: useQueryList("status").filter((one) => TASK_STATUSES.includes(one)) as TaskStatus[],
    failure_kind: useQueryList("failure_kind") as FailureKind[],
    connection_id: useQueryList("connection_id").map(Number),
    prompt_id: useQueryList("prompt_id").map(Number),
    search: useQuery("search"),
    unsendable: BOOLEANS[useQuery("unsendable")],
    sort: matrix && !LASTING.includes(sort) ? "" : sort,
    run,
  };
  return { ...query, whole_documents: matrix && chooses(query) ? true : undefined };
}

/** Whether only some tasks are wanted. */
export function isFiltered(query: TasksQuery): boolean {
  return chooses(query) || query.connection_id.length > 0 || query.prompt_id.length > 0;
}

/** Whether tasks keep their positions in the listing while they come to their end. */
export function isLasting(query: TasksQuery): boolean {
  return !chooses(query) && LASTING.includes(query.sort);
}

function chooses(query: Pick<TasksQuery, "status" | "unsendable" | "failure_kind" | "search">): boolean {
  return query.status.length > 0 || query.unsendable !== undefined || query.failure_kind.length > 0 || query.search !== "";
}

/** What became of tasks, as people tell it apart: a task that cannot be sent has not failed. */
export const ENDS = [...TASK_STATUSES, UNSENDABLE];

/** Which of them are chosen. */
export const endsOf = ({ status, unsendable }: TasksQuery): string[] =>
  ENDS.filter((end) =>
    end === UNSENDABLE ? chosen(status, "FAILED") && unsendable !== false : chosen(status, end) && (end !== "FAILED" || unsendable !== true),
  );

const chosen = (statuses: string[], one: string) => statuses.includes(one);

/** Choose among them. */
export function chooseEnds(ends: string[]): void {
  const [failed, unsent] = [ends.includes("FAILED"), ends.includes(UNSENDABLE)];
  const status = TASK_STATUSES.filter((one) => ends.includes(one) || (one === "FAILED" && unsent));
  setQuery({ status, unsendable: failed === unsent ? null : String(unsent) });
}

/** Want all tasks again. */
export function clearFilters(): void {
  setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])));
}

/** What tells one listing from another. */
export const keyOf = (batch: Batch, query: TasksQuery): string => JSON.stringify([batch.id, query.run ?? batch.run, query]);
