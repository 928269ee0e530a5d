/** All connections, with what the engine is doing with each. */

import "./connections.css";
import { useState } from "preact/hooks";
import { api, problemFrom } from "../../api/client";
import type { Connection } from "../../api/types";
import { Badge, Button, Empty, ErrorNotice, Skeleton } from "../../components/basic";
import { Menu } from "../../components/menu";
import { SearchField, SortHeader, TableFrame } from "../../components/table";
import { DeleteConnection } from "../../connections/delete";
import { Offers } from "../../connections/detect";
import { placeText } from "../../connections/key";
import { Price } from "../../connections/price";
import { faultTitle, titleOf, WithCode } from "../../connections/test";
import type { ConnectionValues } from "../../connections/values";
import { count, duration } from "../../format";
import { useLive } from "../../live/stream";
import { useResource, useThrottled } from "../../resource";
import { Link, navigate, useQuery, useTitle, withQuery } from "../../router";

const PAGE = 100;
const REFRESH_MS = 1_500;

export function Connections() {
  useTitle("Connections");
  const query = { search: useQuery("search"), sort: useQuery("sort"), cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/connections", { query, signal }));
  const refresh = useThrottled(list.reload, REFRESH_MS);
  useLive({ batch: refresh });
  const [deleting, setDeleting] = useState<Connection>();
  const [looking, setLooking] = useState(false);
  const nothing = list.data?.items.length === 0;
  const untouched = nothing && !query.search && !query.cursor;
  return (
    <>
      <div class="head">
        <h1>Connections</h1>
        <div class="row">
          {!untouched && (
            <Button aria-expanded={looking} onClick={() => setLooking(!looking)}>
              Detect
            </Button>
          )}
          <Link href="/connections/new" class="button" data-kind="primary">
            Add connection
          </Link>
        </div>
      </div>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {(looking || untouched) && (
        <section class="card stack" aria-label="Found here">
          {untouched && (
            <div class="stack-small">
              <h2>There are no connections yet</h2>
              <p>
                A connection says how to reach one language model. Add one that was found, choose another with{" "}
                <em>Add connection</em>, or begin with a simulated model, which is free.
              </p>
            </div>
          )}
          <Found added={list.reload} />
        </section>
      )}
      {!untouched && (
        <div class="connections-search">
          <SearchField label="Search by name, provider or model" />
        </div>
      )}
      {!list.data && !list.error && <Skeleton height="16rem" />}
      {nothing && !untouched && (
        <Empty title="No connection is like that">
          <Button onClick={() => navigate("/connections")}>Show all</Button>
        </Empty>
      )}
      {list.data && !nothing && <Table connections={list.data.items} ask={setDeleting} />}
      {(list.data?.next || query.cursor) && (
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
      )}
      {deleting && <DeleteConnection connection={deleting} deleted={list.reload} close={() => setDeleting(undefined)} />}
    </>
  );
}

/** What was found, beside what there is already: all of it, whatever the list is searched for. */
function Found({ added }: { added: () => void }) {
  const all = useResource("all connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  const changed = () => {
    all.reload();
    added();
  };
  return <Offers existing={all.data?.items ?? []} added={changed} open={openForm} />;
}

function openForm(start: Partial<ConnectionValues>): void {
  const query = new URLSearchParams({ provider: start.provider ?? "", address: start.base_url ?? "" });
  navigate(`/connections/new?${query.toString()}`);
}

function Table({ connections, ask }: { connections: Connection[]; ask: (connection: Connection) => void }) {
  const providers = useResource("providers", (signal) => api.get("/api/connections/providers", { signal }));
  const titles = new Map(providers.data?.map((one) => [one.name, one.title]));
  return (
    <TableFrame label="Connections">
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
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {connections.map((connection) => (
          <Row
            key={connection.id}
            connection={connection}
            provider={titles.get(connection.provider) ?? connection.provider}
            ask={ask}
          />
        ))}
      </tbody>
    </TableFrame>
  );
}

interface RowProps {
  connection: Connection;
  /** The provider's title. */
  provider: string;
  ask: (connection: Connection) => void;
}

function Row({ connection, provider, ask }: RowProps) {
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
      <td class="connections-model">
        {connection.model}
        <div class="quiet small">{provider + (connection.base_url ? ` at ${connection.base_url}` : "")}</div>
      </td>
      <td class="connections-key">{placeText(connection.api_key)}</td>
      <td>
        <Price price={connection.price} />
      </td>
      <td class="connections-lane">
        <Lane connection={connection} />
      </td>
      <td class="number">{count(connection.batches)}</td>
      <td class="number">
        <div class="buttons">
          <Button size="small" disabled={testing} aria-label={`Test ${connection.name}`} onClick={() => void test()}>
            Test
          </Button>
          <Menu
            label={`Actions for ${connection.name}`}
            size="small"
            items={[
              { name: "Change", hint: "Key, address, limits and the rest.", act: () => navigate(`/connections/${connection.id}`) },
              { name: "Delete", hint: "Remove it, with a stored key.", act: () => ask(connection) },
            ]}
          />
        </div>
      </td>
    </tr>
  );
}

/** What the engine is doing with it. */
function Lane({ connection }: { connection: Connection }) {
  const { lane } = connection;
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
      {lane.throttled_seconds > 0 && <Badge tone="warn">asked to wait {duration(lane.throttled_seconds)}</Badge>}
      <div class="nowrap">
        {count(lane.in_flight)} of {count(lane.concurrency)} calls in flight
      </div>
      {lane.concurrency < connection.limits.concurrency && (
        <div class="quiet small">slowed down from {count(connection.limits.concurrency)}</div>
      )}
    </>
  );
}
