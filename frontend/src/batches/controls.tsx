/** The buttons of a batch: what its status allows, the most usual first, the rest in a menu. */

import { useState } from "preact/hooks";
import type { Action, Batch } from "../api/types";
import { Button } from "../components/basic";
import { Confirm } from "../components/dialog";
import { Menu, type MenuItem } from "../components/menu";
import { toastError } from "../components/toasts";
import { navigate } from "../router";
import { ACTIONS, carryOut, question, runQuestion } from "./actions";
import { DeleteBatch } from "./delete";
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

type Asking = { action: Action; text: string };

export function BatchControls({ batch, changed, size, lead, refuge }: ControlsProps) {
  const [asking, setAsking] = useState<Asking>();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
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
      act: () => setDeleting(true),
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
      {deleting && <DeleteBatch batch={batch} deleted={() => changed(null)} close={() => setDeleting(false)} />}
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

function inOrder(actions: Action[], lead: Action | undefined): Action[] {
  return lead && actions.includes(lead) ? [lead, ...actions.filter((one) => one !== lead)] : actions;
}
