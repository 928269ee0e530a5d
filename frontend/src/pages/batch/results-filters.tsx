/** What of the results is shown, and how: search, filters, order, table or matrix. */

import type { Batch, Progress } from "../../api/types";
import { TASK_STATUSES, tasksName } from "../../batches/status";
import { Button } from "../../components/basic";
import { SearchField } from "../../components/table";
import { count, words } from "../../format";
import { Link, setQuery, withQuery } from "../../router";
import { clearFilters, isFiltered, type TasksQuery } from "./tasks-query";

/** Orders to choose from; the last ones are no orders of documents. */
const SORTS: [string, string][] = [
  ["", "In order"],
  ["document", "Document, A to Z"],
  ["-document", "Document, Z to A"],
  ["-finished_at", "Finished last"],
  ["-cost", "Most expensive"],
  ["-latency_ms", "Slowest"],
  ["-output_tokens", "Longest answer"],
];

const OF_DOCUMENTS = 3;

/** A connection or a prompt of a run. */
export interface Named {
  id: number;
  name: string;
}

interface FiltersProps {
  query: TasksQuery;
  counts: Batch["counts"];
  failures: Progress["failures"];
  connections: Named[];
  prompts: Named[];
  matrix: boolean;
}

export function Filters({ query, counts, failures, connections, prompts, matrix }: FiltersProps) {
  return (
    <div class="stack-small">
      <div class="results-tools">
        <div class="results-search">
          <SearchField label="Search paths, answers and failures" />
        </div>
        <Choice name="connection_id" label="Connection" all="All connections" options={named(connections)} chosen={query.connection_id} />
        <Choice name="prompt_id" label="Prompt" all="All prompts" options={named(prompts)} chosen={query.prompt_id} />
        <Choice name="failure_kind" label="Failure" all="Any failure" options={kinds(failures, query)} chosen={query.failure_kind} least={1} />
        <Order sorts={matrix ? SORTS.slice(0, OF_DOCUMENTS) : SORTS} sort={query.sort} always={matrix} />
        <nav class="results-views" aria-label="Show the results as">
          <Link class="chip" href={withQuery({ view: null })} aria-current={matrix ? undefined : "page"}>
            Table
          </Link>
          <Link class="chip" href={withQuery({ view: "matrix" })} aria-current={matrix ? "page" : undefined}>
            Matrix
          </Link>
        </nav>
      </div>
      <div class="row" role="group" aria-label="Only these statuses">
        {TASK_STATUSES.map((status) => (
          <Status key={status} status={status} query={query} counts={counts} />
        ))}
        {isFiltered(query) && (
          <Button kind="plain" size="small" onClick={clearFilters}>
            Clear filters
          </Button>
        )}
      </div>
    </div>
  );
}

function Status({ status, query, counts }: { status: string; query: TasksQuery; counts: Batch["counts"] }) {
  const chosen: string[] = query.status;
  const on = chosen.includes(status);
  const tasks = counts[status.toLowerCase() as "queued" | "running" | "completed" | "failed" | "cancelled"];
  if (!tasks && !on) {
    return null;
  }
  const flip = () => setQuery({ status: on ? chosen.filter((one) => one !== status) : [...chosen, status] });
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={flip}>
      {tasksName(status, counts)} <span class="results-count">{count(tasks)}</span>
    </button>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  /** What stands for no choice. */
  all: string;
  /** Value and text. */
  options: [string, string][];
  chosen: (string | number)[];
  /** With fewer options there is nothing to choose. */
  least?: number;
}

function Choice({ name, label, all, options, chosen, least = 2 }: ChoiceProps) {
  if (options.length < least && chosen.length === 0) {
    return null;
  }
  return (
    <select
      class="input"
      aria-label={label}
      value={chosen.length === 1 ? String(chosen[0]) : ""}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
    >
      <option value="">{chosen.length > 1 ? `${chosen.length} chosen` : all}</option>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Order({ sorts, sort, always }: { sorts: [string, string][]; sort: string; always: boolean }) {
  return (
    <select
      class={`input ${always ? "" : "results-order"}`}
      aria-label="Order"
      value={sort}
      onChange={(event) => setQuery({ sort: event.currentTarget.value })}
    >
      {sorts.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

const named = (all: Named[]) => all.map((one): [string, string] => [String(one.id), one.name]);

function kinds(failures: Progress["failures"], query: TasksQuery): [string, string][] {
  const known = failures.map((one): [string, string] => [one.kind, `${words(one.kind)} (${count(one.tasks)})`]);
  const gone = query.failure_kind.filter((kind) => !failures.some((one) => one.kind === kind));
  return [...known, ...gone.map((kind): [string, string] => [kind, words(kind)])];
}
