/** Folders: the list of them, one to change, a new one. */

import type { PageProps } from "../../shared/router";
import { Folders } from "./list";
import { NewFolder, OneFolder } from "./one";

export default function FoldersPage({ params }: PageProps) {
  const id = params["id"];
  if (id === "new") {
    return <NewFolder />;
  }
  return id ? <OneFolder id={Number(id)} /> : <Folders />;
}
