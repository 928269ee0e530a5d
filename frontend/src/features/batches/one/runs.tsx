/** The runs of a batch, and what the chosen one is made of. */

import { useEffect } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { costOf, count, shortTime } from "../../../shared/format";
import { useResource, useThrottled } from "../../../shared/resource";
import { setQuery, withQuery } from "../../../shared/router";
import { Badge, Empty, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { TableFrame } from "../../../shared/ui/table";
import { PurgeRun } from "../../purging/choices";
import { failuresText } from "../status";

const REFRESH_MS = 2_000;

export function Runs({ batch, run }: { batch: Batch; run: number | undefined }) {
  const runs = useResource(`runs ${batch.id}`, (signal) =>
    api.get("/api/batches/{batch_id}/runs", { path: { batch_id: batch.id }, signal }),
  );
  const refresh = useThrottled(runs.reload, REFRESH_MS);
  useEffect(() => {
    if (runs.data) {
      refresh();
    }
  }, [batch]);
  const deleted = (number: number) => {
    runs.reload();
    if (number === run) {
      setQuery({ run: null }, { replace: true });
    }
  };
  if (runs.error && !runs.data) {
    return <ErrorNotice problem={runs.error} retry={runs.reload} />;
  }
  if (!runs.data) {
    return <Skeleton height="12rem" />;
  }
  if (runs.data.length === 0) {
    return (
      <Empty title="There is no run yet">
        <p>The first one begins when the batch is staged.</p>
      </Empty>
    );
  }
  return (
    <div class="stack">
      <TableFrame label="Runs" cards>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Begun</th>
            <th scope="col">Staged</th>
            <th scope="col">Closed</th>
            {["Documents", "Completed", "Failed", "Cancelled", "Cost"].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {runs.data.map((one) => (
            <tr key={one.number}>
              <th scope="row">
                <div class="row">
                  <Link href={withQuery({ tab: "results", run: one.current ? null : String(one.number) })}>Run {one.number}</Link>
                  {one.current && <Badge tone="ready">Current</Badge>}
                </div>
              </th>
              <td class="nowrap" data-name="Begun">
                {shortTime(one.begun_at)}
              </td>
              <td class="nowrap" data-name="Staged">
                {shortTime(one.staged_at)}
              </td>
              <td class="nowrap" data-name="Closed">
                {shortTime(one.closed_at)}
              </td>
              <td class="number" data-name="Documents">
                {count(one.counts.documents)}
              </td>
              <td class="number" data-name="Completed">
                {count(one.counts.completed)}
              </td>
              <td class="number" data-name="Failed">
                {one.counts.unsendable > 0 ? failuresText(one.counts) : count(one.counts.failed)}
              </td>
              <td class="number" data-name="Cancelled">
                {count(one.counts.cancelled)}
              </td>
              <td class="number" data-name="Cost">
                {costOf(one)}
              </td>
              <td class="number">
                {!one.current && <PurgeRun batch={batch} number={one.number} done={() => deleted(one.number)} />}
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {(run ?? batch.run) !== null && <Snapshot batch={batch} run={run} />}
    </div>
  );
}

function Snapshot({ batch, run }: { batch: Batch; run: number | undefined }) {
  const snapshot = useResource(`snapshot ${batch.id} ${run ?? batch.run}`, (signal) =>
    api.get("/api/batches/{batch_id}/snapshot", { path: { batch_id: batch.id }, query: { run }, signal }),
  );
  return (
    <section class="stack-small" aria-labelledby="snapshot">
      <h2 id="snapshot">Snapshot of run {run ?? batch.run}</h2>
      <p class="quiet">Folders, connections and prompts as they were when the run began. Later changes do not touch it.</p>
      {snapshot.error && <ErrorNotice problem={snapshot.error} retry={snapshot.reload} />}
      {snapshot.data && (
        <pre class="card batch-snapshot" tabIndex={0} role="region" aria-label="Snapshot as JSON">
          {JSON.stringify(snapshot.data, null, 2)}
        </pre>
      )}
    </section>
  );
}
