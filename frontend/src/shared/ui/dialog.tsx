/** Dialogs, on the browser's own `<dialog>`, which keeps the focus inside. */

import type { ComponentChildren } from "preact";
import { useContext, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api/client";
import { askFirst, FormScope, Unsaved } from "../edits/unsaved";
import { Button, ErrorNotice } from "./basic";

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  /** At the side of the window, over its whole height. */
  side?: boolean;
}

export function Dialog({ title, close, children, side }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  const around = useContext(FormScope);
  const [inside] = useState(() => new Unsaved(around));
  const dismiss = () => askFirst(close, inside);
  // At once and not after the next picture: the next key may come before that.
  useLayoutEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The element is out of the page already, and so the browser does not give the focus back.
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      data-side={side || undefined}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        dismiss();
      }}
      onClose={() => {
        // Browsers close it by a second Escape whatever is said to the first.
        if (element.current?.isConnected) {
          element.current.showModal();
          dismiss();
        }
      }}
      onClick={(event) => event.target === element.current && dismiss()}
    >
      <div class="dialog-body">
        <div class="head">
          <h2 id={name} dir="auto">
            {title}
          </h2>
          <Button kind="plain" icon aria-label="Close" onClick={dismiss}>
            ✕
          </Button>
        </div>
        <FormScope.Provider value={inside}>{children}</FormScope.Provider>
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ComponentChildren;
  /** What the button that goes on says. */
  confirm: string;
  danger?: boolean;
  act: () => Promise<unknown>;
  close: () => void;
}

/** Asks before something is done that costs work or money. */
export function Confirm({ title, children, confirm, danger, act, close }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const go = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <div class="stack-small">{children}</div>
      {problem && <ErrorNotice problem={problem} />}
      <div class="dialog-buttons">
        <Button onClick={close}>Back</Button>
        <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={() => void go()}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
