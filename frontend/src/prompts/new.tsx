/** Makes a new prompt, from a sample or from nothing. Works in a dialog and on a page. */

import { useState } from "preact/hooks";
import type { Prompt } from "../api/types";
import { Button } from "../components/basic";
import { EMPTY, type Draft } from "./draft";
import { PromptForm } from "./form";
import { SampleGallery } from "./gallery";

interface NewPromptProps {
  saved: (prompt: Prompt) => void;
  close: () => void;
  /** Told of every change of the draft, undefined while a sample is still to be chosen. */
  changed?: (draft: Draft | undefined) => void;
}

export function NewPrompt({ saved, close, changed }: NewPromptProps) {
  const [start, setStart] = useState<Draft>();
  const begin = (draft: Draft | undefined) => {
    setStart(draft);
    changed?.(draft);
  };
  if (start) {
    return (
      <div class="stack">
        <div>
          <Button size="small" onClick={() => begin(undefined)}>
            Other samples
          </Button>
        </div>
        <PromptForm start={start} saved={saved} close={close} {...(changed && { changed })} />
      </div>
    );
  }
  return (
    <div class="stack">
      <div class="head">
        <p>Start from one of these and change it as you like, or write your own.</p>
        <Button kind="primary" onClick={() => begin(EMPTY)}>
          Write my own
        </Button>
      </div>
      <SampleGallery choose={begin} />
      <div class="dialog-buttons">
        <Button onClick={close}>Cancel</Button>
      </div>
    </div>
  );
}
