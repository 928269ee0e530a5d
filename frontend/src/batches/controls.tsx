/** The buttons of a batch: what its status allows, the most usual first, the rest in a menu. */

import { useState } from "preact/hooks";
import { api, onlyIfUnchanged } from "../api/client";
import type { Action, Batch } from "../api/types";
import { Button } from "../components/basic";
import { Confirm } from "../components/dialog";
import { Menu, type MenuItem } from "../components/menu";
import { toast, toastError } from "../components/toasts";
import { navigate } from "../router";
import { ACTIONS, carryOut, question, runQuestion } from "./actions";
import { EditBatch } from "./edit";

interface ControlsProps {
  batch: Batch;
  /** Told of the batch as it is after an action, or null when it was deleted. */
  changed: (batch: Batch | null) => void;
  size?: "small";
  /** The action that comes first where it is allowed; default: the API's order. */
  lead?: Action;
  /** The first button takes the focus when what has it goes away. */
  refuge?: boolean;
}

type Asking = { action: Action | "delete"; text: string };

const DANGEROUS: ReadonlySet<Action | "delete"> = new Set(["cancel", "delete"]);

export function BatchControls({ batch, changed, size, lead, refuge }: ControlsProps) {
  const [asking, setAsking] = useState<Asking>();
  const [editing, setEditing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [first, ...others] = inOrder(batch.allowed_actions, lead);

  const act = async (action: Action) => {
    changed(await carryOut(batch, action));
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
  const remove = async () => {
    await api.delete("/api/batches/{batch_id}", { path: { batch_id: batch.id }, headers: onlyIfUnchanged(batch) });
    toast(`${batch.name} was deleted.`);
    changed(null);
  };
  const items: MenuItem[] = [
    ...others.map((action) => ({ name: ACTIONS[action].name, hint: ACTIONS[action].hint, act: () => void begin(action) })),
    {
      name: "Use as template",
      hint: "Begin a new batch with the same choice and settings.",
      act: () => navigate(`/batches/new?from=${batch.id}`),
    },
    { name: "Name and limits", hint: "Change name, description, budget and failure limit.", act: () => setEditing(true) },
    {
      name: "Delete…",
      hint: "Remove the batch with all its runs and results.",
      act: () => setAsking({ action: "delete", text: "All its runs and results are deleted for good. Its events stay in the log." }),
    },
  ];
  return (
    <div class="buttons" data-refuge={refuge || undefined}>
      {first && (
        <Button
          kind={first === "cancel" || first === "pause" ? undefined : size ? "soft" : "primary"}
          size={size}
          busy={busy}
          title={ACTIONS[first].hint}
          aria-label={size ? `${ACTIONS[first].name} ${batch.name}` : undefined}
          onClick={() => void begin(first)}
        >
          {ACTIONS[first].name}
        </Button>
      )}
      <Menu label={`More actions for ${batch.name}`} items={items} size={size} />
      {editing && <EditBatch batch={batch} changed={changed} close={() => setEditing(false)} />}
      {asking && (
        <Confirm
          title={`${asking.action === "delete" ? "Delete" : ACTIONS[asking.action].name}: ${batch.name}`}
          confirm={asking.action === "delete" ? "Delete" : ACTIONS[asking.action].name}
          danger={DANGEROUS.has(asking.action)}
          act={() => (asking.action === "delete" ? remove() : act(asking.action))}
          close={() => setAsking(undefined)}
        >
          <p>{asking.text}</p>
        </Confirm>
      )}
    </div>
  );
}

function inOrder(actions: Action[], lead: Action | undefined): Action[] {
  return lead && actions.includes(lead) ? [lead, ...actions.filter((one) => one !== lead)] : actions;
}
