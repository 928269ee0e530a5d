/** The documents of a run, with the reason why some cannot be used. */

import { useEffect } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch, DocumentRow, DocumentStatus } from "../../shared/api/types";
import { bytes, count, milliseconds, words } from "../../shared/format";
import { useLast, useResource, useThrottled } from "../../shared/resource";
import { setQuery, useQuery, withQuery } from "../../shared/router";
import { Button, Empty, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { SearchField, SortHeader, TableFrame } from "../../shared/ui/table";
import { DocumentBadge } from "../batches/badges";
import { DOCUMENT_STATUSES, documentStatusName } from "../batches/status";
import { purges } from "../purging/purge";
import { useDocumentsQuery } from "./query";

const PAGE = 100;
const REFRESH_MS = 1_500;

export function Documents({ batch, run }: { batch: Batch; run: number | undefined }) {
  const wanted = useDocumentsQuery(run);
  const { status, whole } = wanted;
  const query = { ...wanted, cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(`documents ${batch.id} ${batch.run} ${JSON.stringify(query)}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents", { path: { batch_id: batch.id }, query, signal }),
  );
  const refresh = useThrottled(list.reload, REFRESH_MS);
  useEffect(() => {
    if (list.data) {
      refresh();
    }
  }, [batch.counts.documents, batch.counts.pending, purges.value]);
  const shown = useLast(list.data);
  if (batch.run === null && run === undefined) {
    return (
      <Empty title="Nothing has been read yet">
        <p>Stage the batch: its documents are read and listed here.</p>
      </Empty>
    );
  }
  const flip = (one: DocumentStatus) =>
    setQuery({ status: status.includes(one) ? status.filter((other) => other !== one) : [...status, one], cursor: null });
  return (
    <div class="stack">
      <div class="row">
        <div class="batch-search">
          <SearchField label="Search by path" />
        </div>
        <div class="row" role="group" aria-label="Only these statuses">
          {DOCUMENT_STATUSES.map((one) => (
            <button key={one} type="button" class="chip" aria-pressed={status.includes(one)} onClick={() => flip(one)}>
              {documentStatusName(one)}
            </button>
          ))}
          <button
            type="button"
            class="chip"
            aria-pressed={whole === false}
            onClick={() => setQuery({ whole: whole === false ? null : "false", cursor: null })}
          >
            Not whole
          </button>
        </div>
      </div>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!shown && !list.error && <Skeleton height="24rem" />}
      {list.data?.items.length === 0 && (
        <Empty title="No document is like that">
          <Button onClick={() => setQuery({ search: null, status: null, whole: null, cursor: null })}>Show all</Button>
        </Empty>
      )}
      {shown && shown.items.length > 0 && <Table documents={shown.items} busy={!list.data && !list.error} />}
      <nav class="row" aria-label="Pages">
        {query.cursor && (
          <Link class="button" href={withQuery({ cursor: null })}>
            First page
          </Link>
        )}
        {list.data?.next && (
          <Link class="button" href={withQuery({ cursor: list.data.next })}>
            Next page
          </Link>
        )}
      </nav>
    </div>
  );
}

function Table({ documents, busy }: { documents: DocumentRow[]; busy: boolean }) {
  return (
    <TableFrame label="Documents" cards busy={busy}>
      <thead>
        <tr>
          <SortHeader name="path">Document</SortHeader>
          <SortHeader name="status">Status</SortHeader>
          <SortHeader name="size" number>
            Size
          </SortHeader>
          <th scope="col" class="number">
            Parts
          </th>
          <th scope="col" class="number">
            Pictures
          </th>
          <SortHeader name="tokens" number>
            Tokens
          </SortHeader>
          <SortHeader name="milliseconds" number>
            Time
          </SortHeader>
        </tr>
      </thead>
      <tbody>
        {documents.map((one) => (
          <tr key={one.id}>
            <th scope="row" class="batch-path">
              <Link href={withQuery({ document: String(one.id) })}>
                <bdi>{one.path}</bdi>
              </Link>
              <div class="quiet small batch-detail">
                {detailOf(one)}
              </div>
            </th>
            <td>
              <DocumentBadge status={one.status} />
              {one.losses ? <div class="quiet small">not whole</div> : null}
            </td>
            <td class="number">{bytes(one.size)}</td>
            <td class="number" data-name="Parts">
              {count(one.parts ?? one.pages)}
            </td>
            <td class="number" data-name="Pictures" data-wide-only={one.images === 0 || undefined}>
              {one.images || "–"}
            </td>
            <td class="number" data-name="Tokens">
              {one.status === "ENCODED" ? count(one.tokens) : "–"}
            </td>
            <td class="number" data-wide-only>
              {one.milliseconds === null ? (one.status === "ENCODED" ? "reused" : "–") : milliseconds(one.milliseconds)}
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

/** Why it cannot be used, what is left out of it, or what it is. */
function detailOf({ reason, detail, losses, media_type }: DocumentRow): string | null {
  if (reason) {
    return `${words(reason)}${detail ? `: ${detail}` : ""}`;
  }
  return losses && detail ? detail : media_type;
}
