/** The page of a list: heading and ways to add, search, what is found or what to do where nothing is, further pages. */

import type { ComponentChildren } from "preact";
import type { Page } from "../../shared/api/types";
import type { Resource } from "../../shared/resource";
import { navigate, useQuery, useTitle } from "../../shared/router";
import { Button, Empty, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { Paging, SearchField } from "../../shared/ui/table";

/** A kind of thing that has a list and a page for each. */
export interface Kind {
  one: string;
  /** Heading of the list. */
  many: string;
  /** Address of the list. */
  path: string;
  /** The member of a batch that holds the ids of those it uses. */
  ids: "folder_ids" | "connection_ids" | "prompt_ids";
  /** By which batches that use one are asked for. */
  filter: "folder_id" | "connection_id" | "prompt_id";
}

export const FOLDERS: Kind = { one: "folder", many: "Folders", path: "/folders", ids: "folder_ids", filter: "folder_id" };
export const CONNECTIONS: Kind = { one: "connection", many: "Connections", path: "/connections", ids: "connection_ids", filter: "connection_id" };
export const PROMPTS: Kind = { one: "prompt", many: "Prompts", path: "/prompts", ids: "prompt_ids", filter: "prompt_id" };

/** What of a list the address asks for. */
export function useListQuery() {
  return { search: useQuery("search"), sort: useQuery("sort"), cursor: useQuery("cursor"), limit: 100 };
}

interface ListPageProps<T> {
  kind: Kind;
  list: Resource<Page<T>>;
  /** What can be searched, such as "name or path". */
  searched: string;
  /** Further ways to add, beside the main one. */
  ways?: ComponentChildren;
  /** What stands above the list. */
  above?: ComponentChildren;
  /** What is said while there is nothing at all, and how to begin. */
  beginning: ComponentChildren;
  /** The table of what was found. */
  children: (items: T[]) => ComponentChildren;
}

export function ListPage<T>({ kind, list, searched, ways, above, beginning, children }: ListPageProps<T>) {
  useTitle(kind.many);
  const { search, cursor } = useListQuery();
  const items = list.data?.items;
  const untouched = items?.length === 0 && !search && !cursor;
  return (
    <>
      <div class="head">
        <h1>{kind.many}</h1>
        <div class="row">
          {!untouched && ways}
          <NewLink kind={kind} />
        </div>
      </div>
      {!untouched && (
        <div class="list-search">
          <SearchField label={`Search by ${searched}`} />
        </div>
      )}
      {above}
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!items && !list.error && <Skeleton height="24rem" />}
      {untouched && beginning}
      {items?.length === 0 && !untouched && (
        <Empty title={`No ${kind.one} matches`}>
          <p>Search for another part of the {searched}.</p>
          <Button onClick={() => navigate(kind.path)}>Show all {kind.many.toLowerCase()}</Button>
        </Empty>
      )}
      {items && items.length > 0 && children(items)}
      <Paging next={list.data?.next} cursor={cursor} />
    </>
  );
}

function NewLink({ kind }: { kind: Kind }) {
  return (
    <Link href={`${kind.path}/new`} class="button" data-kind="primary">
      New {kind.one}
    </Link>
  );
}
