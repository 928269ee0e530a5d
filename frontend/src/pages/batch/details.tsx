/** What a batch is made of. It can be changed while the batch is SAVED. */

import { useState } from "preact/hooks";
import { api, Problem } from "../../api/client";
import type { Batch, Connection, Folder, Prompt } from "../../api/types";
import { Button, ErrorNotice, Figures, Skeleton } from "../../components/basic";
import { useEdit } from "../../edits/edit";
import { toast } from "../../components/toasts";
import { money, percent, plural, time } from "../../format";
import { useResource } from "../../resource";
import { Link } from "../../router";

const ALL = { limit: 1000, sort: "name" };

interface Choice {
  folders: Folder[];
  connections: Connection[];
  prompts: Prompt[];
}

interface DetailsProps {
  batch: Batch;
  changed: (batch: Batch) => void;
}

export function Details({ batch, changed }: DetailsProps) {
  const [editing, setEditing] = useState(false);
  const choice = useResource("choice", async (signal): Promise<Choice> => {
    const [folders, connections, prompts] = await Promise.all([
      api.get("/api/folders", { query: ALL, signal }),
      api.get("/api/connections", { query: ALL, signal }),
      api.get("/api/prompts", { query: ALL, signal }),
    ]);
    return { folders: folders.items, connections: connections.items, prompts: prompts.items };
  });
  if (choice.error) {
    return <ErrorNotice problem={choice.error} retry={choice.reload} />;
  }
  if (!choice.data) {
    return <Skeleton height="16rem" />;
  }
  if (editing && batch.status === "SAVED") {
    return <Editing batch={batch} choice={choice.data} changed={changed} close={() => setEditing(false)} />;
  }
  return (
    <div class="stack">
      <div class="head">
        <h2>What it is made of</h2>
        {batch.status === "SAVED" && <Button onClick={() => setEditing(true)}>Edit</Button>}
      </div>
      {batch.status !== "SAVED" && (
        <p class="quiet">
          This can be changed while the batch is Saved
          {batch.allowed_actions.includes("reset") ? ": reset it first." : "."}
        </p>
      )}
      <div class="columns">
        <Members title="Folders" ids={batch.folder_ids} path="folders" items={choice.data.folders} tell={folderText} />
        <Members title="Connections" ids={batch.connection_ids} path="connections" items={choice.data.connections} tell={connectionText} />
        <Members title="Prompts" ids={batch.prompt_ids} path="prompts" items={choice.data.prompts} tell={promptText} />
      </div>
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
          <pre class="card">{JSON.stringify(batch.metadata, null, 2)}</pre>
        </section>
      )}
    </div>
  );
}

const folderText = (folder: Folder) => folder.path;
const connectionText = (connection: Connection) => `${connection.model} by ${connection.provider}`;
const promptText = (prompt: Prompt) => `Version ${prompt.version}${prompt.schema ? ", structured answer" : ""}`;

interface MembersProps<T> {
  title: string;
  path: string;
  ids: number[];
  items: T[];
  tell: (item: T) => string;
}

function Members<T extends { id: number; name: string }>({ title, path, ids, items, tell }: MembersProps<T>) {
  return (
    <section class="card stack-small" aria-label={title}>
      <h3>{title}</h3>
      <ul class="batch-members">
        {ids.map((id) => {
          const item = items.find((one) => one.id === id);
          return (
            <li key={id}>
              <Link href={`/${path}/${id}`}>{item?.name ?? `Number ${id}`}</Link>
              {item && <span class="quiet small">{tell(item)}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface EditProps extends DetailsProps {
  choice: Choice;
  close: () => void;
}

/** The form, with the batch as the server has it: what the stream tells has no tag. */
function Editing(props: EditProps) {
  const fresh = useResource(`edit batch ${props.batch.id}`, (signal) =>
    api.get("/api/batches/{batch_id}", { path: { batch_id: props.batch.id }, signal }),
  );
  if (fresh.error) {
    return <ErrorNotice problem={fresh.error} retry={fresh.reload} />;
  }
  return fresh.data ? <Edit {...props} batch={fresh.data} /> : <Skeleton height="16rem" />;
}

interface Ids {
  folders: number[];
  connections: number[];
  prompts: number[];
}

const idsOf = (batch: Batch): Ids => ({ folders: batch.folder_ids, connections: batch.connection_ids, prompts: batch.prompt_ids });

const namesOf = (items: { id: number; name: string }[], ids: number[]) =>
  ids.map((id) => items.find((one) => one.id === id)?.name ?? `Number ${id}`).join(", ");

function Edit({ batch, choice, changed, close }: EditProps) {
  const [ids, setIds] = useState(() => idsOf(batch));
  const { folders, connections, prompts } = ids;
  const edit = useEdit({
    thing: batch,
    load: (one) => api.get("/api/batches/{batch_id}", { path: { batch_id: one.id } }),
    values: ids,
    start: ids,
    valuesOf: idsOf,
    take: setIds,
    tell: (values) => ({
      Folders: namesOf(choice.folders, values.folders),
      Connections: namesOf(choice.connections, values.connections),
      Prompts: namesOf(choice.prompts, values.prompts),
    }),
  });
  const put = (part: Partial<Ids>) => setIds((old) => ({ ...old, ...part }));
  const [problem, setProblem] = useState<Problem>();
  const complete = folders.length > 0 && connections.length > 0 && prompts.length > 0;
  const save = async () => {
    try {
      const body = { folder_ids: folders, connection_ids: connections, prompt_ids: prompts };
      const stored = await edit.store((headers) =>
        api.patch("/api/batches/{batch_id}", { path: { batch_id: batch.id }, headers, body }),
      );
      if (stored) {
        changed(stored);
        toast(`${stored.name} was saved.`);
        close();
      }
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>What it is made of</h2>
      <div class="columns">
        <Choose title="Folders" items={choice.folders} tell={folderText} chosen={folders} choose={(folders) => put({ folders })} />
        <Choose title="Connections" items={choice.connections} tell={connectionText} chosen={connections} choose={(connections) => put({ connections })} />
        <Choose title="Prompts" items={choice.prompts} tell={promptText} chosen={prompts} choose={(prompts) => put({ prompts })} />
      </div>
      <p class="quiet">
        {complete
          ? `${plural(connections.length * prompts.length, "task")} for every document.`
          : "At least one folder, one connection and one prompt are needed."}
      </p>
      {problem && <ErrorNotice problem={problem} />}
      {edit.notice}
      <div class="dialog-buttons">
        <Button onClick={() => edit.leave(close)}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!complete}>
          Save
        </Button>
      </div>
    </form>
  );
}

interface ChooseProps<T> {
  title: string;
  items: T[];
  tell: (item: T) => string;
  chosen: number[];
  choose: (ids: number[]) => void;
}

function Choose<T extends { id: number; name: string }>({ title, items, tell, chosen, choose }: ChooseProps<T>) {
  const flip = (id: number) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <fieldset class="card batch-choose">
      <legend class="legend">{title}</legend>
      {items.map((item) => (
        <label key={item.id}>
          <input type="checkbox" checked={chosen.includes(item.id)} onChange={() => flip(item.id)} />
          <span>
            {item.name}
            <span class="quiet small">{tell(item)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
