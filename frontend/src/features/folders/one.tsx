/** One folder, to be looked at and changed, or a new one. */

import "./folders.css";
import { api } from "../../shared/api/client";
import { useResource } from "../../shared/resource";
import { navigate, useQuery } from "../../shared/router";
import { Moment } from "../../shared/ui/time";
import { toast } from "../../shared/ui/toasts";
import { ItemPage, NewPage } from "../items/item-page";
import { FOLDERS } from "../items/list-page";
import { AddFolder } from "./add";
import { DeleteFolder } from "./delete";
import { FolderForm } from "./form/form";

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
