/** What runs, what needs somebody, and what was done last. */

import "./overview.css";
import { useEffect } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch, Connection } from "../../shared/api/types";
import { costSoFar, count, duration, money, percent, rate } from "../../shared/format";
import { useLive } from "../../shared/live/stream";
import { useResource, useThrottled } from "../../shared/resource";
import { useTitle } from "../../shared/router";
import { Empty, ErrorNotice, Figures, ProgressBar, Skeleton } from "../../shared/ui/basic";
import { lazy } from "../../shared/ui/lazy";
import { Link } from "../../shared/ui/link";
import { ActionsHeader, TableFrame } from "../../shared/ui/table";
import { Ago } from "../../shared/ui/time";
import { useAnnounced } from "../batches/announced";
import { StatusBadge } from "../batches/badges";
import { BatchControls } from "../batches/controls";
import { useLiveBatches } from "../batches/live";
import { partsOf, progressWords } from "../batches/progress";
import { isActive } from "../batches/status";
import { FirstSteps } from "../batches/trial";
import { Attention } from "./attention";
import { Readiness } from "./readiness";

const RECENT = 8;
const NONE: Batch[] = [];
const REFRESH_MS = 2_000;
const LANES_MS = 3_000;

const Spending = lazy(() => import("./spending"), "27rem");

export default function OverviewPage() {
  useTitle("Overview");
  const running = useBatches("running", ["STAGING", "ANALYZING"]);
  const paused = useBatches("paused", ["PAUSED", "FAILED_STAGING"]);
  const recent = useBatches("recent", []);
  const connections = useResource("connections", (signal) =>
    api.get("/api/connections", { query: { limit: 1000 }, signal }),
  );
  const reload = useThrottled(() => [running, paused, recent, connections].forEach((one) => one.reload()), REFRESH_MS);
  useLive({ batch: reload, event: reload });
  const busy = running.data?.items.some(isActive) || connections.data?.items.some((one) => one.lane);
  useEffect(() => {
    // Lanes fill and empty also where the stream says nothing, such as while a slow model is waited for.
    const timer = busy ? setTimeout(connections.reload, LANES_MS) : undefined;
    return () => clearTimeout(timer);
  }, [busy, connections.data]);
  useAnnounced(recent.data?.items ?? NONE);

  const error = recent.error ?? running.error ?? connections.error;
  if (!recent.data || !running.data || !paused.data) {
    return (
      <>
        <h1>Overview</h1>
        {error ? <ErrorNotice problem={error} retry={reload} /> : <Skeleton height="24rem" />}
      </>
    );
  }
  if (recent.data.items.length === 0) {
    return (
      <>
        <Readiness />
        <Beginning />
      </>
    );
  }
  const lanes = connections.data?.items ?? [];
  return (
    <>
      <div class="head">
        <h1>Overview</h1>
        <Link href="/batches/new" class="button" data-kind="primary">
          New batch
        </Link>
      </div>
      <Readiness />
      <Running batches={running.data.items} connections={lanes} />
      <Attention paused={paused.data.items} recent={recent.data.items} connections={lanes} changed={reload} />
      <Recent batches={recent.data.items} changed={reload} />
      <Spending />
    </>
  );
}

function useBatches(name: string, status: Batch["status"][]) {
  const list = useResource(name, (signal) =>
    api.get("/api/batches", { query: { status, limit: RECENT, sort: "-updated_at" }, signal }),
  );
  useLiveBatches(list, () => undefined);
  return list;
}

/** No batch is there, or none any more: what deleted ones cost is still told. */
function Beginning() {
  const year = useResource("spent", (signal) => api.get("/api/spending", { query: { days: 365 }, signal }));
  const spent = (year.data?.total.calls ?? 0) > 0;
  return (
    <>
      <h1>Overview</h1>
      <Empty title={spent ? "There are no batches left" : "Nothing has been analysed yet"}>
        <FirstSteps />
      </Empty>
      {spent && <Spending />}
    </>
  );
}

function Running({ batches, connections }: { batches: Batch[]; connections: Connection[] }) {
  const active = batches.filter(isActive);
  return (
    <section class="stack-small" aria-labelledby="running">
      <h2 id="running">Running now</h2>
      {active.length === 0 && <p class="card quiet">Nothing runs at the moment.</p>}
      <div class="columns">
        {active.map((batch) => (
          <RunningCard key={batch.id} batch={batch} connections={connections.filter((one) => batch.connection_ids.includes(one.id))} />
        ))}
      </div>
    </section>
  );
}

function RunningCard({ batch, connections }: { batch: Batch; connections: Connection[] }) {
  const { progress, budget } = batch;
  const staging = batch.status === "STAGING";
  const calls = connections.reduce((sum, one) => sum + (one.lane?.in_flight ?? 0), 0);
  const analysis: [string, string][] = [
    ["Cost", budget === null ? costSoFar(progress) : `${costSoFar(progress)} of ${money(budget)}`],
    ["Calls in flight", count(calls)],
  ];
  return (
    <article class="card stack-small">
      <div class="head">
        <h3>
          <Link href={`/batches/${batch.id}`}>{batch.name}</Link>
        </h3>
        <StatusBadge status={batch.status} />
      </div>
      <ProgressBar share={progress.share} parts={partsOf(batch)} label={`Progress of ${batch.name}`} />
      <div class="overview-figures">
        <Figures
          items={[
            ["Done", percent(progress.share)],
            [staging ? "Documents/s" : "Tasks/s", rate(progress.rate)],
            ["Time left", duration(progress.eta_seconds)],
            ...(staging ? [] : analysis),
          ]}
        />
      </div>
    </article>
  );
}

function Recent({ batches, changed }: { batches: Batch[]; changed: () => void }) {
  return (
    <section class="stack-small" aria-labelledby="recent">
      <div class="head">
        <h2 id="recent">Recent batches</h2>
        <Link href="/batches">All batches</Link>
      </div>
      <TableFrame label="Recent batches, a row each" cards>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Progress
            </th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col">Changed</th>
            <ActionsHeader />
          </tr>
        </thead>
        <tbody>
          {batches.map((batch) => (
            <tr key={batch.id}>
              <th scope="row" class="overview-name">
                <Link href={`/batches/${batch.id}`}>{batch.name}</Link>
              </th>
              <td>
                <StatusBadge status={batch.status} />
              </td>
              <td class="number" data-wide-only={progressWords(batch) === "" || undefined}>
                {progressWords(batch) || "–"}
              </td>
              <td class="number" data-name="Cost" data-wide-only={!batch.progress.calls || undefined}>
                {costSoFar(batch.progress)}
              </td>
              <td class="small quiet">
                <Ago at={batch.updated_at} />
              </td>
              <td class="number overview-buttons">
                <BatchControls batch={batch} changed={changed} size="small" />
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </section>
  );
}
