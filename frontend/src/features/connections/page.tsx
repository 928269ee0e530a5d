/** Connections: the list of them, one to change, a new one. */

import type { PageProps } from "../../shared/router";
import { Connections } from "./list";
import { NewConnection, OneConnection } from "./one";

export default function ConnectionsPage({ at, params }: PageProps) {
  const id = params["id"];
  if (at === "/connections/new") {
    return <NewConnection />;
  }
  return id ? <OneConnection id={Number(id)} /> : <Connections />;
}
