/** Progress of a run: figures, charts, and every connection and prompt. */

import { useEffect } from "preact/hooks";
import { api } from "../../api/client";
import type { Batch, Cell } from "../../api/types";
import { doneText } from "../../batches/status";
import { Empty, ErrorNotice, Figures, ProgressBar, Skeleton } from "../../components/basic";
import { TableFrame } from "../../components/table";
import { count, duration, milliseconds, money, percent, rate } from "../../format";
import { useResource, useThrottled } from "../../resource";
import { Link } from "../../router";
import { Chart } from "./chart";
import type { Sampler } from "./samples";

const REFRESH_MS = 1_500;

export function ProgressTab({ batch, run, sampler }: { batch: Batch; run: number | undefined; sampler: Sampler }) {
  const progress = useResource(`progress ${batch.id} ${run ?? batch.run}`, async (signal) => {
    const found = await api.get("/api/batches/{batch_id}/progress", { path: { batch_id: batch.id }, query: { run }, signal });
    sampler.latency(found.calls, found.cells.reduce((sum, cell) => sum + (cell.mean_latency_ms ?? 0) * cell.calls, 0));
    return found;
  });
  const refresh = useThrottled(progress.reload, REFRESH_MS);
  useEffect(() => {
    if (progress.data) {
      refresh();
    }
  }, [batch]);
  if (progress.error && !progress.data) {
    return <ErrorNotice problem={progress.error} retry={progress.reload} />;
  }
  if (!progress.data) {
    return <Skeleton height="24rem" />;
  }
  const { data } = progress;
  if (data.counts.tasks === 0) {
    return (
      <Empty title="There are no tasks yet">
        <p>They are laid out once the documents have been staged.</p>
      </Empty>
    );
  }
  const cached = data.input_tokens ? data.cached_tokens / data.input_tokens : 0;
  return (
    <div class="stack">
      <div class="card">
        <Figures
          items={[
            ["Done", `${percent(data.share)}`],
            ["Tasks/s", rate(data.rate)],
            ["Time left", duration(data.eta_seconds)],
            ["Cost", batch.budget === null ? money(data.cost) : `${money(data.cost)} of ${money(batch.budget)}`],
            ["Calls", count(data.calls)],
            ["Input tokens", count(data.input_tokens)],
            ["of which cached", percent(cached)],
            ["Output tokens", count(data.output_tokens)],
          ]}
        />
        {data.unpriced_calls > 0 && <p class="quiet small">{count(data.unpriced_calls)} calls have no known price and are not in the cost.</p>}
      </div>
      {run === undefined && (
        <div class="columns" aria-label="Charts" role="group">
          <Chart title="Tasks per second" points={sampler.samples.rate} format={rate} />
          <Chart title="Mean latency" points={sampler.samples.latency} format={milliseconds} />
          <Chart title="Cost" points={sampler.samples.cost} format={money} />
        </div>
      )}
      <Lanes batch={batch} />
      <Cells cells={data.cells} />
      <p class="quiet small">{doneText({ ...batch, counts: data.counts })} done.</p>
    </div>
  );
}

/** What each connection does at the moment. */
function Lanes({ batch }: { batch: Batch }) {
  const list = useResource("connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  const refresh = useThrottled(list.reload, REFRESH_MS);
  useEffect(refresh, [batch]);
  const mine = list.data?.items.filter((one) => batch.connection_ids.includes(one.id) && one.lane) ?? [];
  if (mine.length === 0) {
    return null;
  }
  return (
    <ul class="row lanes" aria-label="Connections at work">
      {mine.map((one) => (
        <li key={one.id}>
          <Link href={`/connections/${one.id}`}>{one.name}</Link>{" "}
          {one.lane?.held_reason
            ? `is held: ${one.lane.held_reason}`
            : `${one.lane?.in_flight} of ${one.lane?.concurrency} calls in flight${
                one.lane && one.lane.throttled_seconds > 0 ? `, throttled for ${duration(one.lane.throttled_seconds)}` : ""
              }`}
        </li>
      ))}
    </ul>
  );
}

function Cells({ cells }: { cells: Cell[] }) {
  const heads = ["Tasks", "Completed", "Failed", "Tokens in", "Tokens out", "Cost", "Mean latency"];
  return (
    <TableFrame label="Progress by connection and prompt">
      <thead>
        <tr>
          <th scope="col">Connection</th>
          <th scope="col">Prompt</th>
          <th scope="col">Progress</th>
          {heads.map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cells.map((cell) => (
          <tr key={`${cell.connection_id} ${cell.prompt_id}`}>
            <th scope="row">{cell.connection}</th>
            <td>{cell.prompt}</td>
            <td>
              <ProgressBar
                share={cell.tasks ? (cell.completed + cell.failed + cell.cancelled) / cell.tasks : 0}
                label={`${cell.connection}, ${cell.prompt}`}
              />
            </td>
            <td class="number">{count(cell.tasks)}</td>
            <td class="number">{count(cell.completed)}</td>
            <td class="number">{cell.failed || "–"}</td>
            <td class="number">{count(cell.input_tokens)}</td>
            <td class="number">{count(cell.output_tokens)}</td>
            <td class="number">{cell.calls ? money(cell.cost) : "–"}</td>
            <td class="number">{milliseconds(cell.mean_latency_ms)}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
