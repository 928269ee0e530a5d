/** All folders, searched and sorted by what the address says. */

import "./folders.css";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Folder } from "../../api/types";
import { Button, Empty, ErrorNotice, Skeleton } from "../../components/basic";
import { Menu } from "../../components/menu";
import { SearchField, SortHeader, TableFrame } from "../../components/table";
import { DeleteFolder } from "../../folders/delete";
import { takesText } from "../../folders/values";
import { count, shortTime } from "../../format";
import { useResource } from "../../resource";
import { Link, navigate, useQuery, useTitle, withQuery } from "../../router";

const PAGE = 100;

export function Folders() {
  useTitle("Folders");
  const query = { search: useQuery("search"), sort: useQuery("sort"), cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/folders", { query, signal }));
  const [deleting, setDeleting] = useState<Folder>();
  const nothing = list.data?.items.length === 0;
  const untouched = nothing && !query.search && !query.cursor;
  return (
    <>
      <div class="head">
        <h1>Folders</h1>
        {!untouched && <Ways />}
      </div>
      {!untouched && (
        <div class="folders-search">
          <SearchField label="Search by name or path" />
        </div>
      )}
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="16rem" />}
      {untouched && (
        <Empty title="There are no folders yet">
          <p>A folder says where documents come from, and which of its files count.</p>
          <Ways />
        </Empty>
      )}
      {nothing && !untouched && (
        <Empty title="No folder is like that">
          <Button onClick={() => navigate("/folders")}>Show all</Button>
        </Empty>
      )}
      {list.data && !nothing && <Table folders={list.data.items} ask={setDeleting} />}
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
      {deleting && <DeleteFolder folder={deleting} deleted={list.reload} close={() => setDeleting(undefined)} />}
    </>
  );
}

function Ways() {
  return (
    <div class="row">
      <Link href="/folders/new?from=device" class="button">
        Send files
      </Link>
      <Link href="/folders/new" class="button" data-kind="primary">
        Add folder
      </Link>
    </div>
  );
}

function Table({ folders, ask }: { folders: Folder[]; ask: (folder: Folder) => void }) {
  return (
    <TableFrame label="Folders">
      <thead>
        <tr>
          <SortHeader name="name" standard="name">
            Name
          </SortHeader>
          <th scope="col">Path</th>
          <th scope="col">Takes</th>
          <th scope="col" class="number">
            Batches
          </th>
          <SortHeader name="updated_at" standard="name">
            Changed
          </SortHeader>
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {folders.map((folder) => (
          <tr key={folder.id}>
            <th scope="row" class="folders-name">
              <Link href={`/folders/${folder.id}`}>{folder.name}</Link>
            </th>
            <td class="folders-place">{folder.path}</td>
            <td class="folders-takes">{takesText(folder)}</td>
            <td class="number">{count(folder.batches)}</td>
            <td class="nowrap">{shortTime(folder.updated_at)}</td>
            <td class="number">
              <Menu
                label={`Actions for ${folder.name}`}
                size="small"
                items={[
                  { name: "Change", hint: "Path, name, and which files count.", act: () => navigate(`/folders/${folder.id}`) },
                  { name: "Delete", hint: "Forget the folder; its files stay.", act: () => ask(folder) },
                ]}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
