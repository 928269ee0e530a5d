/** What can be downloaded of a run's results, and what will be in each file: what is shown of them, or all. */

import { signal } from "@preact/signals";
import { address } from "../../shared/api/client";
import type { Batch, ExportFormat } from "../../shared/api/types";
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

/** The formats that the server has, the usual one first; kept by the shell, none before it has answered. */
export const exportFormats = signal<readonly ExportFormat[]>([]);

/** The files of a run, those of what is shown first. */
export function exportsOf(batch: Batch, run: number | undefined): Export[] {
  const shown = shownTasks.value;
  const here = shown?.batch === batch.id && shown.run === run ? shown : undefined;
  const sort = here && "sort" in here.query ? { sort: here.query.sort } : {};
  const all = run === undefined ? `all ${count(batch.counts.tasks)} results` : `all results of run ${run}`;
  if (!here?.filtered) {
    return files(batch, { ...sort, run }, all);
  }
  const some = here.tasks > 0 ? `the ${plural(here.tasks, "result")} shown` : "nothing";
  const note = here.tasks > 0 ? () => "" : noteOfNothing;
  return [...files(batch, { ...here.query, run }, some, note), ...files(batch, { ...sort, run }, all)];
}

const noteOfNothing = ({ has_header }: ExportFormat) =>
  ` No result is like that: the file will ${has_header ? "have its header only" : "be empty"}.`;

const files = (batch: Batch, query: object, what: string, note: (format: ExportFormat) => string = () => ""): Export[] =>
  exportFormats.value.map((format) => ({
    name: format.title,
    what,
    hint: format.description + note(format),
    href: address("/api/batches/{batch_id}/export", { batch_id: batch.id }, { format: format.name, ...query }),
  }));
