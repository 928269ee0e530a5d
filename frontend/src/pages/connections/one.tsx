/** One connection, to be looked at and changed, or a new one. */

import "./connections.css";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { Button, ErrorNotice, Skeleton } from "../../components/basic";
import { toast } from "../../components/toasts";
import { DeleteConnection } from "../../connections/delete";
import { ConnectionForm } from "../../connections/form";
import { Price } from "../../connections/price";
import { plural, time } from "../../format";
import { useResource } from "../../resource";
import { Link, navigate, useQuery, useTitle } from "../../router";

const toList = () => navigate("/connections");

export function NewConnection() {
  useTitle("New connection");
  const start = { provider: useQuery("provider"), base_url: useQuery("address"), model: useQuery("model") };
  return (
    <div class="connections-one stack">
      <Back />
      <h1>New connection</h1>
      <section class="card">
        <ConnectionForm
          start={start}
          saved={(connection) => {
            toast(`${connection.name} was added.`);
            toList();
          }}
          close={toList}
        />
      </section>
    </div>
  );
}

export function OneConnection({ id }: { id: number }) {
  const [deleting, setDeleting] = useState(false);
  const one = useResource(`connection ${id}`, (signal) =>
    api.get("/api/connections/{connection_id}", { path: { connection_id: id }, signal }),
  );
  const connection = one.data;
  useTitle(connection?.name ?? "Connection");
  return (
    <div class="connections-one stack">
      <Back />
      {one.error && <ErrorNotice problem={one.error} retry={one.reload} />}
      {!connection && !one.error && <Skeleton height="34rem" />}
      {connection && (
        <>
          <div class="head">
            <h1>{connection.name}</h1>
            <Button onClick={() => setDeleting(true)}>Delete…</Button>
          </div>
          <p class="quiet">
            {connection.batches > 0 ? `Used by ${plural(connection.batches, "batch", "batches")}` : "Not used by any batch"}; price:{" "}
            <Price price={connection.price} />; {connection.images ? "takes pictures" : "takes text only"}; changed{" "}
            {time(connection.updated_at)}. Key, address and limits hold at once, also for running batches; provider, model and
            temperature from the next run on.
          </p>
          <section class="card">
            <ConnectionForm
              connection={connection}
              saved={(changed) => {
                toast(`${changed.name} was saved.`);
                toList();
              }}
              close={toList}
            />
          </section>
        </>
      )}
      {deleting && connection && (
        <DeleteConnection connection={connection} deleted={toList} close={() => setDeleting(false)} />
      )}
    </div>
  );
}

function Back() {
  return (
    <div>
      <Link href="/connections">← Connections</Link>
    </div>
  );
}
