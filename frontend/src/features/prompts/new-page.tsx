import type { Prompt } from "../../shared/api/types";
import { navigate } from "../../shared/router";
import { toast } from "../../shared/ui/toasts";
import { NewPage } from "../items/item-page";
import { PROMPTS } from "../items/list-page";
import { NewPrompt } from "./new";

export function NewPromptPage() {
  const saved = (prompt: Prompt) => {
    toast(`${prompt.name} was added.`);
    navigate(`/prompts/${prompt.id}`);
  };
  return (
    <NewPage kind={PROMPTS}>
      <NewPrompt saved={saved} close={() => navigate(PROMPTS.path)} trying />
    </NewPage>
  );
}
