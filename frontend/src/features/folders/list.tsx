/** All folders, searched and sorted by what the address says. */

import "./folders.css";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Folder } from "../../shared/api/types";
import { count } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Empty } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { ActionsHeader, SortHeader, TableFrame } from "../../shared/ui/table";
import { Moment } from "../../shared/ui/time";
import { FOLDERS, ListPage, useListQuery } from "../items/list-page";
import { RowActions } from "../items/row-actions";
import { DeleteFolder } from "./delete";
import { takesText } from "./form/values";

export function Folders() {
  const query = useListQuery();
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/folders", { query, signal }));
  const [deleting, setDeleting] = useState<Folder>();
  return (
    <>
      <ListPage kind={FOLDERS} list={list} searched="name or path" ways={<SendLink />} beginning={<Beginning />}>
        {(folders) => <Table folders={folders} ask={setDeleting} />}
      </ListPage>
      {deleting && <DeleteFolder folder={deleting} deleted={list.reload} close={() => setDeleting(undefined)} />}
    </>
  );
}

function SendLink() {
  return (
    <Link href="/folders/new?from=device" class="button">
      Send files
    </Link>
  );
}

function Beginning() {
  return (
    <Empty title="There are no folders yet">
      <p>A folder says where documents come from, and which of its files count.</p>
      <div class="row">
        <SendLink />
        <Link href="/folders/new" class="button" data-kind="primary">
          Choose a folder on the server
        </Link>
      </div>
    </Empty>
  );
}

function Table({ folders, ask }: { folders: Folder[]; ask: (folder: Folder) => void }) {
  return (
    <TableFrame label="Folders" cards>
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
          <ActionsHeader />
        </tr>
      </thead>
      <tbody>
        {folders.map((folder) => (
          <tr key={folder.id}>
            <th scope="row" class="folders-name">
              <Link href={`/folders/${folder.id}`}>{folder.name}</Link>
            </th>
            <td class="folders-location" data-own-line>
              <bdi>{folder.path}</bdi>
            </td>
            <td class="folders-takes" data-own-line data-name="Takes">
              {takesText(folder)}
            </td>
            <td class="number" data-name="Batches">
              {count(folder.batches)}
            </td>
            <td class="small quiet" data-name="Changed">
              <Moment at={folder.updated_at} />
            </td>
            <td class="number list-buttons">
              <RowActions kind={FOLDERS} item={folder} deletion="Forget the folder; its files stay." remove={() => ask(folder)} />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
