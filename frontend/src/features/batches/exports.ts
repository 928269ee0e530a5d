/** What can be downloaded of a run's results, and what will be in each file: what is shown of them, or all. */

import { signal } from "@preact/signals";
import { address } from "../../shared/api/client";
import type { Batch } from "../../shared/api/types";
import { count, plural } from "../../shared/format";

/** Which tasks the results table shows at the moment. */
export interface ShownTasks {
  batch: number;
  run: number | undefined;
  /** The filters and the order, as the API takes them. */
  query: object;
  /** Whether it leaves any out. */
  filtered: boolean;
  /** How many they are. */
  tasks: number;
}

/** Kept by the results while they are there. */
export const shownTasks = signal<ShownTasks | undefined>(undefined);

export interface Export {
  /** The format. */
  name: string;
  /** What is in it, such as "the 12 results shown". */
  what: string;
  hint: string;
  href: string;
}

const FORMATS: ["csv" | "jsonl", string, string][] = [
  ["csv", "CSV", "For spreadsheets: a line a task, with all columns, and one for each field of an answer."],
  ["jsonl", "JSON lines", "For programs: a line a task, with every value as it is."],
];

/** The files of a run, those of what is shown first. */
export function exportsOf(batch: Batch, run: number | undefined): Export[] {
  const shown = shownTasks.value;
  const here = shown?.batch === batch.id && shown.run === run ? shown : undefined;
  const sort = here && "sort" in here.query ? { sort: here.query.sort } : {};
  const all = run === undefined ? `all ${count(batch.counts.tasks)} results` : `all results of run ${run}`;
  if (!here?.filtered) {
    return files(batch, { ...sort, run }, all, "");
  }
  const some = here.tasks > 0 ? `the ${plural(here.tasks, "result")} shown` : "nothing";
  const empty = here.tasks > 0 ? "" : " No result is like that: a CSV will have its header only.";
  return [...files(batch, { ...here.query, run }, some, empty), ...files(batch, { ...sort, run }, all, "")];
}

const files = (batch: Batch, query: object, what: string, note: string): Export[] =>
  FORMATS.map(([format, name, hint]) => ({
    name,
    what,
    hint: hint + note,
    href: address("/api/batches/{batch_id}/export", { batch_id: batch.id }, { format, ...query }),
  }));
