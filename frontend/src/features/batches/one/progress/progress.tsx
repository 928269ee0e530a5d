/** Progress of a run: figures, charts, and every connection and prompt. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../../shared/api/client";
import type { Batch, Cell, Progress } from "../../../../shared/api/types";
import { costSoFar, count, duration, milliseconds, money, percent, plural, rate } from "../../../../shared/format";
import { useResource, useThrottled } from "../../../../shared/resource";
import { Empty, ErrorNotice, Figures, type Part, ProgressBar, Skeleton } from "../../../../shared/ui/basic";
import { TableFrame } from "../../../../shared/ui/table";
import { toastError } from "../../../../shared/ui/toasts";
import { endName, isActive, UNSENDABLE } from "../../status";
import { Lanes } from "./lanes";

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
            ["Cost", costSoFar({ ...data, possible_cost: 0 })],
            ...(data.unpriced_calls > 0 && data.possible_cost > 0 ? [possibly(data)] : []),
            ["Calls", count(data.calls)],
            ["Input tokens", count(data.input_tokens)],
            ["of which cached", percent(cached)],
            ["Output tokens", count(data.output_tokens)],
          ]}
        />
        {data.unpriced_calls > 0 && (
          <p class="quiet small">
            The cost of {plural(data.unpriced_calls, "call")} is unknown and not in this sum
            {data.possible_cost > 0 && "; with the calls in flight it is at most what is possibly spent, which the budget counts"}.
          </p>
        )}
      </div>
      <Charts batch={batch} run={run} />
      {run === undefined && batch.status === "ANALYZING" && <Lanes batch={batch} />}
      <Cells cells={data.cells} />
    </div>
  );
}

const possibly = (data: Progress): [string, string] => ["Possibly spent", `up to ${money(data.possible_cost)}`];

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

const partsOf = (cell: Cell): Part[] => [
  { share: cell.completed / cell.tasks },
  { share: (cell.failed - cell.unsendable) / cell.tasks, tone: "bad" },
  { share: (cell.unsendable + cell.cancelled) / cell.tasks, tone: "quiet" },
];

function Cells({ cells }: { cells: Cell[] }) {
  const unsent = cells.some((cell) => cell.unsendable > 0) ? [endName(UNSENDABLE)] : [];
  const heads = ["Tasks", "Completed", "Failed", ...unsent, "Tokens in", "Tokens out", "Cost", "Mean latency"];
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
            <th scope="row" dir="auto">
              {cell.connection}
            </th>
            <td dir="auto">{cell.prompt}</td>
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
                {cell.failed - cell.unsendable || "–"}
              </td>
            {unsent.map((name) => (
              <td key={name} class="number" data-name={name}>
                {cell.unsendable || "–"}
              </td>
            ))}
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
