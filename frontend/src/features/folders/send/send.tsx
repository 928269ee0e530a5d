/** Sends files from this device to the server, and makes a folder of them. */

import "../form/form.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Folder } from "../../../shared/api/types";
import { bytes, count, plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, ProgressBar } from "../../../shared/ui/basic";
import { Field, type Refusals, useRefusals } from "../../../shared/ui/field";
import { fromDrop, fromInput, type Gathered } from "./gather";
import { type Failed, Sending } from "./sending";

const MIB = 1024 * 1024;
const LISTED = 200;

interface SendFilesProps {
  saved: (folder: Folder) => void;
  /** Without it there is no way back: the form stands on a page of its own. */
  close?: () => void;
}

export function SendFiles({ saved, close }: SendFilesProps) {
  const [gathered, setGathered] = useState<Gathered>();
  const [name, setName] = useState("");
  const [sending, setSending] = useState<Sending>();
  const [busy, setBusy] = useState(false);
  const refusals = useRefusals(["name"]);
  const server = useResource("server", (signal) => api.get("/api", { signal }));
  useEffect(() => () => sending?.cancel(), [sending]);

  const begin = async (found: Gathered) => {
    setBusy(true);
    try {
      if (await isTaken(name.trim())) {
        refusals.say("name", "There is a folder of that name already. Choose another one.");
      } else {
        setSending(new Sending(found.files, name, (server.data?.max_file_mb ?? Infinity) * MIB));
      }
    } catch (error) {
      refusals.take(error);
    }
    setBusy(false);
  };
  const again = () => {
    sending?.cancel();
    setSending(undefined);
  };

  if (sending) {
    return <Progress sending={sending} name={name.trim()} saved={saved} again={again} />;
  }
  if (!gathered || gathered.files.length === 0) {
    return (
      <div class="stack">
        <DropZone
          take={(found) => {
            setGathered(found);
            setName(found.name || `Files of ${new Date().toLocaleDateString()}`);
          }}
        />
        {gathered && (
          <p class="field-error" role="alert">
            {gathered.hidden > 0 ? "All of these are hidden files, whose names begin with a dot; they are not sent." : "There are no files in it."}
          </p>
        )}
        {close && (
          <div class="dialog-buttons">
            <Button onClick={close}>Cancel</Button>
          </div>
        )}
      </div>
    );
  }
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void begin(gathered);
      }}
    >
      <Chosen gathered={gathered} />
      <NameField name={name} setName={setName} refusals={refusals} />
      {refusals.problem && <ErrorNotice problem={refusals.problem} />}
      <div class="dialog-buttons">
        <Button onClick={() => setGathered(undefined)}>Choose others</Button>
        <Button kind="primary" type="submit" disabled={busy || !server.data || !name.trim()}>
          {`Send ${plural(gathered.files.length, "file")}`}
        </Button>
      </div>
    </form>
  );
}

function NameField({ name, setName, refusals }: { name: string; setName: (name: string) => void; refusals: Refusals }) {
  return (
    <Field label="Name" hint="What the folder of these files is called here." error={refusals.fields["name"]}>
      {(control) => (
        <input
          dir="auto"
          {...control}
          class="input"
          autocomplete="off"
          required
          maxLength={200}
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
            refusals.clear("name");
          }}
        />
      )}
    </Field>
  );
}

/** Takes files that are dropped anywhere in the window while it is shown, or picked with its buttons. */
function DropZone({ take }: { take: (gathered: Gathered) => void }) {
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState(false);
  const [failed, setFailed] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const dragged = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) {
        event.preventDefault();
        setOver(true);
      }
    };
    const left = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const dropped = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) {
        return;
      }
      event.preventDefault();
      setOver(false);
      setReading(true);
      setFailed(false);
      fromDrop(event.dataTransfer)
        .then((found) => latest.current(found), () => setFailed(true))
        .finally(() => setReading(false));
    };
    addEventListener("dragover", dragged);
    addEventListener("dragleave", left);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", dragged);
      removeEventListener("dragleave", left);
      removeEventListener("drop", dropped);
    };
  }, []);
  const picked = (input: HTMLInputElement) => {
    if (input.files?.length) {
      take(fromInput(input.files));
    }
    input.value = "";
  };
  return (
    <div class="folders-drop" data-over={over || undefined} aria-busy={reading}>
      <p>
        <strong>{reading ? "Reading what you dropped…" : "Drop files or whole folders here"}</strong>
      </p>
      <p class="quiet small">They are copied to the server and stay there until somebody deletes them.</p>
      <div class="row folders-drop-buttons">
        <Button onClick={() => files.current?.click()}>Choose files…</Button>
        <Button onClick={() => folder.current?.click()}>Choose a folder…</Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to send"
        onChange={(event) => picked(event.currentTarget)}
      />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        aria-label="Folder to send"
        onChange={(event) => picked(event.currentTarget)}
      />
      {failed && (
        <p class="field-error" role="alert">
          What you dropped could not be read. Choose it with a button.
        </p>
      )}
    </div>
  );
}

function Chosen({ gathered }: { gathered: Gathered }) {
  const { files, hidden } = gathered;
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <div class="stack-small">
      <p>
        <strong>{plural(files.length, "file")}</strong>, {bytes(size)}
        {hidden > 0 && <span class="quiet">; {plural(hidden, "hidden file")} left out</span>}
      </p>
      <div class="folders-found-list folders-chosen" tabIndex={0} role="region" aria-label="Files to send">
        <ul class="folders-found-items">
          {files.slice(0, LISTED).map(({ path, file }) => (
            <li key={path}>
              <span>{path}</span>
              <span class="number quiet">{bytes(file.size)}</span>
            </li>
          ))}
        </ul>
        {files.length > LISTED && <p class="quiet small">and {count(files.length - LISTED)} more</p>}
      </div>
    </div>
  );
}

interface ProgressProps {
  sending: Sending;
  name: string;
  saved: (folder: Folder) => void;
  again: () => void;
}

/** Shows how far it is; adds the folder when all files have arrived. */
function Progress({ sending, name, saved, again }: ProgressProps) {
  const { phase, done, sent, failed } = sending.state.value;
  const refusals = useRefusals([]);
  const [adding, setAdding] = useState(false);
  const add = async () => {
    setAdding(true);
    refusals.clear();
    try {
      saved(await api.post("/api/folders", { body: { path: sending.folder ?? "", name, recursive: true, hidden: false } }));
    } catch (error) {
      refusals.take(error);
      setAdding(false);
    }
  };
  const complete = phase === "finished" && failed.length === 0;
  useEffect(() => {
    if (complete) {
      void add();
    }
  }, [complete]);
  const share = sending.size > 0 ? sent / sending.size : done / sending.total;
  return (
    <div class="stack">
      <div class="stack-small">
        <ProgressBar share={share} label="Files sent" />
        <p role="status">
          {heading(phase, failed.length)} {count(done)} of {plural(sending.total, "file")}, {bytes(sent)} of {bytes(sending.size)}
        </p>
      </div>
      {failed.length > 0 && <FailedFiles failed={failed} />}
      {refusals.problem && <ErrorNotice problem={refusals.problem} retry={() => void add()} />}
      <div class="dialog-buttons">
        {phase === "sending" ? (
          <Button onClick={() => sending.cancel()}>Cancel</Button>
        ) : (
          !complete && (
            <>
              <Button onClick={again}>{phase === "cancelled" ? "Begin again" : "Choose others"}</Button>
              {failed.length > 0 && <Button onClick={() => sending.retry()}>Try these again</Button>}
              {done > 0 && (
                <Button kind="primary" busy={adding} onClick={() => void add()}>
                  {`Add the ${plural(done, "file")} that arrived`}
                </Button>
              )}
            </>
          )
        )}
      </div>
    </div>
  );
}

function heading(phase: string, failed: number): string {
  if (phase === "sending") {
    return "Sending:";
  }
  return phase === "cancelled" ? "Cancelled:" : failed > 0 ? "Not all arrived:" : "All arrived:";
}

function FailedFiles({ failed }: { failed: Failed[] }) {
  return (
    <div class="notice stack-small" data-tone="bad" role="alert">
      <strong>{`${plural(failed.length, "file")} could not be sent`}</strong>
      <ul class="folders-failed stack-small" tabIndex={0} aria-label="Files that could not be sent">
        {failed.slice(0, LISTED).map(({ picked, reason }) => (
          <li key={picked.path} dir="auto">
            {picked.path}
            <div class="quiet small">{reason}</div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Whether a folder has that name; better known before gigabytes were sent. */
async function isTaken(name: string): Promise<boolean> {
  const page = await api.get("/api/folders", { query: { search: name, limit: 1000 } });
  return page.items.some((folder) => folder.name === name);
}
