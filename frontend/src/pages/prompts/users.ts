/** Which batches use which prompts. */

import { api } from "../../api/client";
import { useResource } from "../../resource";

export interface User {
  id: number;
  name: string;
}

/** The batches that were changed last, by the ids of their prompts; undefined until they are known. */
export function useUsers(): Map<number, User[]> | undefined {
  const { data } = useResource("batches by prompt", (signal) =>
    api.get("/api/batches", { query: { limit: 1000 }, signal }),
  );
  if (!data) {
    return undefined;
  }
  const users = new Map<number, User[]>();
  for (const batch of data.items) {
    for (const prompt of batch.prompt_ids) {
      users.set(prompt, [...(users.get(prompt) ?? []), batch]);
    }
  }
  return users;
}
