/** All prompts, searched and sorted by what the address says. */

import "./prompts.css";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Prompt } from "../../shared/api/types";
import { count, plural } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Empty } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { ActionsHeader, SortHeader, TableFrame } from "../../shared/ui/table";
import { Moment } from "../../shared/ui/time";
import { ListPage, PROMPTS, useListQuery } from "../items/list-page";
import { RowActions } from "../items/row-actions";
import { DeletePrompt } from "./delete";
import { isObject } from "./schema";

export function PromptList() {
  const query = useListQuery();
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/prompts", { query, signal }));
  const [deleting, setDeleting] = useState<Prompt>();
  return (
    <>
      <ListPage kind={PROMPTS} list={list} searched="name or text" beginning={<Beginning />}>
        {(prompts) => <Table prompts={prompts} ask={setDeleting} />}
      </ListPage>
      {deleting && <DeletePrompt prompt={deleting} deleted={list.reload} close={() => setDeleting(undefined)} />}
    </>
  );
}

function Beginning() {
  return (
    <Empty title="There are no prompts yet">
      <p>A prompt is what is asked about every document. There are samples to start from.</p>
      <Link href="/prompts/new" class="button" data-kind="primary">
        Write the first prompt
      </Link>
    </Empty>
  );
}

function Table({ prompts, ask }: { prompts: Prompt[]; ask: (prompt: Prompt) => void }) {
  return (
    <TableFrame label="Prompts" cards>
      <thead>
        <tr>
          <SortHeader name="name" standard="name">
            Name
          </SortHeader>
          <th scope="col">Answer</th>
          <th scope="col" class="number">
            Version
          </th>
          <th scope="col" class="number">
            Batches
          </th>
          <SortHeader name="updated_at" standard="name">
            Changed
          </SortHeader>
          <ActionsHeader />
        </tr>
      </thead>
      <tbody>
        {prompts.map((prompt) => (
          <tr key={prompt.id}>
            <th scope="row" class="prompts-name">
              <div>
                <Link href={`/prompts/${prompt.id}`}>{prompt.name}</Link>
              </div>
              <div class="quiet small prompts-text" dir="auto">
                {prompt.text}
              </div>
            </th>
            <td class="nowrap" data-name="Answer">
              {answerOf(prompt)}
            </td>
            <td class="number" data-name="Version">
              {prompt.version}
            </td>
            <td class="number" data-name="Batches">
              {count(prompt.batches)}
            </td>
            <td class="small quiet" data-name="Changed">
              <Moment at={prompt.updated_at} />
            </td>
            <td class="number list-buttons">
              <RowActions
                kind={PROMPTS}
                item={prompt}
                deletion="Remove it with all its versions."
                remove={() => ask(prompt)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function answerOf(prompt: Prompt): string {
  if (!prompt.schema) {
    return "Free text";
  }
  const fields = isObject(prompt.schema["properties"]) ? Object.keys(prompt.schema["properties"]).length : 0;
  return fields ? plural(fields, "field") : "JSON";
}
