/** Fields of forms: label, hint and what is wrong belong to the field, for eyes and for screen readers. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { problemFrom } from "../api/client";

/** What the element that is filled in has to carry. */
export interface Control {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  class?: string;
  children: (control: Control) => ComponentChildren;
}

export function Field({ label, hint, error, class: classes = "", children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field ${classes}`}>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": Boolean(error) })}
      {error && (
        <span id={`${id}-error`} class="field-error" role="alert">
          {error}
        </span>
      )}
      {hint && (
        <span id={`${id}-hint`} class="quiet small">
          {hint}
        </span>
      )}
    </div>
  );
}

/** What the server did not accept: by field, and what belongs to none. */
export interface Refusals {
  fields: Readonly<Record<string, string>>;
  problem: Problem | undefined;
  /** Take in what was thrown; only problems of `known` fields are shown at fields. */
  take: (error: unknown) => void;
  /** Say of one field what is wrong with it. */
  say: (field: string, message: string) => void;
  /** The field was changed: what was said of it is out of date. */
  clear: (field?: string) => void;
}

const CONFLICT = "urn:docstage:problem:conflict";

/** @param names the form's names of fields where they differ from the API's. */
export function useRefusals(known: readonly string[], names: Readonly<Record<string, string>> = {}): Refusals {
  const [state, setState] = useState<{ fields: Record<string, string>; problem?: Problem | undefined }>({ fields: {} });
  const take = (error: unknown) => {
    const problem = problemFrom(error);
    // The only conflict that a form can meet is a name that is taken.
    const said = problem.type === CONFLICT ? [{ field: "name", message: problem.message }] : problem.errors;
    const placed = said.map(({ field, message }) => ({
      field: known.find((name) => isWithin(names[field] ?? field, name)),
      message,
    }));
    const fields: Record<string, string> = {};
    for (const { field, message } of placed) {
      if (field) {
        fields[field] = sentence(message);
      }
    }
    const all = placed.length > 0 && placed.every((one) => one.field);
    setState({ fields, problem: all ? undefined : problem });
  };
  const clear = (field?: string) =>
    setState((old) => ({
      fields: field ? Object.fromEntries(Object.entries(old.fields).filter(([name]) => name !== field)) : {},
      problem: undefined,
    }));
  const say = (field: string, message: string) => setState({ fields: { [field]: message } });
  return { fields: state.fields, problem: state.problem, take, say, clear };
}

/** `include.2` and `include` are both of the field `include`. */
const isWithin = (field: string, name: string) => field === name || field.startsWith(`${name}.`);

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
