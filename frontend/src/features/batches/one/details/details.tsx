/** What a batch is made of: the snapshot of its run, or what the next run will take. It can be changed while it is SAVED. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Batch } from "../../../../shared/api/types";
import { money, percent, time } from "../../../../shared/format";
import { Button, ErrorNotice, Figures, Skeleton } from "../../../../shared/ui/basic";
import { Link } from "../../../../shared/ui/link";
import { LongText } from "../../../../shared/ui/long-text";
import { type Choice, connectionText, folderText, promptText, useChoice } from "./choice";
import { Editing } from "./details-edit";
import { connectionNews, folderNews, type FrozenPrompt, promptNews, type Snapshot, useSnapshot } from "./snapshot";

interface DetailsProps {
  batch: Batch;
  /** An earlier run; undefined means the current one. */
  run: number | undefined;
  changed: (batch: Batch) => void;
}

export function Details({ batch, run, changed }: DetailsProps) {
  const [editing, setEditing] = useState(false);
  const choice = useChoice();
  if (choice.error) {
    return <ErrorNotice problem={choice.error} retry={choice.reload} />;
  }
  if (!choice.data) {
    return <Skeleton height="16rem" />;
  }
  if (editing && batch.status === "SAVED") {
    return <Editing batch={batch} choice={choice.data} changed={changed} close={() => setEditing(false)} />;
  }
  const hasRun = (run ?? batch.run) !== null;
  return (
    <div class="stack">
      <div class="head">
        <h2>What {hasRun ? `run ${run ?? batch.run}` : "it"} is made of</h2>
        {batch.status === "SAVED" && <Button onClick={() => setEditing(true)}>Edit</Button>}
      </div>
      {hasRun ? <OfRun batch={batch} run={run} choice={choice.data} /> : <OfBatch batch={batch} choice={choice.data} />}
      <div class="card">
        <Figures
          items={[
            ["Budget", batch.budget === null ? "none" : money(batch.budget)],
            ["Fails when more failed than", batch.failure_limit === null ? "no limit" : percent(batch.failure_limit)],
            ["Made", time(batch.created_at)],
            ["Changed", time(batch.updated_at)],
          ]}
        />
      </div>
      {Object.keys(batch.metadata).length > 0 && (
        <section class="stack-small" aria-labelledby="metadata">
          <h2 id="metadata">Metadata</h2>
          <pre class="card" dir="auto">
            {JSON.stringify(batch.metadata, null, 2)}
          </pre>
        </section>
      )}
    </div>
  );
}

/** As they were when the run began, whatever has become of them. */
function OfRun({ batch, run, choice }: { batch: Batch; run: number | undefined; choice: Choice }) {
  const found = useSnapshot(batch, run);
  if (found.error) {
    return <ErrorNotice problem={found.error} retry={found.reload} />;
  }
  if (!found.data) {
    return <Skeleton height="12rem" />;
  }
  const { folders, connections, prompts }: Snapshot = found.data;
  return (
    <>
      <p class="quiet">
        As it was when the run began; the answers came from this. What was edited since is taken by the next run
        {batch.allowed_actions.includes("restage") ? ": restage begins it" : ""}. To choose others
        {batch.allowed_actions.includes("reset") ? ", reset the batch first." : ", the batch must be Saved."}
      </p>
      <div class="columns">
        <Members title="Folders" path="folders" items={folders} tell={folderText} news={(one) => folderNews(one, choice)} />
        <Members title="Connections" path="connections" items={connections} tell={connectionText} news={(one) => connectionNews(one, choice)} />
        <Members title="Prompts" path="prompts" items={prompts} tell={promptText} news={(one) => promptNews(one, choice)} more={asked} />
      </div>
    </>
  );
}

/** The prompt as it was sent. */
const asked = (prompt: FrozenPrompt) => (
  <details>
    <summary class="small">What was asked</summary>
    {prompt.system && <LongText text={prompt.system} />}
    <LongText text={prompt.text} />
  </details>
);

function OfBatch({ batch, choice }: { batch: Batch; choice: Choice }) {
  const of = <T extends { id: number; name: string }>(ids: number[], items: T[]): (T | { id: number; name: string })[] =>
    ids.map((id) => items.find((one) => one.id === id) ?? { id, name: `Number ${id}` });
  const told = <T,>(tell: (item: T) => string) => (item: object) => (Object.keys(item).length > 2 ? tell(item as T) : "");
  return (
    <div class="columns">
      <Members title="Folders" path="folders" items={of(batch.folder_ids, choice.folders)} tell={told(folderText)} />
      <Members title="Connections" path="connections" items={of(batch.connection_ids, choice.connections)} tell={told(connectionText)} />
      <Members title="Prompts" path="prompts" items={of(batch.prompt_ids, choice.prompts)} tell={told(promptText)} />
    </div>
  );
}

interface MembersProps<T> {
  title: string;
  path: string;
  items: T[];
  tell: (item: T) => string;
  /** What has become of it since the run began. */
  news?: (item: T) => string;
  more?: (item: T) => ComponentChildren;
}

function Members<T extends { id: number; name: string }>({ title, path, items, tell, news, more }: MembersProps<T>) {
  return (
    <section class="card stack-small" aria-label={title}>
      <h3>{title}</h3>
      <ul class="batch-members">
        {items.map((item) => (
          <li key={item.id}>
            <Link href={`/${path}/${item.id}`}>
              <bdi>{item.name}</bdi>
            </Link>
            <span class="quiet small" dir="auto">
              {tell(item)}
            </span>
            {news?.(item) && <span class="small batch-news">{news(item)}</span>}
            {more?.(item)}
          </li>
        ))}
      </ul>
    </section>
  );
}
