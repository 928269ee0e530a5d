/** All prompts: searched by what the address says, with the batches that use them. */

import "./prompts.css";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Prompt } from "../../api/types";
import { Button, Empty, ErrorNotice, Skeleton } from "../../components/basic";
import { SearchField, SortHeader, TableFrame } from "../../components/table";
import { plural, shortTime } from "../../format";
import { DeletePrompt } from "../../prompts/delete";
import { isObject } from "../../prompts/schema";
import { useResource } from "../../resource";
import { Link, navigate, useQuery, useTitle, withQuery } from "../../router";
import { useUsers, type User } from "./users";

const PAGE = 100;

export function PromptList() {
  useTitle("Prompts");
  const query = { search: useQuery("search"), sort: useQuery("sort"), cursor: useQuery("cursor"), limit: PAGE };
  const list = useResource(JSON.stringify(query), (signal) => api.get("/api/prompts", { query, signal }));
  const users = useUsers();
  const next = list.data?.next;
  return (
    <>
      <div class="head">
        <h1>Prompts</h1>
        <Link href="/prompts/new" class="button" data-kind="primary">
          New prompt
        </Link>
      </div>
      <div class="prompts-search">
        <SearchField label="Search by name or text" />
      </div>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="24rem" />}
      {list.data?.items.length === 0 && <Nothing searched={Boolean(query.search)} />}
      {list.data && list.data.items.length > 0 && (
        <Table prompts={list.data.items} users={users} deleted={list.reload} />
      )}
      {(next || query.cursor) && (
        <nav class="row" aria-label="Pages">
          {query.cursor && (
            <Link class="button" href={withQuery({ cursor: null })}>
              First page
            </Link>
          )}
          {next && (
            <Link class="button" href={withQuery({ cursor: next })}>
              Next page
            </Link>
          )}
        </nav>
      )}
    </>
  );
}

function Nothing({ searched }: { searched: boolean }) {
  return searched ? (
    <Empty title="No prompt is like that">
      <Button onClick={() => navigate("/prompts")}>Show all</Button>
    </Empty>
  ) : (
    <Empty title="There are no prompts yet">
      <p>A prompt is what is asked about every document. Samples to start from are there.</p>
      <Link href="/prompts/new" class="button" data-kind="primary">
        Make the first prompt
      </Link>
    </Empty>
  );
}

interface TableProps {
  prompts: Prompt[];
  users: Map<number, User[]> | undefined;
  deleted: () => void;
}

function Table({ prompts, users, deleted }: TableProps) {
  const [leaving, setLeaving] = useState<Prompt>();
  return (
    <>
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
            <th scope="col">Used by</th>
            <SortHeader name="updated_at" standard="name">
              Changed
            </SortHeader>
            <th scope="col">
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {prompts.map((prompt) => (
            <tr key={prompt.id}>
              <th scope="row" class="prompts-name">
                <div>
                  <Link href={`/prompts/${prompt.id}`}>{prompt.name}</Link>
                </div>
                <div class="quiet small prompts-text">{prompt.text}</div>
              </th>
              <td class="nowrap" data-name="Answer">{answerOf(prompt)}</td>
              <td class="number" data-name="Version">{prompt.version}</td>
              <td data-name="Used by">{users && <UsedBy users={users.get(prompt.id) ?? []} />}</td>
              <td class="nowrap" data-name="Changed">{shortTime(prompt.updated_at)}</td>
              <td class="number">
                <div class="buttons">
                  <Link class="button" data-size="small" href={`/prompts/${prompt.id}`} aria-label={`Edit ${prompt.name}`}>
                    Edit
                  </Link>
                  <Button kind="plain" size="small" aria-label={`Delete ${prompt.name}`} onClick={() => setLeaving(prompt)}>
                    Delete…
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {leaving && (
        <DeletePrompt
          prompt={leaving}
          deleted={deleted}
          close={() => setLeaving(undefined)}
        />
      )}
    </>
  );
}

function answerOf(prompt: Prompt): string {
  if (!prompt.schema) {
    return "Free text";
  }
  const fields = isObject(prompt.schema["properties"]) ? Object.keys(prompt.schema["properties"]).length : 0;
  return fields ? plural(fields, "field") : "JSON";
}

function UsedBy({ users }: { users: User[] }) {
  const [first] = users;
  if (!first) {
    return <span class="quiet">–</span>;
  }
  return (
    <>
      <Link href={`/batches/${first.id}`}>{first.name}</Link>
      {users.length > 1 && <span class="quiet nowrap"> and {plural(users.length - 1, "other")}</span>}
    </>
  );
}
