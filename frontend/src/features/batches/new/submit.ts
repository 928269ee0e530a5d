/** Sends the new batch, once. */

import { useRef, useState } from "preact/hooks";
import { api, problemFrom, type Problem } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { navigate } from "../../../shared/router";
import type { Draft, Errors } from "./choice";

export interface Wanted {
  name: string;
  draft: Draft;
  folders: number[];
  connections: number[];
  prompts: number[];
}

export type Then = "save" | "stage";

interface Sending {
  busy: boolean;
  problem: Problem | undefined;
  /** Create the batch and go to its page; a second call while the first is under way does nothing. */
  send: (then: Then, wanted: Wanted) => void;
}

export function useSending(): Sending {
  const under = useRef(false);
  const keys = useRef(new Map<string, string>());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async (then: Then, wanted: Wanted) => {
    if (under.current) {
      return;
    }
    under.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      const batch = await create(then, wanted, keys.current);
      navigate(`/batches/${batch.id}`);
    } catch (error) {
      setProblem(problemFrom(error));
      under.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, send: (then, wanted) => void send(then, wanted) };
}

/** The same choice is sent under the same key, so that a second try cannot make a second batch when the first arrived. */
function create(then: Then, wanted: Wanted, keys: Map<string, string>): Promise<Batch> {
  const body = bodyOf(wanted);
  const request = `${then} ${JSON.stringify(body)}`;
  const key = keys.get(request) ?? newKey();
  keys.set(request, key);
  const headers = { "idempotency-key": key };
  return then === "stage"
    ? api.post("/api/batches/stage", { body, headers })
    : api.post("/api/batches/save", { body, headers });
}

/** Not `randomUUID`, which browsers have only on encrypted and local pages. */
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

const bodyOf = ({ name, draft, folders, connections, prompts }: Wanted) => ({
  name,
  description: draft.description.trim() || null,
  folder_ids: folders,
  connection_ids: connections,
  prompt_ids: prompts,
  budget: draft.budget.trim() ? Number(draft.budget) : null,
  failure_limit: draft.failures.trim() ? Number(draft.failures) / 100 : null,
});

const FIELDS: Record<string, keyof Draft> = {
  name: "name",
  description: "description",
  budget: "budget",
  failure_limit: "failures",
};

/** What the server said of single fields. */
export function fieldErrors(problem: Problem | undefined): Errors {
  const found: Errors = {};
  for (const error of problem?.errors ?? []) {
    const field = FIELDS[error.field];
    if (field) {
      found[field] = error.message;
    }
  }
  return found;
}
