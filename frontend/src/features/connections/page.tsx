/** Connections: the list of them, one to change, a new one. */

import type { PageProps } from "../../shared/router";
import { Connections } from "./list";
import { NewConnection, OneConnection } from "./one";

export default function ConnectionsPage({ params }: PageProps) {
  const id = params["id"];
  if (id === "new") {
    return <NewConnection />;
  }
  return id ? <OneConnection id={Number(id)} /> : <Connections />;
}
