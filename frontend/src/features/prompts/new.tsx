/** Makes a new prompt, from a sample or from nothing. Works in a dialog and on a page. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Prompt } from "../../shared/api/types";
import { Button } from "../../shared/ui/basic";
import { EMPTY, type Draft } from "./draft";
import { PromptForm } from "./form/form";
import { SampleGallery } from "./gallery";
import { PromptWorkbench } from "./workbench";

interface NewPromptProps {
  saved: (prompt: Prompt) => void;
  close: () => void;
  /** Show beside the form what the prompt brings; for pages, since it takes room. */
  trying?: boolean;
}

export function NewPrompt({ saved, close, trying }: NewPromptProps) {
  const [start, setStart] = useState<Draft>();
  if (!start) {
    return <Gallery begin={setStart} close={close} boxed={trying} />;
  }
  const others = (
    <div>
      <Button size="small" onClick={() => setStart(undefined)}>
        Other samples
      </Button>
    </div>
  );
  if (trying) {
    return <Tried start={start} saved={saved} close={close} others={others} />;
  }
  return (
    <div class="stack">
      {others}
      <PromptForm start={start} saved={saved} close={close} />
    </div>
  );
}

interface TriedProps {
  start: Draft;
  saved: (prompt: Prompt) => void;
  close: () => void;
  others: ComponentChildren;
}

function Tried({ start, saved, close, others }: TriedProps) {
  const [draft, setDraft] = useState(start);
  return (
    <PromptWorkbench draft={draft}>
      <div class="stack">
        {others}
        <PromptForm start={start} saved={saved} close={close} changed={setDraft} />
      </div>
    </PromptWorkbench>
  );
}

interface GalleryProps {
  begin: (draft: Draft) => void;
  close: () => void;
  boxed?: boolean | undefined;
}

function Gallery({ begin, close, boxed }: GalleryProps) {
  return (
    <div class={boxed ? "card stack" : "stack"}>
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
