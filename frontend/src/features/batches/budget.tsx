/** Raises the budget of a batch that has reached it, and goes on. */

import { useState } from "preact/hooks";
import { api, Problem } from "../../shared/api/client";
import type { Batch } from "../../shared/api/types";
import { Button, ErrorNotice } from "../../shared/ui/basic";
import { Dialog } from "../../shared/ui/dialog";
import { carryOut } from "./actions";

interface BudgetProps {
  batch: Batch;
  changed: (batch: Batch) => void;
}

export function BudgetForm({ batch, changed }: BudgetProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async (form: HTMLFormElement) => {
    setBusy(true);
    try {
      const raised = Number(new FormData(form).get("budget"));
      await api.patch("/api/batches/{batch_id}", { path: { batch_id: batch.id }, body: { budget: raised } });
      changed(await carryOut(batch, "resume"));
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
      setBusy(false);
    }
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <label for="batch-raise">Budget in US dollars</label>
      <input
        id="batch-raise"
        key={batch.budget}
        name="budget"
        class="input budget-field"
        type="number"
        min={batch.budget ?? 0}
        step="any"
        inputMode="decimal"
        required
        defaultValue={String(batch.budget ?? "")}
      />
      <Button kind="primary" type="submit" busy={busy}>
        Set and resume
      </Button>
      {problem && <ErrorNotice problem={problem} />}
    </form>
  );
}

export function RaiseBudget({ batch, changed, close }: BudgetProps & { close: () => void }) {
  const done = (fresh: Batch) => {
    changed(fresh);
    close();
  };
  return (
    <Dialog title="Raise the budget" close={close}>
      <p>{batch.status_reason}</p>
      <BudgetForm batch={batch} changed={done} />
    </Dialog>
  );
}
