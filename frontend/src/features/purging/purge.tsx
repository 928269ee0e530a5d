/** Deleting for good: what would go is looked up and told first, with what remains; then it is done. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, type Problem, problemFrom } from "../../shared/api/client";
import type { Purge, PurgeChoice } from "../../shared/api/types";
import { bytes, plural } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { Dialog } from "../../shared/ui/dialog";
import { toast } from "../../shared/ui/toasts";

/** Grows when something was deleted, so that lists which may show it are fetched anew. */
export const purges = signal(0);

interface PurgeProps {
  title: string;
  /** What is to go, as the API takes it. */
  choice: PurgeChoice;
  /** What the button says. */
  confirm: string;
  /** What stays, in a sentence or two. */
  children: ComponentChildren;
  done: () => void;
  close: () => void;
}

export function PurgeDialog({ title, choice, confirm, children, done, close }: PurgeProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const found = useResource(`purge ${JSON.stringify(choice)}`, (stop) =>
    api.post("/api/purge", { body: { ...choice, rewrite: false, dry_run: true }, signal: stop }),
  );
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const gone = await api.post("/api/purge", { body: { ...choice, rewrite: false, dry_run: false } });
      toast(gone.done ? "It is deleted." : "It is deleted from all tables. The engine goes on to erase it from the disk.");
      close();
      purges.value += 1;
      done();
    } catch (error) {
      setProblem(problemFrom(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <div class="stack-small" aria-live="polite" aria-busy={!found.data && !found.error}>
        {found.error && <ErrorNotice problem={found.error} retry={found.reload} />}
        {!found.data && !found.error && <Skeleton height="6rem" />}
        {found.data && <Gone found={found.data} whole={!choice.document} />}
        {found.data && children}
        {found.data && <Remaining paths={found.data.remaining} />}
      </div>
      {problem && <ErrorNotice problem={problem} />}
      <div class="dialog-buttons">
        <Button onClick={close}>Back</Button>
        {found.data && (
          <Button kind="danger" busy={busy} onClick={() => void go()}>
            {confirm}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** What goes: whole runs, or out of runs that stay. */
function Gone({ found, whole }: { found: Purge; whole: boolean }) {
  const parts = [
    whole && plural(found.runs, "run"),
    plural(found.documents, "document"),
    plural(found.answers, "answer"),
    found.calls > 0 && `the messages of ${plural(found.calls, "call")}`,
    found.uploads.length > 0 && plural(found.uploads.length, "uploaded file"),
    found.bytes > 0 && `${bytes(found.bytes)} of texts and pictures`,
  ];
  const places = whole ? "" : `, in ${plural(found.runs, "run")} of ${plural(found.batches.length, "batch", "batches")}`;
  return (
    <>
      <p>
        <strong>Will be gone for good{places}:</strong> {parts.filter(Boolean).join(", ")}.
      </p>
      <Paths paths={found.paths} label="Where it was found" />
    </>
  );
}

function Remaining({ paths }: { paths: string[] }) {
  return paths.length > 0 ? (
    <>
      <p>
        {paths.length === 1 ? "The original lies" : "The originals lie"} in a folder of your own, where docstage deletes nothing. The
        next staging would read {paths.length === 1 ? "it" : "them"} again:
      </p>
      <Paths paths={paths} label="Files that remain" />
    </>
  ) : null;
}

const Paths = ({ paths, label }: { paths: string[]; label: string }) =>
  paths.length > 0 ? (
    <ul class="small purge-paths" aria-label={label} tabIndex={0}>
      {paths.map((path) => (
        <li key={path}>
          <bdi>{path}</bdi>
        </li>
      ))}
    </ul>
  ) : null;
