import { api, onlyIfUnchanged } from "../../shared/api/client";
import type { Prompt } from "../../shared/api/types";
import { DeleteDialog } from "../items/delete";
import { PROMPTS } from "../items/list-page";

interface DeletePromptProps {
  prompt: Prompt;
  deleted: () => void;
  close: () => void;
}

export function DeletePrompt({ prompt, deleted, close }: DeletePromptProps) {
  return (
    <DeleteDialog
      thing={prompt}
      kind={PROMPTS}
      remove={() => api.delete("/api/prompts/{prompt_id}", { path: { prompt_id: prompt.id }, headers: onlyIfUnchanged(prompt) })}
      deleted={deleted}
      close={close}
    >
      <p>The prompt is deleted for good, with all its versions.</p>
    </DeleteDialog>
  );
}
