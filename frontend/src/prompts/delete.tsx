/** Asks before a prompt is deleted. */

import { api, Problem } from "../api/client";
import type { Prompt } from "../api/types";
import { Confirm } from "../components/dialog";
import { toast } from "../components/toasts";

interface DeleteProps {
  prompt: Prompt;
  deleted: () => void;
  close: () => void;
}

export function DeletePrompt({ prompt, deleted, close }: DeleteProps) {
  const act = async () => {
    try {
      await api.delete("/api/prompts/{prompt_id}", { path: { prompt_id: prompt.id } });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) {
        throw error;
      }
    }
    toast(`${prompt.name} was deleted.`);
    deleted();
  };
  return (
    <Confirm title={`Delete ${prompt.name}?`} confirm="Delete" danger act={act} close={close}>
      <p>It is deleted with all its versions. A prompt that a batch uses cannot be deleted.</p>
    </Confirm>
  );
}
