/** Folders: the list of them, one to change, a new one. */

import type { PageProps } from "../../shared/router";
import { Folders } from "./list";
import { NewFolder, OneFolder } from "./one";

export default function FoldersPage({ at, params }: PageProps) {
  const id = params["id"];
  if (at === "/folders/new") {
    return <NewFolder />;
  }
  return id ? <OneFolder id={Number(id)} /> : <Folders />;
}
