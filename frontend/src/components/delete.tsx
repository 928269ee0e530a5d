/** Asks before a folder, connection or prompt is deleted; tells which batches are in the way. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, type Problem, problemFrom } from "../api/client";
import type { Batch } from "../api/types";
import { Link } from "../router";
import { Button, ErrorNotice } from "./basic";
import { Dialog } from "./dialog";
import { toast } from "./toasts";

interface DeleteProps {
  name: string;
  children: ComponentChildren;
  remove: () => Promise<unknown>;
  deleted: () => void;
  close: () => void;
}

const SHOWN = 20;

export function DeleteDialog({ name, children, remove, deleted, close }: DeleteProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [users, setUsers] = useState<Batch[]>([]);
  const go = async () => {
    setBusy(true);
    try {
      await remove();
      toast(`${name} was deleted.`);
      close();
      deleted();
    } catch (error) {
      const found = problemFrom(error);
      setUsers(await batches(found.usedBy));
      setProblem(found);
      setBusy(false);
    }
  };
  const inUse = Boolean(problem?.usedBy.length);
  return (
    <Dialog title={inUse ? `${name} is in use` : `Delete ${name}?`} close={close}>
      {inUse ? <Users users={users} number={problem?.usedBy.length ?? 0} /> : children}
      {problem && !inUse && <ErrorNotice problem={problem} />}
      <div class="dialog-buttons">
        <Button onClick={close}>Back</Button>
        {!inUse && (
          <Button kind="danger" busy={busy} onClick={() => void go()}>
            Delete
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Users({ users, number }: { users: Batch[]; number: number }) {
  return (
    <div class="stack-small" role="alert">
      <p>These batches use it. Delete them first, or take it out of them while they are SAVED.</p>
      <ul>
        {users.map((batch) => (
          <li key={batch.id}>
            <Link href={`/batches/${batch.id}`}>{batch.name}</Link>
          </li>
        ))}
      </ul>
      {number > users.length && <p>and {number - users.length} more</p>}
    </div>
  );
}

/** The first of these batches; one that was deleted meanwhile is left out. */
async function batches(ids: number[]): Promise<Batch[]> {
  const asked = ids.slice(0, SHOWN).map((id) => api.get("/api/batches/{batch_id}", { path: { batch_id: id } }).catch(() => undefined));
  return (await Promise.all(asked)).filter((batch) => batch !== undefined);
}
