/** What the connections of a batch do at the moment, and why, since when and how long one of them does nothing. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../../../../shared/api/client";
import type { Batch, Connection, FailureKind } from "../../../../shared/api/types";
import { briefTime, count, duration, shortClock } from "../../../../shared/format";
import { useResource } from "../../../../shared/resource";
import { Badge, Notice, ProgressBar } from "../../../../shared/ui/basic";
import { Link } from "../../../../shared/ui/link";
import { useCountdown } from "../../../../shared/ui/time";
import { ended } from "../../status";

type Lane = NonNullable<Connection["lane"]>;
interface AtWork {
  connection: Connection;
  lane: Lane;
}

const REFRESH_MS = 2_500;

/** The batch's connections that the engine works with; also while the stream says nothing, since lanes change then too. */
function useLanes(batch: Batch): AtWork[] {
  const list = useResource("connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  useEffect(() => {
    const timer = setTimeout(list.reload, REFRESH_MS);
    return () => clearTimeout(timer);
  }, [list.data, list.error]);
  return (list.data?.items ?? []).flatMap((connection) =>
    connection.lane && batch.connection_ids.includes(connection.id) ? [{ connection, lane: connection.lane }] : [],
  );
}

const isStalled = (lane: Lane) => lane.held_reason !== null || lane.throttled_seconds > 0;

/** The lanes that make no call, and prompts that are asked no more, where all tabs show it. */
export function Stalled({ batch }: { batch: Batch }) {
  const stalled = useLanes(batch).filter(({ lane }) => isStalled(lane));
  const { held } = batch.progress;
  return stalled.length + held.length > 0 ? (
    <Notice tone="warn">
      <Several
        label="Prompts that are held"
        lines={held.map((one) => (
          <li key={`${one.connection_id} ${one.prompt_id}`} dir="auto">
            {one.reason}
          </li>
        ))}
      />
      <Several
        label="Connections that make no call"
        lines={stalled.map(({ connection, lane }) => (
          <li key={connection.id}>
            <Link href={`/connections/${connection.id}`}>{connection.name}</Link>: <Why lane={lane} />
          </li>
        ))}
      />
    </Notice>
  ) : null;
}

const AT_FIRST = 5;

/** A list of which only the beginning is open at first, so that the batch itself stays in view. */
function Several({ label, lines }: { label: string; lines: ComponentChildren[] }) {
  if (lines.length === 0) {
    return null;
  }
  const [shown, rest] = [lines.slice(0, AT_FIRST), lines.slice(AT_FIRST)];
  return (
    <>
      <ul class="stack-small batch-stalled" aria-label={label}>
        {shown}
      </ul>
      {rest.length > 0 && (
        <details>
          <summary>{count(rest.length)} more</summary>
          <ul class="stack-small batch-stalled" aria-label={`${label}, the rest`}>
            {rest}
          </ul>
        </details>
      )}
    </>
  );
}

/** All lanes, as cards. */
export function Lanes({ batch }: { batch: Batch }) {
  const lanes = useLanes(batch);
  return lanes.length > 0 ? (
    <section class="stack-small" aria-labelledby="lanes">
      <h2 id="lanes">Connections at work</h2>
      <ul class="batch-lanes">
        {lanes.map((one) => (
          <Card key={one.connection.id} {...one} />
        ))}
      </ul>
    </section>
  ) : null;
}

function Card({ connection, lane }: AtWork) {
  const { concurrency } = connection.limits;
  return (
    <li class="card">
      <div class="head">
        <Link href={`/connections/${connection.id}`}>{connection.name}</Link>
        {lane.held_reason ? <Badge tone="bad">Held</Badge> : isStalled(lane) ? <Badge tone="warn">Waits</Badge> : null}
      </div>
      <ProgressBar share={Math.min(1, lane.in_flight / concurrency)} label={`Calls in flight of ${connection.name}`} />
      <span class="small batch-numbers">
        {lane.in_flight} of {concurrency} calls in flight
        {lane.concurrency < concurrency && slowedText(lane)}
      </span>
      {isStalled(lane) && (
        <span class="small">
          <Why lane={lane} />
        </span>
      )}
      {lane.retries > 0 && !isStalled(lane) && <Again lane={lane} />}
      {lane.quota && !isStalled(lane) && <Kept connection={connection} lane={lane} />}
    </li>
  );
}

/** Why fewer calls are let out than might be; where none is, that is told elsewhere. */
function slowedText(lane: Lane): string {
  if (lane.held_reason) {
    return "";
  }
  return lane.trouble_kind === "connection"
    ? `, ${lane.concurrency} at a time until its server is reached`
    : `, ${lane.concurrency} let out while the provider is busy`;
}

/** That tasks wait for their next try, and until when the first does. */
function Again({ lane }: { lane: Lane }) {
  const left = useCountdown(lane.retry_seconds, lane);
  return (
    <span class="small">
      {count(lane.retries)} {lane.retries === 1 ? "is" : "are"} tried again
      {left > 0 ? ` in ${duration(left)}, at ${shortClock(Date.now() + left * 1_000)}` : " now"}.
    </span>
  );
}

/** That its own limit keeps calls back, and when the next leaves. */
function Kept({ connection: { limits }, lane }: AtWork) {
  const left = useCountdown(lane.quota_seconds, lane);
  const limit = lane.quota === "tokens" ? limits.tokens_per_minute : limits.requests_per_minute;
  return (
    <span class="small">
      Waits for its own limit of {count(limit ?? 0)} {lane.quota} a minute
      {left > 0 && `; goes on in ${duration(left)}, at ${shortClock(Date.now() + left * 1_000)}`}.
    </span>
  );
}

const WAITS: Partial<Record<FailureKind, string>> = {
  rate_limited: "The provider asks to wait",
  overloaded: "The provider has trouble",
  timeout: "The provider does not answer in time",
  connection: "Its server cannot be reached",
};

/** Why no call leaves, since when, and when it goes on. */
function Why({ lane }: { lane: Lane }) {
  const left = useCountdown(lane.throttled_seconds, lane);
  const since = lane.stalled_since ? ` since ${briefTime(lane.stalled_since)}` : "";
  if (lane.held_reason) {
    return (
      <>
        held{since}. <span dir="auto">{lane.held_reason}</span> It makes no call until that is settled: the batch pauses when nothing
        else is left to do, and resume tries again.
      </>
    );
  }
  const why = (lane.throttled_kind && WAITS[lane.throttled_kind]) ?? "No call leaves";
  const end = left > 0 ? `It goes on by itself in ${duration(left)}, at ${shortClock(Date.now() + left * 1_000)}.` : "It goes on now.";
  return (
    <>
      {why}
      {since}. {lane.throttled_reason && <span dir="auto">{ended(lane.throttled_reason)}</span>} {end}
    </>
  );
}
