/** Prompts: the list, a new one, or one with its versions, as the address says. */

import type { PageProps } from "../../shared/router";
import { EditPromptPage } from "./edit";
import { PromptList } from "./list";
import { NewPromptPage } from "./new-page";

export default function PromptsPage({ at, params }: PageProps) {
  const id = params["id"];
  if (at === "/prompts/new") {
    return <NewPromptPage />;
  }
  return id ? <EditPromptPage id={Number(id)} /> : <PromptList />;
}
