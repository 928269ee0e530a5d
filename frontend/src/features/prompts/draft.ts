/** A prompt while it is written: its texts as they stand in the fields, and what of them cannot be saved yet. */

import type { Prompt } from "../../shared/api/types";
import { faultOfFields, fieldsOf } from "./fields";
import { readSchema, type Schema } from "./schema";

export interface Draft {
  name: string;
  text: string;
  system: string;
  /** JSON Schema of the answer, "" for free text. */
  schema: string;
  /** What becomes of documents that are too long for a model. */
  tooLong: TooLong;
}

export type TooLong = Prompt["too_long"];

export const EMPTY: Draft = { name: "", text: "", system: "", schema: "", tooLong: "refuse" };

export const schemaText = (schema: Schema | null | undefined) => (schema ? JSON.stringify(schema, null, 2) : "");

export const draftOf = (prompt: Prompt): Draft => ({
  name: prompt.name,
  text: prompt.text,
  system: prompt.system ?? "",
  schema: schemaText(prompt.schema),
  tooLong: prompt.too_long,
});

/** What is asked, as the API takes it; the schema's text must have been checked. */
export function questionOf(draft: Draft): { text: string; system: string | null; schema: Schema | null } {
  return {
    text: draft.text,
    system: draft.system.trim() ? draft.system : null,
    schema: draft.schema.trim() ? readSchema(draft.schema).schema : null,
  };
}

export type Complaints = Partial<Record<keyof Draft, string>>;

/** Why the draft cannot be saved as it is, by field; nothing when it can. */
export function complaintsAbout(draft: Draft): Complaints {
  const found: Complaints = {};
  if (!draft.name.trim()) {
    found.name = "Give the prompt a name.";
  }
  if (!draft.text.trim()) {
    found.text = "Write what shall be asked about every document.";
  }
  const fault = draft.schema.trim() ? faultOfSchema(draft.schema) : undefined;
  if (fault) {
    found.schema = fault;
  }
  return found;
}

function faultOfSchema(text: string): string | undefined {
  const { schema, problem } = readSchema(text);
  const fields = schema && fieldsOf(schema);
  return problem ?? (fields ? faultOfFields(fields) : undefined);
}

const WIDE = /[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]/g;

/** Roughly how many tokens a text has, by the same rule as estimates of batches. */
export function tokensOf(text: string): number {
  const wide = text.match(WIDE)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 4);
}
