import type { Prompt } from "../../shared/api/types";
import { NewPage } from "../items/item-page";
import { PROMPTS } from "../items/list-page";
import { toast } from "../../shared/ui/toasts";
import { NewPrompt } from "./new";
import { navigate } from "../../shared/router";

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
