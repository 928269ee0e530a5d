/** All batches: searched, filtered and sorted by what the address says. */

import "./batches.css";
import { api } from "../../../shared/api/client";
import type { Batch, BatchStatus } from "../../../shared/api/types";
import { costSoFar, count } from "../../../shared/format";
import { useLast, useResource, useThrottled } from "../../../shared/resource";
import { navigate, setQuery, useQuery, useQueryList, useTitle } from "../../../shared/router";
import { Button, Empty, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { ActionsHeader, Paging, SearchField, SortHeader, TableFrame } from "../../../shared/ui/table";
import { Moment } from "../../../shared/ui/time";
import { useAnnounced } from "../announced";
import { StatusBadge } from "../badges";
import { BatchControls } from "../controls";
import { replaced, useLiveBatches } from "../live";
import { BatchProgress } from "../progress";
import { BATCH_STATUSES, failuresText, reasonText, statusName } from "../status";
import { FirstSteps } from "../trial";

const PAGE = 50;
const NONE: Batch[] = [];
const REFRESH_MS = 1_500;

export default function BatchesPage() {
  useTitle("Batches");
  const status = useQueryList("status") as BatchStatus[];
  const query = { search: useQuery("search"), status, sort: useQuery("sort"), cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/batches", { query, signal }));
  const refresh = useThrottled(list.reload, REFRESH_MS);
  useLiveBatches(list, refresh);
  const shown = useLast(list.data);
  useAnnounced(shown?.items ?? NONE);
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
      {!shown && !list.error && <Skeleton height="24rem" />}
      {list.data?.items.length === 0 && <Nothing filtered={filtered} />}
      {shown && shown.items.length > 0 && <Table batches={shown.items} changed={changed} busy={!list.data && !list.error} />}
      <Paging next={list.data?.next} cursor={query.cursor} />
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
    <Empty title="No batch matches">
      <p>Search for another part of the name, or leave out a status.</p>
      <Button onClick={() => navigate("/batches")}>Show all batches</Button>
    </Empty>
  ) : (
    <Empty title="There are no batches yet">
      <FirstSteps />
    </Empty>
  );
}

interface TableProps {
  batches: Batch[];
  changed: (batch: Batch | null) => void;
  busy: boolean;
}

function Table({ batches, changed, busy }: TableProps) {
  return (
    <TableFrame label="Batches" cards busy={busy}>
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
          <ActionsHeader />
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
        {reasonText(batch) && (
          <div class="quiet small">
            <div class="batches-reason" dir="auto">
              {reasonText(batch)}
            </div>
          </div>
        )}
      </th>
      <td>
        <StatusBadge status={batch.status} />
      </td>
      <td class="batches-progress" data-own-line={batch.run !== null || undefined}>
        {batch.run !== null && <BatchProgress batch={batch} />}
      </td>
      <td class="number batches-words" data-name="Failed" data-wide-only={batch.failed_tasks === 0 || undefined}>
        {batch.failed_tasks ? (
          <Link href={`/batches/${batch.id}?tab=failures`} aria-label={`Failures of ${batch.name}: ${failuresText(batch.counts)}`}>
            {batch.counts.unsendable > 0 ? failuresText(batch.counts) : count(batch.failed_tasks)}
          </Link>
        ) : (
          "–"
        )}
      </td>
      <td class="number batches-words" data-name="Cost" data-wide-only={!batch.progress.calls || undefined}>
        {costSoFar(batch.progress)}
      </td>
      <td class="small quiet">
        <Moment at={batch.updated_at} />
      </td>
      <td class="number batches-buttons">
        <BatchControls batch={batch} changed={changed} size="small" />
      </td>
    </tr>
  );
}
