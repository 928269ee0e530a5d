/** The page of one folder, connection or prompt, or of a new one. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import { capital, plural } from "../../shared/format";
import { type Resource, useResource } from "../../shared/resource";
import { useTitle } from "../../shared/router";
import { Button, Empty, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import type { Kind } from "./list-page";

interface Item {
  id: number;
  name: string;
  /** How many batches use it. */
  batches: number;
}

interface ItemPageProps<T> {
  kind: Kind;
  id: number;
  item: Resource<T>;
  /** What else is to be known of it, in a line. */
  about: (item: T) => ComponentChildren;
  /** The question before it is deleted. */
  remove: (item: T, close: () => void) => ComponentChildren;
  children: (item: T) => ComponentChildren;
}

export function ItemPage<T extends Item>({ kind, id, item, about, remove, children }: ItemPageProps<T>) {
  const [deleting, setDeleting] = useState(false);
  const { data, error } = item;
  useTitle(data?.name ?? capital(kind.one));
  if (!data) {
    return (
      <>
        <ItemHead kind={kind} title={`${capital(kind.one)} ${id}`} />
        {error?.status === 404 ? <Gone kind={kind} /> : error ? <ErrorNotice problem={error} retry={item.reload} /> : <Skeleton height="34rem" />}
      </>
    );
  }
  return (
    <>
      <ItemHead kind={kind} title={data.name} remove={() => setDeleting(true)}>
        <UsedBy kind={kind} item={data} /> {about(data)}
      </ItemHead>
      {error && <ErrorNotice problem={error} retry={item.reload} />}
      {children(data)}
      {deleting && remove(data, () => setDeleting(false))}
    </>
  );
}

export function NewPage({ kind, children }: { kind: Kind; children: ComponentChildren }) {
  useTitle(`New ${kind.one}`);
  return (
    <>
      <ItemHead kind={kind} title={`New ${kind.one}`} />
      {children}
    </>
  );
}

interface ItemHeadProps {
  kind: Kind;
  title: string;
  /** Asks whether to delete it. */
  remove?: () => void;
  children?: ComponentChildren;
}

function ItemHead({ kind, title, remove, children }: ItemHeadProps) {
  return (
    <div class="stack-small">
      <div>
        <Link href={kind.path}>← {kind.many}</Link>
      </div>
      <div class="head">
        <h1>{title}</h1>
        {remove && <Button onClick={remove}>Delete…</Button>}
      </div>
      {children && <p class="quiet item-about">{children}</p>}
    </div>
  );
}

function Gone({ kind }: { kind: Kind }) {
  return (
    <Empty title={`There is no such ${kind.one}`}>
      <p>It was deleted, or the address is mistyped.</p>
      <Link class="button" href={kind.path}>
        All {kind.many.toLowerCase()}
      </Link>
    </Empty>
  );
}

const NAMED = 5;

/** How many batches use it, and the names of those that were changed last. */
function UsedBy({ kind, item }: { kind: Kind; item: Item }) {
  return item.batches === 0 ? <>Not used by any batch.</> : <Users kind={kind} item={item} />;
}

function Users({ kind, item }: { kind: Kind; item: Item }) {
  const { data } = useResource(`users of ${kind.one} ${item.id} ${item.batches}`, (signal) =>
    api.get("/api/batches", { query: { [kind.filter]: [item.id], limit: NAMED, sort: "-updated_at" }, signal }),
  );
  const users = data?.items ?? [];
  const others = item.batches - users.length;
  return (
    <>
      Used by {plural(item.batches, "batch", "batches")}
      {users.length > 0 && ": "}
      {users.map((batch, index) => (
        <span key={batch.id}>
          {index > 0 && ", "}
          <Link href={`/batches/${batch.id}`}>{batch.name}</Link>
        </span>
      ))}
      {users.length > 0 && others > 0 && ` and ${plural(others, "other")}`}.
    </>
  );
}

