/** Things of the API as tests need them: sound ones, with what a test wants otherwise. */

import type { Batch, Connection, Counts, Progress, Task } from "../src/shared/api/types";

const COUNTS = {
  documents: 4,
  pending: 0,
  encoded: 4,
  unreadable: 0,
  skipped: 0,
  tasks: 4,
  queued: 0,
  running: 0,
  completed: 0,
  failed: 0,
  unsendable: 0,
  cancelled: 0,
};

export type Changes = Omit<Partial<Batch>, "counts" | "progress"> & { counts?: Partial<Counts>; progress?: Partial<Progress> };

export function batchWith({ counts, progress, ...changes }: Changes = {}): Batch {
  return {
    id: 7,
    name: "Letters",
    description: null,
    metadata: {},
    folder_ids: [1],
    connection_ids: [2],
    prompt_ids: [3],
    budget: null,
    failure_limit: null,
    status: "COMPLETED",
    status_reason: null,
    allowed_actions: [],
    run: 1,
    runs: 1,
    failed_tasks: 0,
    counts: { ...COUNTS, ...counts } as Counts,
    progress: { share: 1, rate: 0, eta_seconds: null, cost: 0, unpriced_calls: 0, calls: 0, ...progress } as Progress,
    created_at: "2026-05-01T10:00:00Z",
    updated_at: "2026-05-01T10:00:00Z",
    saved_at: null,
    staging_at: null,
    staged_at: null,
    analyzing_at: null,
    paused_at: null,
    completed_at: null,
    failed_at: null,
    failed_staging_at: null,
    ...changes,
  } as Batch;
}

export function connectionWith(changes: Partial<Connection> = {}): Connection {
  return {
    id: 5,
    name: "Local",
    provider: "openai-compatible",
    model: "qwen",
    base_url: "http://localhost:8080/v1",
    api_key: null,
    limits: { concurrency: 4, requests_per_minute: null, tokens_per_minute: 60_000 },
    temperature: null,
    max_output_tokens: 1024,
    timeout: 120,
    images: false,
    images_override: null,
    price: null,
    prices: null,
    header_names: [],
    extra: {},
    batches: 0,
    created_at: "2026-05-01T10:00:00Z",
    updated_at: "2026-05-01T10:00:00Z",
    ...changes,
  } as Connection;
}

export const taskWith = (id: number, changes: Partial<Task> = {}): Task =>
  ({ id, run: 1, document_id: id, status: "COMPLETED", failure_kind: null, ...changes }) as Task;
