/** The form that changes what a SAVED batch is made of. */

import { useState } from "preact/hooks";
import { api, Problem } from "../../../../shared/api/client";
import type { Batch } from "../../../../shared/api/types";
import { useEdit } from "../../../../shared/edits/edit";
import { plural } from "../../../../shared/format";
import { useResource } from "../../../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../../../shared/ui/basic";
import { toast } from "../../../../shared/ui/toasts";
import { type Choice, connectionText, folderText, promptText } from "./choice";

interface EditProps {
  batch: Batch;
  changed: (batch: Batch) => void;
  choice: Choice;
  close: () => void;
}

/** The form, with the batch as the server has it: what the stream tells has no tag. */
export function Editing(props: EditProps) {
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
            <bdi>{item.name}</bdi>
            <span class="quiet small">{tell(item)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
