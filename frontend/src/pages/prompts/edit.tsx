/** One prompt: its text, its versions, and trying it. */

import "./prompts.css";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Prompt } from "../../api/types";
import { Button, ErrorNotice, Skeleton } from "../../components/basic";
import { toast } from "../../components/toasts";
import { PromptBench } from "../../prompts/bench";
import { DeletePrompt } from "../../prompts/delete";
import { draftOf } from "../../prompts/draft";
import { PromptForm } from "../../prompts/form";
import { Versions } from "../../prompts/versions";
import { useResource } from "../../resource";
import { Link, navigate, useTitle } from "../../router";
import { useUsers, type User } from "./users";

export function EditPromptPage({ id }: { id: number }) {
  const found = useResource(`prompt ${id}`, (signal) =>
    api.get("/api/prompts/{prompt_id}", { path: { prompt_id: id }, signal }),
  );
  useTitle(found.data?.name ?? "Prompt");
  const users = useUsers()?.get(id) ?? [];
  if (found.error && !found.data) {
    return (
      <>
        <h1>Prompt {id}</h1>
        <ErrorNotice problem={found.error} retry={found.reload} />
        <Link href="/prompts">All prompts</Link>
      </>
    );
  }
  if (!found.data) {
    return <Skeleton height="40rem" />;
  }
  return <Editor prompt={found.data} users={users} put={(prompt) => found.set(() => prompt)} />;
}

interface EditorProps {
  prompt: Prompt;
  users: User[];
  put: (prompt: Prompt) => void;
}

function Editor({ prompt, users, put }: EditorProps) {
  const [leaving, setLeaving] = useState(false);
  const [draft, setDraft] = useState(() => draftOf(prompt));
  useEffect(() => setDraft(draftOf(prompt)), [prompt.version]);
  const saved = (next: Prompt) => {
    toast(next.version === prompt.version ? "Saved." : `Saved as version ${next.version}.`);
    put(next);
  };
  const all = () => navigate("/prompts");
  return (
    <>
      <div class="head">
        <div>
          <Link href="/prompts">← Prompts</Link>
          <h1>{prompt.name}</h1>
          <p class="quiet">
            Version {prompt.version}. <UsedBy users={users} />
          </p>
        </div>
        <Button onClick={() => setLeaving(true)}>Delete…</Button>
      </div>
      <PromptBench draft={draft}>
        <PromptForm key={prompt.version} prompt={prompt} saved={saved} close={all} changed={setDraft} />
      </PromptBench>
      <section class="card stack" aria-labelledby="prompt-versions">
        <h2 id="prompt-versions">Versions</h2>
        <Versions prompt={prompt} restored={put} />
      </section>
      {leaving && <DeletePrompt prompt={prompt} deleted={all} close={() => setLeaving(false)} />}
    </>
  );
}

/** A batch that was staged keeps the version it was staged with. */
function UsedBy({ users }: { users: User[] }) {
  if (users.length === 0) {
    return <>No batch uses it.</>;
  }
  return (
    <>
      Used by{" "}
      {users.slice(0, 5).map((user, index) => (
        <span key={user.id}>
          {index > 0 && ", "}
          <Link href={`/batches/${user.id}`}>{user.name}</Link>
        </span>
      ))}
      {users.length > 5 && ` and ${users.length - 5} more`}. What is staged already keeps the version it was staged with.
    </>
  );
}
