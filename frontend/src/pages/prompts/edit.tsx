/** One prompt: its text, its versions, and trying it. */

import "./prompts.css";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Prompt } from "../../api/types";
import { ItemPage } from "../../components/item";
import { PROMPTS } from "../../components/listing";
import { Moment } from "../../components/time";
import { toast } from "../../components/toasts";
import { PromptBench } from "../../prompts/bench";
import { DeletePrompt } from "../../prompts/delete";
import { draftOf } from "../../prompts/draft";
import { PromptForm } from "../../prompts/form";
import { Versions } from "../../prompts/versions";
import { useResource } from "../../resource";
import { navigate } from "../../router";

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
      <PromptBench draft={draft}>
        <PromptForm key={turn} prompt={prompt} saved={saved} close={toList} changed={setDraft} />
      </PromptBench>
      <section class="card stack" aria-labelledby="prompt-versions">
        <h2 id="prompt-versions">Versions</h2>
        <Versions prompt={prompt} restored={restored} />
      </section>
    </>
  );
}
