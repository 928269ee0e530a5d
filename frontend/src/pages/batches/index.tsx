/** All batches: searched, filtered and sorted by what the address says. */

import "./batches.css";
import { api } from "../../api/client";
import type { Batch, BatchStatus } from "../../api/types";
import { BatchControls } from "../../batches/controls";
import { replaced, useLiveBatches } from "../../batches/live";
import { BATCH_STATUSES, doneText, isActive, progressText, StatusBadge, statusName } from "../../batches/status";
import { Button, Empty, ErrorNotice, ProgressBar, Skeleton } from "../../components/basic";
import { SearchField, SortHeader, TableFrame } from "../../components/table";
import { money, shortTime } from "../../format";
import { Link, navigate, setQuery, useQuery, useQueryList, useTitle, withQuery } from "../../router";
import { useResource, useThrottled } from "../../resource";

const PAGE = 50;
const REFRESH_MS = 1_500;

export default function BatchesPage() {
  useTitle("Batches");
  const status = useQueryList("status") as BatchStatus[];
  const query = { search: useQuery("search"), status, sort: useQuery("sort"), cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/batches", { query, signal }));
  const refresh = useThrottled(list.reload, REFRESH_MS);
  useLiveBatches(list, refresh);
  const filtered = Boolean(query.search || status.length);
  const changed = (batch: Batch | null) => (batch ? list.set((page) => replaced(page, batch)) : list.reload());
  return (
    <>
      <div class="head">
        <h1>Batches</h1>
        <Link href="/batches/new" class="button" data-kind="primary">
          New batch
        </Link>
      </div>
      <Filters chosen={status} />
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="24rem" />}
      {list.data?.items.length === 0 && <Nothing filtered={filtered} />}
      {list.data && list.data.items.length > 0 && <Table batches={list.data.items} changed={changed} />}
      <Paging next={list.data?.next ?? null} cursor={query.cursor} />
    </>
  );
}

function Filters({ chosen }: { chosen: BatchStatus[] }) {
  const flip = (status: BatchStatus) =>
    setQuery({
      status: chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status],
      cursor: null,
    });
  return (
    <div class="row">
      <div class="batches-search">
        <SearchField label="Search by name" />
      </div>
      <div class="row" role="group" aria-label="Only these statuses">
        {BATCH_STATUSES.map((status) => (
          <button key={status} type="button" class="chip" aria-pressed={chosen.includes(status)} onClick={() => flip(status)}>
            {statusName(status)}
          </button>
        ))}
      </div>
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty title="No batch is like that">
      <Button onClick={() => navigate("/batches")}>Show all</Button>
    </Empty>
  ) : (
    <Empty title="There are no batches yet">
      <p>A batch asks one or several models the same questions about every document of a folder.</p>
      <Link href="/batches/new" class="button" data-kind="primary">
        Make the first batch
      </Link>
    </Empty>
  );
}

function Table({ batches, changed }: { batches: Batch[]; changed: (batch: Batch | null) => void }) {
  return (
    <TableFrame label="Batches">
      <thead>
        <tr>
          <SortHeader name="name">Name</SortHeader>
          <SortHeader name="status">Status</SortHeader>
          <th scope="col">Progress</th>
          <th scope="col" class="number">
            Failed
          </th>
          <th scope="col" class="number">
            Cost
          </th>
          <SortHeader name="updated_at">Changed</SortHeader>
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {batches.map((batch) => (
          <Row key={batch.id} batch={batch} changed={changed} />
        ))}
      </tbody>
    </TableFrame>
  );
}

function Row({ batch, changed }: { batch: Batch; changed: (batch: Batch | null) => void }) {
  return (
    <tr>
      <th scope="row" class="batches-name">
        <Link href={`/batches/${batch.id}`}>{batch.name}</Link>
        {batch.status_reason && <div class="quiet small batches-reason">{batch.status_reason}</div>}
      </th>
      <td>
        <StatusBadge status={batch.status} />
      </td>
      <td class="batches-progress">
        {batch.run !== null && (
          <>
            <ProgressBar share={batch.progress.share} label={`Progress of ${batch.name}`} />
            <span class="quiet small nowrap">{isActive(batch) ? progressText(batch) : doneText(batch)}</span>
          </>
        )}
      </td>
      <td class="number">{batch.failed_tasks || "–"}</td>
      <td class="number">{batch.progress.calls ? money(batch.progress.cost) : "–"}</td>
      <td class="nowrap">{shortTime(batch.updated_at)}</td>
      <td class="number">
        <BatchControls batch={batch} changed={changed} size="small" />
      </td>
    </tr>
  );
}

function Paging({ next, cursor }: { next: string | null; cursor: string }) {
  if (!next && !cursor) {
    return null;
  }
  return (
    <nav class="row" aria-label="Pages">
      {cursor && (
        <Link class="button" href={withQuery({ cursor: null })}>
          First page
        </Link>
      )}
      {next && (
        <Link class="button" href={withQuery({ cursor: next })}>
          Next page
        </Link>
      )}
    </nav>
  );
}
