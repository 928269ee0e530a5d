/** Folders: the list of them, one to change, a new one. */

import { Folders } from "./list";
import { NewFolder, OneFolder } from "./one";
import type { PageProps } from "../../shared/router";

export default function FoldersPage({ params }: PageProps) {
  const id = params["id"];
  if (id === "new") {
    return <NewFolder />;
  }
  return id ? <OneFolder id={Number(id)} /> : <Folders />;
}
