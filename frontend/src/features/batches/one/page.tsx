/** One batch: where it stands, and everything of it in tabs. */

import "./batch.css";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { AuditEvent, Batch } from "../../../shared/api/types";
import { percent, time } from "../../../shared/format";
import { useLive } from "../../../shared/live/stream";
import { useResource } from "../../../shared/resource";
import { navigate, type PageProps, useQuery, useTitle } from "../../../shared/router";
import { Empty, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { Documents } from "../../documents/documents";
import { Drawer } from "../../results/drawer/drawer";
import { Results } from "../../results/results";
import { useAnnounced } from "../announced";
import { StatusBadge } from "../badges";
import { BatchControls } from "../controls";
import { isActive } from "../status";
import { Details } from "./details/details";
import { EstimateTab } from "./estimate";
import { Events } from "./events";
import { Failures } from "./failures";
import { EarlierRun, Outputs } from "./outputs";
import { Overview } from "./overview";
import { ProgressTab } from "./progress/progress";
import { Runs } from "./runs";
import { Summary } from "./summary";
import { type Tab, Tabs, useTab } from "./tabs";

export default function BatchPage({ params }: PageProps) {
  const id = Number(params["id"]);
  const { batch, error, reload, take, deleted } = useBatch(id);
  useTitle(batch ? `${isActive(batch) ? `${percent(batch.progress.share)} ` : ""}${batch.name}` : "Batch");
  if (deleted || error?.status === 404) {
    return <Gone id={id} name={batch?.name} deletion={deleted} />;
  }
  if (batch) {
    return <Shown batch={batch} changed={take} />;
  }
  return error ? (
    <>
      <h1>Batch</h1>
      <ErrorNotice problem={error} retry={reload} />
    </>
  ) : (
    <Waiting />
  );
}

/** The batch as it is known last, by an answer or by the stream, and the event of its deletion. */
function useBatch(id: number) {
  const fetched = useResource(`batch ${id}`, (signal) => api.get("/api/batches/{batch_id}", { path: { batch_id: id }, signal }));
  const [told, setTold] = useState<Batch>();
  const [deleted, setDeleted] = useState<AuditEvent>();
  // What the stream tells may have been read before an action that has been answered since.
  const take = (fresh: Batch) => setTold((old) => (old && Date.parse(old.updated_at) > Date.parse(fresh.updated_at) ? old : fresh));
  useLive({
    batch: (fresh) => fresh.id === id && take(fresh),
    event: (event) => event.batch_id === id && event.action === "delete" && setDeleted(event),
  });
  useEffect(() => fetched.data && take(fetched.data), [fetched.data]);
  return { batch: told ?? fetched.data, error: fetched.error, reload: fetched.reload, take, deleted };
}

function Waiting() {
  return (
    <>
      <Skeleton height="2.25rem" />
      <Skeleton height="12rem" />
      <Skeleton height="24rem" />
    </>
  );
}

/** There is no such batch, or no longer; its events outlive it and tell what became of it. */
function Gone({ id, name, deletion }: { id: number; name: string | undefined; deletion: AuditEvent | undefined }) {
  const events = useResource(`events of ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/events", { path: { batch_id: id }, query: { limit: 1 }, signal }),
  );
  const last = deletion ?? events.data?.items.find((event) => event.action === "delete");
  return (
    <Empty title={last ? `${name ?? last.batch_name} was deleted` : `There is no batch ${id}`}>
      <p>
        {last
          ? `${last.actor === "user" ? "Somebody" : last.actor} deleted it with all its runs and results, ${time(last.at)}.`
          : "The address may be mistyped. Batches are numbered in the order in which they were made."}
      </p>
      <div class="row">
        <Link class="button" data-kind="primary" href="/batches">
          All batches
        </Link>
        <Link class="button" href="/batches/new">
          New batch
        </Link>
      </div>
    </Empty>
  );
}

function Shown({ batch, changed }: { batch: Batch; changed: (batch: Batch) => void }) {
  useAnnounced([batch]);
  const asked = Number(useQuery("run")) || undefined;
  const run = asked === batch.run ? undefined : asked;
  const tab = useTab(batch, run);
  const runs = useResource(`runs ${batch.id}`, (signal) =>
    api.get("/api/batches/{batch_id}/runs", { path: { batch_id: batch.id }, signal }),
  );
  useEffect(() => runs.data && runs.reload(), [batch.run, batch.runs]);
  return (
    <>
      <div class="head batch-head">
        <div class="batch-title">
          <h1 dir="auto">{batch.name}</h1>
          <StatusBadge status={batch.status} />
        </div>
        <BatchControls refuge batch={batch} run={run} changed={(fresh) => (fresh ? changed(fresh) : navigate("/batches"))} />
      </div>
      {batch.description && (
        <p class="batch-description" dir="auto" data-short={tab !== "overview" || undefined} title={tab === "overview" ? undefined : batch.description}>
          {batch.description}
        </p>
      )}
      <Summary batch={batch} changed={changed} overview={tab === "overview"} />
      <div class="stack batch-body" data-fills={tab === "results" || undefined}>
        <div class="batch-bar">
          <Tabs batch={batch} run={run} now={tab} />
          <Outputs batch={batch} runs={runs.data ?? []} run={run} />
        </div>
        {run !== undefined && runs.data && <EarlierRun batch={batch} runs={runs.data} run={run} />}
        <div class="batch-part">
          <Part tab={tab} batch={batch} run={run} changed={changed} />
        </div>
        <Drawer batch={batch} run={run} />
      </div>
    </>
  );
}

interface PartProps {
  tab: Tab;
  batch: Batch;
  run: number | undefined;
  changed: (batch: Batch) => void;
}

function Part({ tab, batch, run, changed }: PartProps) {
  switch (tab) {
    case "overview":
      return <Overview batch={batch} />;
    case "estimate":
      return <EstimateTab batch={batch} />;
    case "documents":
      return <Documents key={run ?? batch.run} batch={batch} run={run} />;
    case "progress":
      return <ProgressTab batch={batch} run={run} />;
    case "results":
      return <Results batch={batch} run={run} />;
    case "failures":
      return <Failures batch={batch} run={run} changed={changed} />;
    case "runs":
      return <Runs batch={batch} run={run} />;
    case "events":
      return <Events batch={batch} />;
    case "details":
      return <Details batch={batch} run={run} changed={changed} />;
  }
}
