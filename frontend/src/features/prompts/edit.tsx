/** One prompt: its text, its versions, and trying it. */

import "./prompts.css";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Prompt } from "../../shared/api/types";
import { useResource } from "../../shared/resource";
import { navigate } from "../../shared/router";
import { Moment } from "../../shared/ui/time";
import { toast } from "../../shared/ui/toasts";
import { ItemPage } from "../items/item-page";
import { PROMPTS } from "../items/list-page";
import { DeletePrompt } from "./delete";
import { draftOf } from "./draft";
import { PromptForm } from "./form/form";
import { Versions } from "./versions/versions";
import { PromptWorkbench } from "./workbench";

const toList = () => navigate(PROMPTS.path);

export function EditPromptPage({ id }: { id: number }) {
  const found = useResource(`prompt ${id}`, (signal) =>
    api.get("/api/prompts/{prompt_id}", { path: { prompt_id: id }, signal }),
  );
  return (
    <ItemPage
      kind={PROMPTS}
      id={id}
      item={found}
      about={(prompt) => (
        <>
          Version {prompt.version}, changed <Moment at={prompt.updated_at} />. Runs that exist keep the version they began with.
        </>
      )}
      remove={(prompt, close) => <DeletePrompt prompt={prompt} deleted={toList} close={close} />}
    >
      {(prompt) => <Editor prompt={prompt} put={(next) => found.set(() => next)} />}
    </ItemPage>
  );
}

function Editor({ prompt, put }: { prompt: Prompt; put: (prompt: Prompt) => void }) {
  const [draft, setDraft] = useState(() => draftOf(prompt));
  // Grows when an old version is restored: the form begins again with it.
  const [turn, setTurn] = useState(0);
  const saved = (next: Prompt) => {
    toast(next.version === prompt.version ? `${next.name} was saved.` : `${next.name} was saved as version ${next.version}.`);
    put(next);
  };
  const restored = (next: Prompt) => {
    put(next);
    setDraft(draftOf(next));
    setTurn(turn + 1);
  };
  return (
    <>
      <PromptWorkbench draft={draft}>
        <PromptForm key={turn} prompt={prompt} saved={saved} close={toList} changed={setDraft} />
      </PromptWorkbench>
      <section class="card stack" aria-labelledby="prompt-versions">
        <h2 id="prompt-versions">Versions</h2>
        <Versions prompt={prompt} restored={restored} />
      </section>
    </>
  );
}
