/** Changes what can be changed of a batch at any time: name, description, budget. */

import { useState } from "preact/hooks";
import { api, Problem } from "../api/client";
import type { Batch } from "../api/types";
import { Button, ErrorNotice } from "../components/basic";
import { Dialog } from "../components/dialog";
import { toast } from "../components/toasts";

interface EditProps {
  batch: Batch;
  changed: (batch: Batch) => void;
  close: () => void;
}

export function EditBatch({ batch, changed, close }: EditProps) {
  const [problem, setProblem] = useState<Problem>();
  const save = async (form: HTMLFormElement) => {
    const values = new FormData(form);
    const budget = String(values.get("budget") ?? "").trim();
    try {
      changed(
        await api.patch("/api/batches/{batch_id}", {
          path: { batch_id: batch.id },
          body: {
            name: String(values.get("name")),
            description: String(values.get("description")) || null,
            budget: budget ? Number(budget) : null,
          },
        }),
      );
      toast("Saved.");
      close();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
    }
  };
  return (
    <Dialog title="Name and budget" close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save(event.currentTarget);
        }}
      >
        <div class="field">
          <label for="batch-name">Name</label>
          <input id="batch-name" name="name" class="input" required maxLength={200} value={batch.name} />
        </div>
        <div class="field">
          <label for="batch-description">Description</label>
          <textarea id="batch-description" name="description" class="input" rows={3} value={batch.description ?? ""} />
        </div>
        <div class="field">
          <label for="batch-budget">Budget in US dollars</label>
          <input
            id="batch-budget"
            name="budget"
            class="input"
            type="number"
            min="0.000001"
            step="any"
            inputMode="decimal"
            aria-describedby="batch-budget-hint"
            value={batch.budget ?? ""}
          />
          <span id="batch-budget-hint" class="quiet small">
            The batch pauses before it would cost more. Empty: no limit.
          </span>
        </div>
        {problem && <ErrorNotice problem={problem} />}
        <div class="dialog-buttons">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
