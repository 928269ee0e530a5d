/** What needs somebody: each batch once with all that is the matter with it, and connections that stand still. */

import { useSignal } from "@preact/signals";
import { api } from "../../shared/api/client";
import type { Batch, Connection, FailureGroup } from "../../shared/api/types";
import { count, duration } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Badge, Button, Notice } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { useCountdown } from "../../shared/ui/time";
import { toastWithUndo } from "../../shared/ui/toasts";
import { StatusBadge } from "../batches/badges";
import { BatchControls } from "../batches/controls";
import { failureName, failuresText, reasonText } from "../batches/status";
import { dismiss, isDismissed, restore } from "./dismissed";

const FAILING = 3;

interface AttentionProps {
  paused: Batch[];
  recent: Batch[];
  connections: Connection[];
  changed: () => void;
}

export function Attention({ paused, recent, connections, changed }: AttentionProps) {
  const all = useSignal(false);
  const held = connections.filter((one) => one.lane && (one.lane.held_reason || one.lane.throttled_seconds > 0));
  const waiting = paused.filter(isWaiting);
  const failing = recent.filter((one) => one.counts.failed > one.counts.unsendable && !waiting.some(({ id }) => id === one.id)).slice(0, FAILING);
  const batches = [...waiting, ...failing];
  const open = batches.filter((one) => !isDismissed(one));
  const hidden = batches.length - open.length;
  if (batches.length + held.length === 0) {
    return null;
  }
  const shown = all.value ? batches : open;
  return (
    <section class="stack-small" aria-labelledby="attention">
      <div class="head">
        <h2 id="attention">Needs attention</h2>
        {hidden > 0 && (
          <Button kind="plain" size="small" aria-expanded={all.value} onClick={() => void (all.value = !all.value)}>
            {all.value ? "Hide dismissed" : `Show dismissed (${hidden})`}
          </Button>
        )}
      </div>
      {shown.map((batch) => (
        <BatchNotice key={batch.id} batch={batch} changed={changed} />
      ))}
      {held.map((one) => (
        <HeldConnection key={one.id} connection={one} ended={changed} />
      ))}
      {shown.length + held.length === 0 && <p class="card quiet">Nothing else. What is dismissed comes back when something new happens to it.</p>}
    </section>
  );
}

const isWaiting = ({ status }: Batch) => status === "PAUSED" || status === "FAILED_STAGING";

/** One batch, with everything that is the matter with it. */
function BatchNotice({ batch, changed }: { batch: Batch; changed: () => void }) {
  const gone = isDismissed(batch);
  const put = () => {
    dismiss(batch);
    toastWithUndo(`${batch.name} was dismissed until something new happens to it.`, () => restore(batch));
  };
  return (
    <Notice tone={gone ? "quiet" : batch.status === "PAUSED" ? "warn" : "bad"}>
      <div class="head">
        <div class="overview-matter">
          <Link href={`/batches/${batch.id}`}>{batch.name}</Link> <StatusBadge status={batch.status} />
          {reasonText(batch) && <p dir="auto">{reasonText(batch)}</p>}
        </div>
        <div class="buttons">
          <BatchControls batch={batch} changed={changed} size="small" />
          {gone ? (
            <Button size="small" aria-label={`Restore ${batch.name}`} onClick={() => restore(batch)}>
              Restore
            </Button>
          ) : (
            <Button kind="plain" size="small" aria-label={`Dismiss ${batch.name}`} onClick={put}>
              Dismiss
            </Button>
          )}
        </div>
      </div>
      {batch.failed_tasks > 0 && <Failed batch={batch} />}
    </Notice>
  );
}

function Failed({ batch }: { batch: Batch }) {
  const groups = useResource<FailureGroup[]>(`failures ${batch.id} ${batch.run} ${batch.failed_tasks}`, (signal) =>
    api.get("/api/batches/{batch_id}/failures", { path: { batch_id: batch.id }, signal }),
  );
  return (
    <div class="overview-failures">
      <p>
        <Link href={`/batches/${batch.id}?tab=failures`}>{failuresText(batch.counts)}</Link>
      </p>
      <ul class="stack-small">
        {groups.data?.map((group) => (
          <li key={group.kind}>
            <strong>
              {count(group.tasks)} × {failureName(group.kind)}
            </strong>
            : {group.retry_hint ?? group.way_forward}
          </li>
        ))}
      </ul>
    </div>
  );
}

function HeldConnection({ connection, ended }: { connection: Connection; ended: () => void }) {
  const { lane } = connection;
  const wait = useCountdown(lane?.throttled_seconds ?? 0, lane, ended);
  return (
    <Notice tone="warn">
      <Link href={`/connections/${connection.id}`}>{connection.name}</Link>{" "}
      {lane?.held_reason ? (
        <>
          <Badge tone="bad">Held</Badge>
          <p>{lane.held_reason}</p>
        </>
      ) : (
        <>
          <Badge tone="warn">Asked to wait</Badge>
          <p>The provider asks to wait{wait > 0 && ` ${duration(wait)}`}; calls go on by themselves.</p>
        </>
      )}
    </Notice>
  );
}
