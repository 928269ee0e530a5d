/** One connection, to be looked at and changed, or a new one. */

import "./connections.css";
import { api } from "../../shared/api/client";
import { useResource } from "../../shared/resource";
import { navigate, useQuery } from "../../shared/router";
import { Moment } from "../../shared/ui/time";
import { toast } from "../../shared/ui/toasts";
import { ItemPage, NewPage } from "../items/item-page";
import { CONNECTIONS } from "../items/list-page";
import { DeleteConnection } from "./delete";
import { ConnectionForm } from "./form/form";
import { Price } from "./price";
import { frozenInWords } from "./settings";

const toList = () => navigate(CONNECTIONS.path);

export function NewConnection() {
  const start = { provider: useQuery("provider"), base_url: useQuery("address"), model: useQuery("model") };
  return (
    <NewPage kind={CONNECTIONS}>
      <section class="card">
        <ConnectionForm
          start={start}
          saved={(connection) => {
            toast(`${connection.name} was added.`);
            navigate(`/connections/${connection.id}`);
          }}
          close={toList}
        />
      </section>
    </NewPage>
  );
}

export function OneConnection({ id }: { id: number }) {
  const one = useResource(`connection ${id}`, (signal) =>
    api.get("/api/connections/{connection_id}", { path: { connection_id: id }, signal }),
  );
  return (
    <ItemPage
      kind={CONNECTIONS}
      id={id}
      item={one}
      about={(connection) => (
        <>
          Price: <Price price={connection.price} />. It takes {connection.images ? "text and pictures" : "text only"}. Changed{" "}
          <Moment at={connection.updated_at} />. {connection.notes.map((note) => `${note} `)}
          Key, address and limits hold at once, also for batches that run; {frozenInWords()}{" "}
          from the next run on.
        </>
      )}
      remove={(connection, close) => <DeleteConnection connection={connection} deleted={toList} close={close} />}
    >
      {(connection) => (
        <section class="card">
          <ConnectionForm
            connection={connection}
            saved={(changed) => {
              toast(`${changed.name} was saved.`);
              one.set(() => changed);
            }}
            close={toList}
          />
        </section>
      )}
    </ItemPage>
  );
}
