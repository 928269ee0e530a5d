/** Everything that can be chosen. */

import { api } from "../../../shared/api/client";
import type { Connection, Folder, Page, Prompt } from "../../../shared/api/types";
import { useResource, type Resource } from "../../../shared/resource";

const PAGE = 1_000;

interface Query {
  limit: number;
  cursor?: string;
}

export interface Lists {
  folder: Resource<Folder[]>;
  connection: Resource<Connection[]>;
  prompt: Resource<Prompt[]>;
}

export function useLists(): Lists {
  return {
    folder: useResource("folders", (signal) => all((query) => api.get("/api/folders", { query, signal }))),
    connection: useResource("connections", (signal) => all((query) => api.get("/api/connections", { query, signal }))),
    prompt: useResource("prompts", (signal) => all((query) => api.get("/api/prompts", { query, signal }))),
  };
}

async function all<T>(load: (query: Query) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page<T> = await load(cursor ? { limit: PAGE, cursor } : { limit: PAGE });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
