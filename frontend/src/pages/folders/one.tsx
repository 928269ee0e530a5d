/** One folder, to be looked at and changed, or a new one. */

import "./folders.css";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { Button, ErrorNotice, Skeleton } from "../../components/basic";
import { toast } from "../../components/toasts";
import { AddFolder } from "../../folders/add";
import { DeleteFolder } from "../../folders/delete";
import { FolderForm } from "../../folders/form";
import { plural, time } from "../../format";
import { useResource } from "../../resource";
import { Link, navigate, useQuery, useTitle } from "../../router";

const toList = () => navigate("/folders");

export function NewFolder() {
  useTitle("New folder");
  const way = useQuery("from") === "device" ? "device" : "server";
  return (
    <div class="folders-one stack">
      <Back />
      <h1>New folder</h1>
      <section class="card">
        <AddFolder
          way={way}
          saved={(folder) => {
            toast(`${folder.name} was added.`);
            navigate(`/folders/${folder.id}`);
          }}
          close={toList}
        />
      </section>
    </div>
  );
}

export function OneFolder({ id }: { id: number }) {
  const [deleting, setDeleting] = useState(false);
  const folder = useResource(`folder ${id}`, (signal) => api.get("/api/folders/{folder_id}", { path: { folder_id: id }, signal }));
  useTitle(folder.data?.name ?? "Folder");
  return (
    <div class="folders-one stack">
      <Back />
      {folder.error && <ErrorNotice problem={folder.error} retry={folder.reload} />}
      {!folder.data && !folder.error && <Skeleton height="30rem" />}
      {folder.data && (
        <>
          <div class="head">
            <h1>{folder.data.name}</h1>
            <Button onClick={() => setDeleting(true)}>Delete…</Button>
          </div>
          <p class="quiet">
            {folder.data.batches > 0 ? `Used by ${plural(folder.data.batches, "batch", "batches")}` : "Not used by any batch"};
            changed {time(folder.data.updated_at)}. Runs that exist keep the folder as it was.
          </p>
          <section class="card">
            <FolderForm
              folder={folder.data}
              saved={(changed) => {
                toast(`${changed.name} was saved.`);
                toList();
              }}
              close={toList}
            />
          </section>
        </>
      )}
      {deleting && folder.data && (
        <DeleteFolder folder={folder.data} deleted={toList} close={() => setDeleting(false)} />
      )}
    </div>
  );
}

function Back() {
  return (
    <div>
      <Link href="/folders">← Folders</Link>
    </div>
  );
}
