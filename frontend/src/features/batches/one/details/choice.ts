/** What batches can be made of, and how each of it is told in a line. */

import { api } from "../../../../shared/api/client";
import type { Connection, Folder, Prompt } from "../../../../shared/api/types";
import { type Resource, useResource } from "../../../../shared/resource";

const ALL = { limit: 1000, sort: "name" };

export interface Choice {
  folders: Folder[];
  connections: Connection[];
  prompts: Prompt[];
}

/** All folders, connections and prompts as they are now. */
export function useChoice(): Resource<Choice> {
  return useResource("choice", async (signal): Promise<Choice> => {
    const [folders, connections, prompts] = await Promise.all([
      api.get("/api/folders", { query: ALL, signal }),
      api.get("/api/connections", { query: ALL, signal }),
      api.get("/api/prompts", { query: ALL, signal }),
    ]);
    return { folders: folders.items, connections: connections.items, prompts: prompts.items };
  });
}

export const folderText = (folder: { path: string }) => folder.path;
export const connectionText = (connection: { model: string; provider: string }) => `${connection.model} by ${connection.provider}`;
export const promptText = (prompt: { version: number; schema?: unknown }) =>
  `Version ${prompt.version}${prompt.schema ? ", structured answer" : ""}`;
