/** What is chosen for a new batch. It lives in the address, so that a link or a reload keeps it. */

import { api } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { currentUrl, setQuery, useQueryList } from "../../../shared/router";

/** What a batch is made of, by the name of its values in the address. */
export type Kind = "folder" | "connection" | "prompt";

/** The chosen numbers of one kind. */
export const useChosen = (kind: Kind) => numbers(useQueryList(kind));

/** Choose one more. */
export function chooseAlso(kind: Kind, id: number): void {
  choose(kind, numbers([...currentUrl.peek().searchParams.getAll(kind), String(id)]));
}

function numbers(texts: string[]): number[] {
  return [...new Set(texts.map(Number))].filter((id) => Number.isSafeInteger(id) && id > 0);
}

/** Choose these and no others of a kind. */
export function choose(kind: Kind, ids: number[]): void {
  setQuery({ [kind]: ids.map(String) }, { replace: true });
}

/** What is typed; texts, as they stand in the fields. */
export interface Draft {
  name: string;
  description: string;
  budget: string;
  /** Percent of the tasks. */
  failures: string;
}

/** What the address says of the fields. */
export function draftIn(query: URLSearchParams): Draft {
  const value = (field: keyof Draft) => query.get(field) ?? "";
  return { name: value("name"), description: value("description"), budget: value("budget"), failures: value("failures") };
}

/** Put the choice and the settings of a batch into the address, in place of `from`. */
export async function copyBatch(id: number, signal: AbortSignal): Promise<Draft> {
  const batch = await api.get("/api/batches/{batch_id}", { path: { batch_id: id }, signal });
  const draft = draftOf(batch);
  setQuery(
    {
      from: null,
      folder: batch.folder_ids.map(String),
      connection: batch.connection_ids.map(String),
      prompt: batch.prompt_ids.map(String),
      ...draft,
    },
    { replace: true },
  );
  return draft;
}

const MOST_LETTERS = 200;

function draftOf(batch: Batch): Draft {
  return {
    name: `Copy of ${batch.name}`.slice(0, MOST_LETTERS),
    description: batch.description ?? "",
    budget: batch.budget === null ? "" : String(batch.budget),
    failures: batch.failure_limit === null ? "" : String(Math.round(batch.failure_limit * 10_000) / 100),
  };
}

/** A name made of what is chosen, "" for nothing. */
export function suggestName(folders: string[], prompts: string[]): string {
  const parts = [few(folders), few(prompts)].filter(Boolean);
  return parts.join(": ").slice(0, MOST_LETTERS);
}

function few(names: string[]): string {
  return names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(" and ");
}

/** Why the fields will not do. */
export type Errors = Partial<Record<keyof Draft, string>>;

/** What is wrong with what was typed, by field. */
export function checkDraft(draft: Draft, unpriced: string[]): Errors {
  const found: Errors = {};
  if (draft.budget.trim() && !between(draft.budget, 0, 1_000_000, true)) {
    found.budget = "Give an amount above 0 and up to 1,000,000, such as 5 or 0.50, or leave it empty.";
  } else if (draft.budget.trim() && unpriced.length > 0) {
    found.budget =
      `The price of ${unpriced.join(", ")} is unknown, so docstage could not hold this budget. ` +
      "Give the connection its prices, or leave the budget empty.";
  }
  if (draft.failures.trim() && !between(draft.failures, 0, 100, false)) {
    found.failures = "Give a number from 0 to 100, or leave it empty.";
  }
  return found;
}

function between(text: string, low: number, high: number, above: boolean): boolean {
  const value = Number(text);
  return Number.isFinite(value) && value <= high && (above ? value > low : value >= low);
}
