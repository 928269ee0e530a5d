/** Asks before something is deleted, once it is known whether it can be; tells what is in the way otherwise. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, type Problem, problemFrom } from "../../shared/api/client";
import type { Batch, Page } from "../../shared/api/types";
import { plural } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Dialog } from "../../shared/ui/dialog";
import { Link } from "../../shared/ui/link";
import { toast } from "../../shared/ui/toasts";
import { StatusBadge } from "../batches/badges";
import type { Kind } from "./list-page";

interface DeleteProps {
  thing: { id: number; name: string; batches?: number };
  /** What batches use; without it nothing can use the thing. */
  kind?: Kind;
  /** Why it cannot be deleted as it is, and what to do. */
  blocked?: ComponentChildren;
  /** What will happen. */
  children: ComponentChildren;
  remove: () => Promise<unknown>;
  deleted: () => void;
  close: () => void;
}

const SHOWN = 20;
const NOBODY: Page<Batch> = { items: [], next: null };

export function DeleteDialog({ thing, kind, blocked, children, remove, deleted, close }: DeleteProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const users = useUsers(thing.id, kind);
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await remove();
      toast(`${thing.name} was deleted.`);
      close();
      deleted();
    } catch (error) {
      const found = problemFrom(error);
      if (found.usedBy.length > 0) {
        users.reload();
      } else {
        setProblem(found);
      }
      setBusy(false);
    }
  };
  const inUse = Boolean(users.data?.items.length);
  const free = users.data !== undefined && !inUse && !blocked;
  return (
    <Dialog title={inUse ? `${thing.name} is in use` : blocked ? `${thing.name} cannot be deleted now` : `Delete ${thing.name}?`} close={close}>
      <div class="stack-small" aria-live="polite" aria-busy={!users.data && !users.error}>
        {users.error && <ErrorNotice problem={users.error} retry={users.reload} />}
        {!users.data && !users.error && <Skeleton height="4rem" />}
        {users.data && inUse && <Users page={users.data} all={thing.batches ?? 0} kind={kind} />}
        {!inUse && blocked}
        {free && (
          <>
            {children}
            {kind && <p>No batch uses it.</p>}
          </>
        )}
      </div>
      {problem && <ErrorNotice problem={problem} />}
      <div class="dialog-buttons">
        <Button onClick={close}>Back</Button>
        {free && (
          <Button kind="danger" busy={busy} onClick={() => void go()}>
            Delete
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function useUsers(id: number, kind: Kind | undefined) {
  return useResource(`in the way of ${kind?.one} ${id}`, async (signal): Promise<Page<Batch>> =>
    kind ? api.get("/api/batches", { query: { [kind.filter]: [id], limit: SHOWN, sort: "-updated_at" }, signal }) : NOBODY,
  );
}

function Users({ page, all, kind }: { page: Page<Batch>; all: number; kind: Kind | undefined }) {
  const others = all - page.items.length;
  return (
    <>
      <p>
        {plural(Math.max(all, page.items.length), "batch uses", "batches use")} this {kind?.one}, so it cannot be deleted. Delete
        those first that are no longer needed. What a Saved batch uses can be changed on its page, under Details.
      </p>
      <ul class="stack-small">
        {page.items.map((batch) => (
          <li key={batch.id}>
            <Link href={`/batches/${batch.id}`}>{batch.name}</Link> <StatusBadge status={batch.status} />
          </li>
        ))}
      </ul>
      {page.next && <p>{others > 0 ? `and ${plural(others, "other")}` : "and others"}</p>}
    </>
  );
}
