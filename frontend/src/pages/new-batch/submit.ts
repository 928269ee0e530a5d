/** Sends the new batch, once. */

import { useRef, useState } from "preact/hooks";
import { api, Problem } from "../../api/client";
import type { Batch } from "../../api/types";
import { navigate } from "../../router";
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
      const batch = await create(then, wanted);
      navigate(`/batches/${batch.id}`);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
      under.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, send: (then, wanted) => void send(then, wanted) };
}

function create(then: Then, { name, draft, folders, connections, prompts }: Wanted): Promise<Batch> {
  const body = {
    name,
    description: draft.description.trim() || null,
    folder_ids: folders,
    connection_ids: connections,
    prompt_ids: prompts,
    budget: draft.budget.trim() ? Number(draft.budget) : null,
    failure_limit: draft.failures.trim() ? Number(draft.failures) / 100 : null,
  };
  return then === "stage" ? api.post("/api/batches/stage", { body }) : api.post("/api/batches/save", { body });
}

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
