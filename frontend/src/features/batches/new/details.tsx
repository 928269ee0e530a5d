/** The name of a new batch, and its settings. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Draft, Errors } from "./choice";

interface DetailsProps {
  draft: Draft;
  /** The name to use where none is typed. */
  suggestion: string;
  errors: Errors;
  type: (field: keyof Draft, value: string) => void;
  /** Put what was typed into the address. */
  keep: () => void;
  open: boolean;
}

export function Details({ draft, suggestion, errors, type, keep, open }: DetailsProps) {
  const [naming, setNaming] = useState(false);
  const common = (field: keyof Draft) => ({
    id: `new-batch-${field}`,
    name: field,
    "aria-invalid": errors[field] ? true : undefined,
    "aria-describedby": errors[field] ? `new-batch-${field}-error` : `new-batch-${field}-hint`,
    onInput: (event: { currentTarget: { value: string } }) => type(field, event.currentTarget.value),
    onChange: keep,
  });
  return (
    <div class="card stack new-batch-details">
      <Field field="name" label="Name" error={errors.name} hint="Made from what you choose. Change it as you like.">
        <input
          dir="auto"
          {...common("name")}
          class="input"
          maxLength={200}
          autocomplete="off"
          value={naming ? draft.name : draft.name || suggestion}
          onInput={(event) => {
            setNaming(true);
            type("name", event.currentTarget.value);
          }}
          onBlur={() => setNaming(false)}
        />
      </Field>
      <details open={open}>
        <summary>More settings</summary>
        <div class="stack new-batch-settings">
          <Field field="description" label="Description" error={errors.description} hint="For you and others, to know later what this batch was for.">
            <textarea dir="auto" {...common("description")} class="input" rows={3} maxLength={10_000} value={draft.description} />
          </Field>
          <div class="columns">
            <Field
              field="budget"
              label="Budget in US dollars"
              error={errors.budget}
              hint="The batch pauses before it would cost more. Empty: no limit."
            >
              <input dir="auto" {...common("budget")} class="input" inputMode="decimal" autocomplete="off" value={draft.budget} />
            </Field>
            <Field
              field="failures"
              label="Failure limit in percent of the tasks"
              error={errors.failures}
              hint="When more tasks than that have failed, the batch stops and ends as Failed. Empty: it goes on to the end."
            >
              <input dir="auto" {...common("failures")} class="input" inputMode="decimal" autocomplete="off" value={draft.failures} />
            </Field>
          </div>
        </div>
      </details>
    </div>
  );
}

interface FieldProps {
  field: keyof Draft;
  label: string;
  error: string | undefined;
  hint: string;
  children: ComponentChildren;
}

function Field({ field, label, error, hint, children }: FieldProps) {
  return (
    <div class="field">
      <label for={`new-batch-${field}`}>{label}</label>
      {children}
      {error ? (
        <span id={`new-batch-${field}-error`} class="field-error" role="alert">
          {error}
        </span>
      ) : (
        <span id={`new-batch-${field}-hint`} class="quiet small">
          {hint}
        </span>
      )}
    </div>
  );
}
