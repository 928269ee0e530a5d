/** Changes what can be changed of a batch at any time: name, description, budget, failure limit. */

import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch } from "../../shared/api/types";
import { useEdit } from "../../shared/edits/edit";
import { useResource } from "../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Dialog } from "../../shared/ui/dialog";
import { Field, useRefusals } from "../../shared/ui/field";
import { toast } from "../../shared/ui/toasts";

interface EditProps {
  batch: Batch;
  changed: (batch: Batch) => void;
  close: () => void;
}

export function EditBatch({ batch, changed, close }: EditProps) {
  // Lists and the stream give batches without their tags.
  const fresh = useResource(`edit batch ${batch.id}`, (signal) =>
    api.get("/api/batches/{batch_id}", { path: { batch_id: batch.id }, signal }),
  );
  return (
    <Dialog title="Name and limits" close={close}>
      {fresh.error && <ErrorNotice problem={fresh.error} retry={fresh.reload} />}
      {!fresh.data && !fresh.error && <Skeleton height="26rem" />}
      {fresh.data && <Form batch={fresh.data} changed={changed} close={close} />}
    </Dialog>
  );
}

interface Values {
  name: string;
  description: string;
  budget: string;
  /** In percent. */
  failures: string;
}

const valuesOf = (batch: Batch): Values => ({
  name: batch.name,
  description: batch.description ?? "",
  budget: batch.budget === null ? "" : String(batch.budget),
  failures: batch.failure_limit === null ? "" : String(+(batch.failure_limit * 100).toFixed(6)),
});

const number = (text: string) => (text.trim() ? Number(text) : null);

const isWithin = (text: string, least: number, most: number) => {
  const value = number(text);
  return value === null || (value >= least && value <= most);
};

function faultsOf({ name, budget, failures }: Values): Partial<Record<keyof Values, string>> {
  return {
    ...(name.trim() ? {} : { name: "Give the batch a name." }),
    ...(isWithin(budget, Number.MIN_VALUE, Infinity) ? {} : { budget: "Give an amount above 0, or nothing for no limit." }),
    ...(isWithin(failures, 0, 100) ? {} : { failures: "Give a number from 0 to 100, or nothing for no limit." }),
  };
}

const FIELDS: (keyof Values)[] = ["name", "description", "budget", "failures"];

function Form({ batch, changed, close }: EditProps) {
  const [values, setValues] = useState(() => valuesOf(batch));
  const [busy, setBusy] = useState(false);
  const refusals = useRefusals(FIELDS, { failure_limit: "failures" });
  const edit = useEdit({
    thing: batch,
    load: (one) => api.get("/api/batches/{batch_id}", { path: { batch_id: one.id } }),
    values,
    start: values,
    valuesOf,
    take: setValues,
    tell: ({ name, description, budget, failures }) => ({
      Name: name,
      Description: description,
      "Budget in US dollars": budget,
      "Failure limit in percent": failures,
    }),
  });
  const faults = faultsOf(values);
  const errors = { ...refusals.fields, ...faults };
  const put = (field: keyof Values, value: string) => {
    setValues((old) => ({ ...old, [field]: value }));
    refusals.clear(field);
  };
  const save = async () => {
    if (Object.keys(faults).length > 0) {
      return;
    }
    setBusy(true);
    try {
      const body = {
        name: values.name.trim(),
        description: values.description.trim() || null,
        budget: number(values.budget),
        failure_limit: values.failures.trim() ? Number(values.failures) / 100 : null,
      };
      const stored = await edit.store((headers) =>
        api.patch("/api/batches/{batch_id}", { path: { batch_id: batch.id }, headers, body }),
      );
      if (stored) {
        changed(stored);
        toast(`${stored.name} was saved.`);
        close();
      }
    } catch (error) {
      refusals.take(error);
    }
    setBusy(false);
  };
  const text = (field: keyof Values, label: string, hint?: string, figure?: boolean) => (
    <Field label={label} hint={hint} error={errors[field]}>
      {(control) => (
        <input
          dir="auto"
          {...control}
          class="input"
          autocomplete="off"
          inputMode={figure ? "decimal" : undefined}
          value={values[field]}
          onInput={(event) => put(field, event.currentTarget.value)}
        />
      )}
    </Field>
  );
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {text("name", "Name")}
      <Field label="Description" error={errors.description}>
        {(control) => (
          <textarea
            dir="auto"
            {...control}
            class="input"
            rows={3}
            maxLength={10_000}
            value={values.description}
            onInput={(event) => put("description", event.currentTarget.value)}
          />
        )}
      </Field>
      {text("budget", "Budget in US dollars", "The batch pauses before it would cost more. Empty: no limit.", true)}
      {text(
        "failures",
        "Failure limit in percent of the tasks",
        "When more tasks than that have failed, the batch stops and ends as Failed. Empty: it goes on to the end.",
        true,
      )}
      {refusals.problem && <ErrorNotice problem={refusals.problem} />}
      {edit.notice}
      <div class="dialog-buttons">
        <Button onClick={() => edit.leave(close)}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
