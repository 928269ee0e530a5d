/** The results of a run: a table of all tasks, or a matrix with a row a document. */

import "./results.css";
import { useEffect } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch, Facets } from "../../shared/api/types";
import { count, plural } from "../../shared/format";
import { type Resource, useLast, useResource, useThrottled } from "../../shared/resource";
import { useQuery } from "../../shared/router";
import { type Shortcut, useShortcuts } from "../../shared/shortcuts/registry";
import { Button, Empty, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { shownTasks } from "../batches/exports";
import { Filters, type Named } from "./filters";
import { purges } from "../purging/purge";
import { type Listing, useListing } from "./listing";
import { ResultsMatrix } from "./matrix";
import { clearFilters, isFiltered, keyOf } from "./query";
import { ResultsTable } from "./table";

const REFRESH_MS = 1_500;

/** What the table does with keys while it has the focus. */
const KEYS: Shortcut[] = [
  { keys: "ArrowUp", label: "The row above" },
  { keys: "ArrowDown", label: "The row below" },
  { keys: "PageUp", label: "A window up" },
  { keys: "PageDown", label: "A window down" },
  { keys: "Home", label: "The first row" },
  { keys: "End", label: "The last row" },
  { keys: "Enter", label: "Open the answer of the row" },
];

interface ResultsProps {
  batch: Batch;
  /** An earlier run; undefined means the current one. */
  run: number | undefined;
}

export function Results({ batch, run }: ResultsProps) {
  return batch.run === null && run === undefined ? (
    <Empty title="There are no results yet">
      <p>Stage the batch: its documents are read, and every question to be asked is listed here.</p>
    </Empty>
  ) : (
    <OfRun batch={batch} run={run} />
  );
}

function OfRun({ batch, run }: ResultsProps) {
  const listing = useListing(batch, run);
  void listing.version.value;
  const matrix = useQuery("view") === "matrix";
  const parts = useParts(batch, run);
  const progress = useProgress(batch, run, listing);
  const problem = listing.problem ?? parts.error;
  const facets = useFacets(batch, listing);
  useShown(batch, run, listing);
  useEffect(() => {
    if (purges.value > 0) {
      listing.reload();
    }
  }, [purges.value]);
  useShortcuts("Results", KEYS);
  const counts = progress.data?.counts ?? batch.counts;
  const retry = () => {
    listing.reload();
    parts.reload();
  };
  return (
    <section class="results" aria-label="Results">
      <div class="results-bar">
        <Filters query={listing.query} counts={counts} facets={facets} matrix={matrix} />
        <Found listing={listing} counts={counts} />
      </div>
      {problem && <ErrorNotice problem={problem} retry={retry} />}
      {parts.data && listing.total !== undefined ? (
        <Rows listing={listing} parts={parts.data} matrix={matrix} />
      ) : (
        !problem && <Skeleton height="28rem" />
      )}
    </section>
  );
}

interface Parts {
  connections: Named[];
  prompts: Named[];
}

function Rows({ listing, parts, matrix }: { listing: Listing; parts: Parts; matrix: boolean }) {
  if (listing.total === 0) {
    return <Nothing listing={listing} />;
  }
  return matrix ? (
    <ResultsMatrix listing={listing} connections={parts.connections} prompts={parts.prompts} />
  ) : (
    <ResultsTable listing={listing} connections={parts.connections.length > 1} prompts={parts.prompts.length > 1} />
  );
}

function Nothing({ listing }: { listing: Listing }) {
  return isFiltered(listing.query) ? (
    <Empty title="No result is like that">
      <Button onClick={clearFilters}>Clear filters</Button>
    </Empty>
  ) : (
    <Empty title="There are no results yet">
      <p>The questions are listed here as soon as the documents have been read.</p>
    </Empty>
  );
}

/** How many rows there are, said aloud when it changes. */
function Found({ listing, counts }: { listing: Listing; counts: Batch["counts"] }) {
  const { total, query, outdated } = listing;
  const all = isFiltered(query) && !query.whole_documents ? `${count(total)} of ${plural(counts.tasks, "task")} shown` : plural(total ?? 0, "task");
  return (
    <div class="row results-found">
      <p class="quiet" role="status">
        {total === undefined ? "Counting …" : all}
      </p>
      {outdated && (
        <Button size="small" onClick={() => listing.reload()}>
          The list has changed: bring it up to date
        </Button>
      )}
    </div>
  );
}

/** The connections and prompts of the run, as they were when it began. */
function useParts(batch: Batch, run: number | undefined): Resource<Parts> {
  return useResource(`snapshot ${batch.id} ${run ?? batch.run}`, async (signal) => {
    const found = await api.get("/api/batches/{batch_id}/snapshot", { path: { batch_id: batch.id }, query: { run }, signal });
    return { connections: found["connections"] as Named[], prompts: found["prompts"] as Named[] };
  });
}

/** How many tasks each further choice would show; what was known last stays until it is known anew. */
function useFacets(batch: Batch, listing: Listing): Facets | undefined {
  const { whole_documents: _, sort: __, ...query } = listing.query;
  const facets = useResource(`facets ${keyOf(batch, listing.query)}`, (signal) =>
    api.get("/api/batches/{batch_id}/tasks/facets", { path: { batch_id: batch.id }, query, signal }),
  );
  const refresh = useThrottled(facets.reload, REFRESH_MS);
  const state = Object.values(batch.counts).join(" ");
  useEffect(() => {
    if (facets.data) {
      refresh();
    }
  }, [state]);
  return useLast(facets.data);
}

/** Tells those who offer downloads what the table shows. */
function useShown(batch: Batch, run: number | undefined, listing: Listing): void {
  const { query, total } = listing;
  useEffect(() => {
    shownTasks.value = { batch: batch.id, run, query, filtered: isFiltered(query), tasks: total ?? 0 };
    return () => void (shownTasks.value = undefined);
  }, [batch.id, run, keyOf(batch, query), total]);
}

/** Counts and failures; they and the rows come up to date while tasks come to their end. */
function useProgress(batch: Batch, run: number | undefined, listing: Listing) {
  const progress = useResource(`progress ${batch.id} ${run ?? batch.run}`, (signal) =>
    api.get("/api/batches/{batch_id}/progress", { path: { batch_id: batch.id }, query: { run }, signal }),
  );
  const current = run === undefined || run === batch.run;
  const { tasks, queued, running, completed, failed, cancelled } = batch.counts;
  const state = [tasks, queued, running, completed, failed, cancelled].join(" ");
  const refresh = useThrottled(() => {
    progress.reload();
    listing.refresh(isFiltered(listing.query) ? undefined : tasks);
  }, REFRESH_MS);
  useEffect(() => {
    if (current && progress.data) {
      refresh();
    }
  }, [state]);
  return progress;
}
