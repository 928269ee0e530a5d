import type { Prompt } from "../../api/types";
import { NewPage } from "../../components/item";
import { PROMPTS } from "../../components/listing";
import { toast } from "../../components/toasts";
import { NewPrompt } from "../../prompts/new";
import { navigate } from "../../router";

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
