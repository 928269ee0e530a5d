/** Prompts: the list, a new one, or one with its versions, as the address says. */

import type { PageProps } from "../../shared/router";
import { EditPromptPage } from "./edit";
import { PromptList } from "./list";
import { NewPromptPage } from "./new-page";

export default function PromptsPage({ params }: PageProps) {
  const { id } = params;
  if (id === undefined) {
    return <PromptList />;
  }
  return id === "new" ? <NewPromptPage /> : <EditPromptPage key={id} id={Number(id)} />;
}
