import { api, onlyIfUnchanged } from "../../shared/api/client";
import type { Folder } from "../../shared/api/types";
import { DeleteDialog } from "../items/delete";
import { FOLDERS } from "../items/list-page";

interface DeleteFolderProps {
  folder: Folder;
  deleted: () => void;
  close: () => void;
}

export function DeleteFolder({ folder, deleted, close }: DeleteFolderProps) {
  return (
    <DeleteDialog
      thing={folder}
      kind={FOLDERS}
      remove={() => api.delete("/api/folders/{folder_id}", { path: { folder_id: folder.id }, headers: onlyIfUnchanged(folder) })}
      deleted={deleted}
      close={close}
    >
      <p>docstage forgets this folder. The files in it stay where they are.</p>
    </DeleteDialog>
  );
}
