/** Tries a prompt on one document, as it stands in the form, before a batch asks it about many. */

import "./trial.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, problemFrom, type Problem } from "../../../shared/api/client";
import type { Connection, Folder } from "../../../shared/api/types";
import { bytes, duration } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, Notice, Skeleton } from "../../../shared/ui/basic";
import { Combobox } from "../../../shared/ui/combobox";
import { Field } from "../../../shared/ui/field";
import { Link } from "../../../shared/ui/link";
import { Price } from "../../connections/price";
import { complaintsAbout, questionOf, type Draft } from "../draft";
import { lastChoice, rememberChoice, type Choice } from "./choice";
import { TrialResult, type Trial } from "./trial";

const MOST = 1000;
const TYPING_MS = 250;
const TICK_MS = 200;

export function TryPanel({ draft }: { draft: Draft }) {
  const connections = useResource("connections to try", (signal) => api.get("/api/connections", { query: { limit: MOST }, signal }));
  const folders = useResource("folders to try", (signal) => api.get("/api/folders", { query: { limit: MOST }, signal }));
  const failed = connections.error ?? folders.error;
  if (failed && !(connections.data && folders.data)) {
    return <ErrorNotice problem={failed} retry={() => (connections.reload(), folders.reload())} />;
  }
  if (!connections.data || !folders.data) {
    return <Skeleton height="14rem" />;
  }
  if (connections.data.items.length === 0 || folders.data.items.length === 0) {
    return <Missing connection={connections.data.items.length === 0} folder={folders.data.items.length === 0} />;
  }
  return <Trier draft={draft} connections={connections.data.items} folders={folders.data.items} />;
}

function Missing({ connection, folder }: { connection: boolean; folder: boolean }) {
  return (
    <div class="stack-small">
      <p>A prompt is tried with a connection to a model, on a document of a folder.</p>
      <div class="row">
        {connection && (
          <Link class="button" href="/connections/new">
            Add a connection
          </Link>
        )}
        {folder && (
          <Link class="button" href="/folders/new">
            Add a folder
          </Link>
        )}
      </div>
    </div>
  );
}

interface TrierProps {
  draft: Draft;
  connections: Connection[];
  folders: Folder[];
}

interface State {
  trial?: Trial;
  problem?: Problem;
  /** The draft that was asked, to tell when it has been changed since. */
  asked?: Draft;
  /** When the call that is under way began. */
  since?: number;
}

function Trier({ draft, connections, folders }: TrierProps) {
  const [choice, setChoice] = useState<Choice>(() => known(lastChoice(), connections, folders));
  const [state, setState] = useState<State>({});
  const [complaint, setComplaint] = useState("");
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const put = (part: Partial<Choice>) => {
    const next = { ...choice, ...part };
    setChoice(next);
    setComplaint("");
    rememberChoice(next);
  };
  const go = async () => {
    const wrong = complaintAbout(draft, choice);
    setComplaint(wrong);
    if (wrong || choice.connection === undefined || choice.folder === undefined) {
      return;
    }
    const mine = new AbortController();
    abort.current = mine;
    setState({ asked: draft, since: Date.now() });
    const body = { ...questionOf(draft), connection_id: choice.connection, folder_id: choice.folder, path: choice.path.trim() };
    try {
      const trial = await api.post("/api/prompts/try", { body, signal: mine.signal });
      setState({ trial, asked: draft });
    } catch (error) {
      setState(mine.signal.aborted ? {} : { problem: problemFrom(error), asked: draft });
    }
  };
  const connection = connections.find((one) => one.id === choice.connection);
  const busy = state.since !== undefined;
  return (
    <div class="stack">
      <div class="prompt-try-choice">
        <Field label="Connection">
          {(control) => (
            <select {...control} class="input" value={choice.connection ?? ""} onChange={(event) => put({ connection: Number(event.currentTarget.value) })}>
              {connections.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Folder">
          {(control) => (
            <select
              {...control}
              class="input"
              value={choice.folder ?? ""}
              onChange={(event) => put({ folder: Number(event.currentTarget.value), path: "" })}
            >
              {folders.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <DocumentField folder={choice.folder} path={choice.path} change={(path) => put({ path })} />
      </div>
      <div class="row">
        {busy ? (
          <Button onClick={() => abort.current?.abort()}>Stop waiting</Button>
        ) : (
          <Button kind="soft" onClick={() => void go()}>
            {state.trial ? "Try again" : "Try it"}
          </Button>
        )}
        <span class="quiet small">
          One call is made, outside of every budget. Price: {connection && <Price price={connection.price ?? null} />}
        </span>
      </div>
      <div aria-live="polite" class="stack-small">
        {complaint && <Notice tone="warn">{complaint}</Notice>}
        {state.since !== undefined && <Waiting since={state.since} />}
      </div>
      {state.problem && <ErrorNotice problem={state.problem} />}
      {state.trial && <TrialResult trial={state.trial} stale={isOther(state.asked, draft)} />}
    </div>
  );
}

/** The choice without what has been deleted; what is missing is chosen where there is no doubt. */
function known(choice: Choice, connections: Connection[], folders: Folder[]): Choice {
  const connection = connections.some((one) => one.id === choice.connection) ? choice.connection : connections[0]?.id;
  const there = folders.some((one) => one.id === choice.folder);
  return { connection, folder: there ? choice.folder : folders[0]?.id, path: there ? choice.path : "" };
}

function complaintAbout(draft: Draft, choice: Choice): string {
  const { text, schema } = complaintsAbout(draft);
  return text ?? schema ?? (choice.path.trim() ? "" : "Choose a document.");
}

const isOther = (asked: Draft | undefined, now: Draft) =>
  asked !== undefined && JSON.stringify({ ...asked, name: "" }) !== JSON.stringify({ ...now, name: "" });

interface DocumentFieldProps {
  folder: number | undefined;
  path: string;
  change: (path: string) => void;
}

/** Suggests the documents of a folder, searched by what is typed. */
function DocumentField({ folder, path, change }: DocumentFieldProps) {
  const [search, setSearch] = useState("");
  const found = useResource(JSON.stringify(["documents to try", folder, search]), (signal) =>
    folder === undefined
      ? Promise.resolve(undefined)
      : api.get("/api/folders/{folder_id}/documents", { path: { folder_id: folder }, query: { search }, signal }),
  );
  const last = useRef(found.data);
  last.current = found.data ?? last.current;
  const documents = (found.data ?? last.current)?.documents ?? [];
  const isListed = documents.some((one) => one.path === path);
  useEffect(() => {
    if (isListed || path === search) {
      return;
    }
    const timer = setTimeout(() => setSearch(path), TYPING_MS);
    return () => clearTimeout(timer);
  }, [path, isListed]);
  useEffect(() => {
    last.current = undefined;
    setSearch("");
  }, [folder]);
  const nothing = found.data !== undefined && documents.length === 0;
  return (
    <Field
      label="Document"
      error={found.error?.message ?? (nothing ? (path ? "The folder has no document like that." : "The folder has no documents.") : undefined)}
    >
      {(control) => (
        <Combobox
          control={control}
          value={path}
          change={change}
          placeholder="Search the folder"
          suggestions={documents.map((one) => ({ value: one.path, hint: bytes(one.size) }))}
        />
      )}
    </Field>
  );
}

function Waiting({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="quiet">
      Reading the document and asking the model… <span aria-hidden="true">{duration(Math.floor((now - since) / 1000) || 1)}</span>
    </p>
  );
}
