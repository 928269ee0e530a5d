/** All connections, with what the engine is doing with each. */

import "./connections.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, problemFrom } from "../../shared/api/client";
import type { Connection, FailureKind } from "../../shared/api/types";
import { count, duration } from "../../shared/format";
import { useLive } from "../../shared/live/stream";
import { useResource, useThrottled } from "../../shared/resource";
import { navigate } from "../../shared/router";
import { Badge, Button } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { ActionsHeader, SortHeader, TableFrame } from "../../shared/ui/table";
import { useCountdown } from "../../shared/ui/time";
import { CONNECTIONS, ListPage, useListQuery } from "../items/list-page";
import { RowActions } from "../items/row-actions";
import { DeleteConnection } from "./delete";
import { Offers } from "./detect";
import { keyLocation } from "./form/key";
import { faultTitle, titleOf, WithCode } from "./form/test";
import type { ConnectionValues } from "./form/values";
import { Price } from "./price";

const REFRESH_MS = 1_500;
const LANES_MS = 3_000;
const STIR_MS = 15_000;

export function Connections() {
  const query = useListQuery();
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/connections", { query, signal }));
  const refresh = useThrottled(list.reload, REFRESH_MS);
  const stirred = useRef(-STIR_MS);
  useLive({
    batch: () => {
      stirred.current = performance.now();
      refresh();
    },
  });
  useEffect(() => {
    // A lane fills, empties or is held a moment after what the stream says of its batch, which may be its last word.
    const busy = list.data?.items.some((one) => one.lane) || performance.now() - stirred.current < STIR_MS;
    const timer = busy ? setTimeout(refresh, LANES_MS) : undefined;
    return () => clearTimeout(timer);
  }, [list.data]);
  const [deleting, setDeleting] = useState<Connection>();
  const [looking, setLooking] = useState(false);
  return (
    <>
      <ListPage
        kind={CONNECTIONS}
        list={list}
        searched="name, provider or model"
        ways={
          <Button aria-expanded={looking} onClick={() => setLooking(!looking)}>
            Detect
          </Button>
        }
        above={looking && list.data?.items.length !== 0 && <Found added={list.reload} />}
        beginning={
          <Found added={list.reload}>
            <div class="stack-small">
              <h2>There are no connections yet</h2>
              <p>
                A connection says how to reach one language model. Add one that was found, choose another with{" "}
                <em>New connection</em>, or begin with a simulated model, which is free.
              </p>
            </div>
          </Found>
        }
      >
        {(connections) => <Table connections={connections} ask={setDeleting} ended={refresh} />}
      </ListPage>
      {deleting && <DeleteConnection connection={deleting} deleted={list.reload} close={() => setDeleting(undefined)} />}
    </>
  );
}

/** What was found, beside what there is already: all of it, whatever the list is searched for. */
function Found({ added, children }: { added: () => void; children?: ComponentChildren }) {
  const all = useResource("all connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  const changed = () => {
    all.reload();
    added();
  };
  return (
    <section class="card stack" aria-label="Found here">
      {children}
      <Offers existing={all.data?.items ?? []} added={changed} open={openForm} />
    </section>
  );
}

function openForm(start: Partial<ConnectionValues>): void {
  const query = new URLSearchParams({ provider: start.provider ?? "", address: start.base_url ?? "" });
  navigate(`/connections/new?${query.toString()}`);
}

interface TableProps {
  connections: Connection[];
  ask: (connection: Connection) => void;
  /** Told when the time is over that a provider asked to wait. */
  ended: () => void;
}

function Table({ connections, ask, ended }: TableProps) {
  const providers = useResource("providers", (signal) => api.get("/api/connections/providers", { signal }));
  const titles = new Map(providers.data?.map((one) => [one.name, one.title]));
  return (
    <TableFrame label="Connections" cards>
      <thead>
        <tr>
          <SortHeader name="name" standard="name">
            Name
          </SortHeader>
          <th scope="col">Provider and model</th>
          <th scope="col">Key</th>
          <th scope="col">Price</th>
          <th scope="col">Now</th>
          <th scope="col" class="number">
            Batches
          </th>
          <ActionsHeader />
        </tr>
      </thead>
      <tbody>
        {connections.map((connection) => (
          <Row
            key={connection.id}
            connection={connection}
            provider={titles.get(connection.provider) ?? connection.provider}
            ask={ask}
            ended={ended}
          />
        ))}
      </tbody>
    </TableFrame>
  );
}

interface RowProps extends Pick<TableProps, "ask" | "ended"> {
  connection: Connection;
  /** The provider's title. */
  provider: string;
}

function Row({ connection, provider, ask, ended }: RowProps) {
  const [tested, setTested] = useState<{ ok: boolean; title: string; message: string }>();
  const [testing, setTesting] = useState(false);
  const test = async () => {
    setTesting(true);
    setTested(undefined);
    try {
      const diagnosis = await api.post("/api/connections/{connection_id}/test", { path: { connection_id: connection.id } });
      setTested({ ok: diagnosis.ok, title: titleOf(diagnosis), message: diagnosis.message });
    } catch (error) {
      const { title, message } = problemFrom(error);
      setTested({ ok: false, title, message });
    }
    setTesting(false);
  };
  return (
    <tr>
      <th scope="row" class="connections-name">
        <Link href={`/connections/${connection.id}`}>{connection.name}</Link>
        <div role="status" class="connections-tested small">
          {testing && <span class="quiet">Testing…</span>}
          {tested && (
            <>
              <Badge tone={tested.ok ? "good" : "bad"}>{tested.title}</Badge> <WithCode text={tested.message} />
            </>
          )}
        </div>
      </th>
      <td class="connections-model" data-own-line>
        {connection.model}
        <div class="quiet small">{provider + (connection.base_url ? ` at ${connection.base_url}` : "")}</div>
      </td>
      <td class="connections-key" data-name="Key">{keyLocation(connection.api_key)}</td>
      <td data-name="Price">
        <Price price={connection.price} />
      </td>
      <td class="connections-lane" data-own-line data-name="Now">
        <Lane connection={connection} ended={ended} />
      </td>
      <td class="number" data-name="Batches">
        {count(connection.batches)}
      </td>
      <td class="number list-buttons">
        <RowActions
          kind={CONNECTIONS}
          item={connection}
          deletion="Remove it, with a stored key."
          remove={() => ask(connection)}
          first={
            <Button size="small" busy={testing} aria-label={`Test ${connection.name}`} onClick={() => void test()}>
              Test
            </Button>
          }
        />
      </td>
    </tr>
  );
}

/** Only a provider that says so asks to wait; one in trouble, or out of reach, is left alone for a while. */
const waitTitle = (kind: FailureKind | null | undefined) =>
  !kind || kind === "rate_limited" ? "asked to wait" : `${faultTitle(kind).toLowerCase()}: tried again in`;

/** What the engine is doing with it. */
function Lane({ connection, ended }: Pick<RowProps, "connection" | "ended">) {
  const { lane } = connection;
  const wait = useCountdown(lane?.throttled_seconds ?? 0, lane, ended);
  if (!lane) {
    return <span class="quiet">idle</span>;
  }
  if (lane.held_kind) {
    return (
      <>
        <Badge tone="bad">held: {faultTitle(lane.held_kind).toLowerCase()}</Badge>
        <div class="quiet small">{lane.held_reason}</div>
      </>
    );
  }
  return (
    <>
      {wait > 0 && <Badge tone="warn">{waitTitle(lane.throttled_kind)} {duration(wait)}</Badge>}
      <div class="nowrap">
        {count(lane.in_flight)} of {count(lane.concurrency)} calls in flight
      </div>
      {lane.concurrency < connection.limits.concurrency && lane.trouble_kind !== "connection" && (
        <div class="quiet small">slowed down from {count(connection.limits.concurrency)}</div>
      )}
    </>
  );
}
