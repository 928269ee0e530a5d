import { api, onlyIfUnchanged } from "../../shared/api/client";
import type { Connection } from "../../shared/api/types";
import { DeleteDialog } from "../items/delete";
import { CONNECTIONS } from "../items/list-page";

interface DeleteConnectionProps {
  connection: Connection;
  deleted: () => void;
  close: () => void;
}

export function DeleteConnection({ connection, deleted, close }: DeleteConnectionProps) {
  return (
    <DeleteDialog
      thing={connection}
      kind={CONNECTIONS}
      remove={() => api.delete("/api/connections/{connection_id}", { path: { connection_id: connection.id }, headers: onlyIfUnchanged(connection) })}
      deleted={deleted}
      close={close}
    >
      <p>{connection.api_key === "stored" ? "The connection is deleted for good, and its stored key with it." : "The connection is deleted for good."}</p>
    </DeleteDialog>
  );
}
