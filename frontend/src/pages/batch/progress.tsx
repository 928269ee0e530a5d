/** Progress of a run: figures, charts, and every connection and prompt. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Batch, Cell, Connection, Progress } from "../../api/types";
import { isActive } from "../../batches/status";
import { Badge, Empty, ErrorNotice, Figures, type Part, ProgressBar, Skeleton } from "../../components/basic";
import { TableFrame } from "../../components/table";
import { toastError } from "../../components/toasts";
import { costSoFar, count, duration, milliseconds, money, percent, plural, rate } from "../../format";
import { useResource, useThrottled } from "../../resource";
import { Link } from "../../router";

const REFRESH_MS = 1_500;

interface ChartsProps {
  batch: Batch;
  run: number | undefined;
}

export function ProgressTab({ batch, run }: ChartsProps) {
  const progress = useResource(`progress ${batch.id} ${run ?? batch.run}`, (signal) =>
    api.get("/api/batches/{batch_id}/progress", { path: { batch_id: batch.id }, query: { run }, signal }),
  );
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
            ...(run === undefined && isActive(batch) ? speed(data) : []),
            ["Cost", costSoFar(data)],
            ["Calls", count(data.calls)],
            ["Input tokens", count(data.input_tokens)],
            ["of which cached", percent(cached)],
            ["Output tokens", count(data.output_tokens)],
          ]}
        />
        {data.unpriced_calls > 0 && (
          <p class="quiet small">
            The cost of {plural(data.unpriced_calls, "call")} is unknown and not in this sum
            {data.possible_cost > 0 && `; with calls in flight it may be ${money(data.possible_cost)} more`}.
          </p>
        )}
      </div>
      <Charts batch={batch} run={run} />
      {run === undefined && batch.status === "ANALYZING" && <Lanes batch={batch} />}
      <Cells cells={data.cells} />
    </div>
  );
}

const speed = (data: Progress): [string, string][] => [
  ["Tasks/s", rate(data.rate)],
  ["Time left", duration(data.eta_seconds)],
];

/** The charts are a file of their own, which is fetched when they are shown; their room is kept meanwhile. */
function Charts(props: ChartsProps) {
  const [found, setFound] = useState<{ part: ComponentType<ChartsProps> }>();
  useEffect(() => {
    import("./charts").then((module) => setFound({ part: module.default }), toastError);
  }, []);
  return (
    <div class="batch-charts" aria-label="Charts" role="group" data-live={props.batch.status === "ANALYZING" || undefined}>
      {found && <found.part {...props} />}
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
    <section class="stack-small" aria-labelledby="lanes">
      <h2 id="lanes">Connections at work</h2>
      <ul class="batch-lanes">
        {mine.map((one) => one.lane && <Lane key={one.id} connection={one} lane={one.lane} />)}
      </ul>
    </section>
  );
}

function Lane({ connection, lane }: { connection: Connection; lane: NonNullable<Connection["lane"]> }) {
  const { concurrency } = connection.limits;
  return (
    <li class="card">
      <div class="head">
        <Link href={`/connections/${connection.id}`}>{connection.name}</Link>
        {lane.held_reason ? <Badge tone="bad">Held</Badge> : lane.throttled_seconds > 0 ? <Badge tone="warn">Throttled</Badge> : null}
      </div>
      <ProgressBar share={Math.min(1, lane.in_flight / concurrency)} label={`Calls in flight of ${connection.name}`} />
      <span class="small batch-line">
        {lane.in_flight} of {concurrency} calls in flight
        {lane.concurrency < concurrency && `, ${lane.concurrency} let out while the provider is busy`}
      </span>
      {lane.held_reason && <span class="small">{lane.held_reason}</span>}
      {!lane.held_reason && lane.throttled_seconds > 0 && (
        <span class="small">The provider asks to wait {duration(lane.throttled_seconds)}; it goes on by itself.</span>
      )}
    </li>
  );
}

const partsOf = (cell: Cell): Part[] => [
  { share: cell.completed / cell.tasks },
  { share: cell.failed / cell.tasks, tone: "bad" },
  { share: cell.cancelled / cell.tasks, tone: "quiet" },
];

function Cells({ cells }: { cells: Cell[] }) {
  const heads = ["Tasks", "Completed", "Failed", "Tokens in", "Tokens out", "Cost", "Mean latency"];
  return (
    <TableFrame label="Progress by connection and prompt" cards>
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
            <td data-own-line>
              <ProgressBar
                share={cell.tasks ? (cell.completed + cell.failed + cell.cancelled) / cell.tasks : 0}
                parts={cell.tasks ? partsOf(cell) : []}
                label={`${cell.connection}, ${cell.prompt}`}
              />
            </td>
            <td class="number" data-name="Tasks">
                {count(cell.tasks)}
              </td>
            <td class="number" data-name="Completed">
                {count(cell.completed)}
              </td>
            <td class="number" data-name="Failed">
                {cell.failed || "–"}
              </td>
            <td class="number" data-name="Tokens in">
                {count(cell.input_tokens)}
              </td>
            <td class="number" data-name="Tokens out">
                {count(cell.output_tokens)}
              </td>
            <td class="number" data-name="Cost">
                {costSoFar(cell)}
              </td>
            <td class="number" data-name="Mean latency">
                {milliseconds(cell.mean_latency_ms)}
              </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
