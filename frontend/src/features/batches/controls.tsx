/** The buttons of a batch: what its status allows, the most usual first, the rest in a menu. */

import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Action, Batch } from "../../shared/api/types";
import { navigate } from "../../shared/router";
import { Button } from "../../shared/ui/basic";
import { Confirm } from "../../shared/ui/dialog";
import { Menu, type MenuItem } from "../../shared/ui/menu";
import { toastError } from "../../shared/ui/toasts";
import { PurgeRuns } from "../purging/choices";
import { ACTIONS, carryOut, hintOf, question, runQuestion } from "./actions";
import { RaiseBudget } from "./budget";
import { DeleteBatch } from "./delete";
import { EditBatch } from "./edit";
import { ExportButton, exportItems } from "./export";
import { nextSteps, offered, type Step } from "./next";
import { isActive } from "./status";

interface ControlsProps {
  batch: Batch;
  /** Told of the batch as it is after an action, or null when it was deleted. */
  changed: (batch: Batch | null) => void;
  size?: "small";
  /** An earlier run that is shown, and exported. */
  run?: number | undefined;
  /** The first button takes the focus when what has it goes away. */
  refuge?: boolean;
}

type Asking = { action: Action; text: string };

export function BatchControls({ batch, changed, size, run, refuge }: ControlsProps) {
  const [asking, setAsking] = useState<Asking>();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [purging, setPurging] = useState(false);
  const [busy, setBusy] = useState(false);
  const [raising, setRaising] = useState(false);
  const { first, beside } = nextSteps(batch, run);
  const buttons = size ? [] : beside;
  const others = offered(batch).filter((action) => action !== first && !buttons.includes(action));

  const act = async (action: Action) => {
    changed(await carryOut(batch, action));
  };
  const refresh = async () => {
    changed(await api.get("/api/batches/{batch_id}", { path: { batch_id: batch.id } }));
  };
  const begin = async (action: Action) => {
    setBusy(true);
    try {
      const text = action === "run" ? await runQuestion(batch) : question(batch, action);
      if (text === null) {
        await act(action);
      } else {
        setAsking({ action, text });
      }
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  const items: MenuItem[] = [
    ...(size && beside.includes("export") ? exportItems(batch, run, "Export as ") : []),
    ...others.map((action) => ({ name: ACTIONS[action].name, hint: hintOf(batch, action), act: () => void begin(action) })),
    {
      name: "Use as template",
      hint: "Begin a new batch with the same choice and settings.",
      act: () => navigate(`/batches/new?from=${batch.id}`),
    },
    { name: "Name and limits", hint: "Change name, description, budget and failure limit.", act: () => setEditing(true) },
    ...(batch.runs > 0 && !isActive(batch)
      ? [
          {
            name: "Purge all runs…",
            hint: "Remove documents, answers and calls of all runs. The batch stays, as Saved.",
            act: () => setPurging(true),
          },
        ]
      : []),
    {
      name: "Delete…",
      hint: "Remove the batch with all its runs and results.",
      act: () => setDeleting(true),
    },
  ];
  const button = (step: Step, kind: "primary" | "soft" | undefined) => {
    if (step === "export") {
      return <ExportButton key={step} batch={batch} run={run} kind={kind} size={size} />;
    }
    const [name, hint] = step === "budget" ? ["Raise the budget", "Set a higher budget and go on."] : [ACTIONS[step].name, hintOf(batch, step)];
    return (
      <Button
        kind={kind}
        size={size}
        busy={busy}
        title={hint}
        aria-label={size ? `${name} ${batch.name}` : undefined}
        onClick={() => (step === "budget" ? setRaising(true) : void begin(step))}
      >
        {name}
      </Button>
    );
  };
  return (
    <div class="buttons" data-refuge={refuge || undefined}>
      {first && button(first, first === "cancel" || first === "pause" ? undefined : size ? "soft" : "primary")}
      {buttons.map((step) => button(step, undefined))}
      <Menu label={`More actions for ${batch.name}`} items={items} size={size} />
      {raising && <RaiseBudget batch={batch} changed={changed} close={() => setRaising(false)} />}
      {editing && <EditBatch batch={batch} changed={changed} close={() => setEditing(false)} />}
      {deleting && <DeleteBatch batch={batch} deleted={() => changed(null)} close={() => setDeleting(false)} />}
      {purging && (
        <PurgeRuns batch={batch} done={() => void refresh().catch(toastError)} close={() => setPurging(false)} />
      )}
      {asking && (
        <Confirm
          title={`${ACTIONS[asking.action].name}: ${batch.name}`}
          confirm={ACTIONS[asking.action].name}
          danger={asking.action === "cancel"}
          act={() => act(asking.action)}
          close={() => setAsking(undefined)}
        >
          <p>{asking.text}</p>
        </Confirm>
      )}
    </div>
  );
}
