/** How to get the first folder, connection and prompt, and further ones, without leaving the page. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { api, problemFrom, type Problem } from "../../../shared/api/client";
import type { Connection, Folder, Prompt } from "../../../shared/api/types";
import { Button, ErrorNotice } from "../../../shared/ui/basic";
import { Dialog } from "../../../shared/ui/dialog";
import { Offers } from "../../connections/detect";
import { ConnectionForm } from "../../connections/form/form";
import type { ConnectionValues } from "../../connections/form/values";
import { AddFolder } from "../../folders/add";
import { SendFiles } from "../../folders/send/send";
import { SampleGallery } from "../../prompts/gallery";
import { NewPrompt } from "../../prompts/new";
import { samplePrompt } from "../trial";

interface AddProps<T> {
  /** Told of what was made or found. */
  added: (one: T) => void;
}

export function AddFolderButton({ added }: AddProps<Folder>) {
  return (
    <DialogButton name="Add a folder" size="small">
      {(close) => <AddFolder saved={andClose(added, close)} close={close} />}
    </DialogButton>
  );
}

export function NoFolders({ added }: AddProps<Folder>) {
  const quick = useQuick(added);
  return (
    <div class="stack">
      <SendFiles saved={added} />
      <p class="quiet small">Or use documents that are on the server already:</p>
      <div class="row">
        <DialogButton name="Choose a folder there…" title="Add a folder" size="small">
          {(close) => <AddFolder way="server" saved={andClose(added, close)} close={close} />}
        </DialogButton>
        <Button size="small" busy={quick.busy} onClick={() => quick.get(() => api.post("/api/folders/samples"))}>
          Use sample documents
        </Button>
      </div>
      {quick.problem && <ErrorNotice problem={quick.problem} />}
    </div>
  );
}

interface AddConnectionProps extends AddProps<Connection> {
  /** The connections that are there already. */
  existing: Connection[];
}

export function AddConnectionButton({ existing, added }: AddConnectionProps) {
  return (
    <DialogButton name="Add a connection" size="small">
      {(close) => <AddConnection existing={existing} added={andClose(added, close)} close={close} />}
    </DialogButton>
  );
}

/** What was found, and the form for anything else. */
function AddConnection({ existing, added, close }: AddConnectionProps & { close: () => void }) {
  const [start, setStart] = useState<Partial<ConnectionValues>>();
  if (start) {
    return <ConnectionForm start={start} saved={added} close={close} />;
  }
  return (
    <div class="stack">
      <Offers existing={existing} added={added} open={setStart} />
      <div class="dialog-buttons">
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" onClick={() => setStart({})}>
          Another one…
        </Button>
      </div>
    </div>
  );
}

export function NoConnections({ added }: AddProps<Connection>) {
  const [start, setStart] = useState<Partial<ConnectionValues>>();
  const close = () => setStart(undefined);
  return (
    <div class="stack">
      <Offers existing={[]} added={added} open={setStart} />
      <div>
        <Button size="small" aria-haspopup="dialog" onClick={() => setStart({})}>
          Another one…
        </Button>
      </div>
      {start && (
        <Dialog title="Add a connection" close={close}>
          <ConnectionForm start={start} saved={andClose(added, close)} close={close} />
        </Dialog>
      )}
    </div>
  );
}

export function AddPromptButton({ added }: AddProps<Prompt>) {
  return (
    <DialogButton name="Add a prompt" size="small">
      {(close) => <NewPrompt saved={andClose(added, close)} close={close} />}
    </DialogButton>
  );
}

export function NoPrompts({ added }: AddProps<Prompt>) {
  const quick = useQuick(added);
  return (
    <div class="stack">
      <div class="head">
        <p class="quiet small">Take one of these as it is, or write your own.</p>
        <DialogButton name="Write my own" title="Add a prompt" size="small">
          {(close) => <NewPrompt saved={andClose(added, close)} close={close} />}
        </DialogButton>
      </div>
      {quick.problem && <ErrorNotice problem={quick.problem} />}
      <div class="new-batch-samples">
        <SampleGallery choose={(draft) => quick.get(() => samplePrompt(draft))} />
      </div>
    </div>
  );
}

interface DialogButtonProps {
  name: string;
  title?: string;
  size?: "small";
  children: (close: () => void) => ComponentChildren;
}

/** A button that opens a form. */
function DialogButton({ name, title = name, size, children }: DialogButtonProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button size={size} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {name}
      </Button>
      {open && (
        <Dialog title={title} close={close}>
          {children(close)}
        </Dialog>
      )}
    </>
  );
}

function andClose<T>(added: (one: T) => void, close: () => void): (one: T) => void {
  return (one) => {
    added(one);
    close();
  };
}

interface Quick<T> {
  busy: boolean;
  problem: Problem | undefined;
  /** Get one; does nothing while the last is under way. */
  get: (make: () => Promise<T>) => void;
}

/** One click that makes something. */
function useQuick<T>(added: (one: T) => void): Quick<T> {
  const under = useRef(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const get = async (make: () => Promise<T>) => {
    if (under.current) {
      return;
    }
    under.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      added(await make());
    } catch (error) {
      setProblem(problemFrom(error));
    }
    under.current = false;
    setBusy(false);
  };
  return { busy, problem, get: (make) => void get(make) };
}
