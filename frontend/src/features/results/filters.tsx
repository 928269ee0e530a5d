/** What of the results is shown, and how: search, filters, order, table or matrix. */

import type { Batch, Facets } from "../../shared/api/types";
import { count } from "../../shared/format";
import { setQuery, withQuery } from "../../shared/router";
import { Button } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { SearchField } from "../../shared/ui/table";
import { endCount, endName, failureName, UNSENDABLE } from "../batches/status";
import { chooseEnds, clearFilters, ENDS, endsOf, isFiltered, type TasksQuery } from "./query";

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
  /** How many tasks each choice would show; undefined until that is known. */
  facets: Facets | undefined;
  matrix: boolean;
}

export function Filters({ query, counts, facets, matrix }: FiltersProps) {
  return (
    <div class="stack-small">
      <div class="results-tools">
        <div class="results-search">
          <SearchField label="Search paths, answers and failures" />
        </div>
        <Choice name="connection_id" label="Connection" all="All connections" options={named(facets?.connection)} chosen={query.connection_id} />
        <Choice name="prompt_id" label="Prompt" all="All prompts" options={named(facets?.prompt)} chosen={query.prompt_id} />
        <Choice name="failure_kind" label="Failure" all="Any failure" options={kinds(facets, query)} chosen={query.failure_kind} least={1} />
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
        {ENDS.map((end) => (
          <End key={end} end={end} query={query} counts={counts} facets={facets} />
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

interface EndProps extends Pick<FiltersProps, "query" | "counts" | "facets"> {
  end: string;
}

/** An end to choose, while the run has such tasks, with how many of them the other choices leave. */
function End({ end, query, counts, facets }: EndProps) {
  const chosen = endsOf(query);
  const on = chosen.includes(end);
  const all = endCount(end, counts);
  const tasks = facets ? shownOf(end, facets) : isFiltered(query) ? null : all;
  if (!all && !tasks && (!on || chosen.length > 1)) {
    return null;
  }
  const flip = () => chooseEnds(on ? chosen.filter((one) => one !== end) : [...chosen, end]);
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={flip}>
      {endName(end)} <span class="results-count">{count(tasks)}</span>
    </button>
  );
}

function shownOf(end: string, { status, unsendable }: Facets): number | null {
  return end === UNSENDABLE ? unsendable : end === "FAILED" ? (status["FAILED"] ?? 0) - unsendable : (status[end] ?? null);
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

const named = (all: Facets["connection"] | undefined) =>
  (all ?? []).map((one): [string, string] => [String(one.id), `${one.name} (${count(one.tasks)})`]);

function kinds(facets: Facets | undefined, query: TasksQuery): [string, string][] {
  const known = Object.entries(facets?.failure_kind ?? {});
  const gone = query.failure_kind.filter((kind) => !known.some(([one]) => one === kind));
  return [...known, ...gone.map((kind): [string, number] => [kind, 0])].map(([kind, tasks]) => [kind, `${failureName(kind)} (${count(tasks)})`]);
}
