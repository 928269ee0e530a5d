/** One folder, to be looked at and changed, or a new one. */

import "./folders.css";
import { api } from "../../api/client";
import { ItemPage, NewPage } from "../../components/item";
import { FOLDERS } from "../../components/listing";
import { Moment } from "../../components/time";
import { toast } from "../../components/toasts";
import { AddFolder } from "../../folders/add";
import { DeleteFolder } from "../../folders/delete";
import { FolderForm } from "../../folders/form";
import { useResource } from "../../resource";
import { navigate, useQuery } from "../../router";

const toList = () => navigate(FOLDERS.path);

export function NewFolder() {
  const way = useQuery("from") === "device" ? "device" : "server";
  return (
    <NewPage kind={FOLDERS}>
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
    </NewPage>
  );
}

export function OneFolder({ id }: { id: number }) {
  const one = useResource(`folder ${id}`, (signal) => api.get("/api/folders/{folder_id}", { path: { folder_id: id }, signal }));
  return (
    <ItemPage
      kind={FOLDERS}
      id={id}
      item={one}
      about={(folder) => (
        <>
          Changed <Moment at={folder.updated_at} />. Runs that exist keep the folder as it was.
        </>
      )}
      remove={(folder, close) => <DeleteFolder folder={folder} deleted={toList} close={close} />}
    >
      {(folder) => (
        <section class="card">
          <FolderForm
            folder={folder}
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
