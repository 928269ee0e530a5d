/** Choose folders, connections and prompts on one page, see what it comes to, and save or stage it. */

import "./new-batch.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { problemFrom, type Problem } from "../../../shared/api/client";
import { currentUrl, setQuery, useQuery, useTitle } from "../../../shared/router";
import { ErrorNotice } from "../../../shared/ui/basic";
import { TrialButton } from "../trial";
import { AddConnectionButton, AddFolderButton, AddPromptButton, NoConnections, NoFolders, NoPrompts } from "./begin";
import { checkDraft, choose, chooseAlso, copyBatch, draftIn, suggestName, useChosen, type Draft, type Kind } from "./choice";
import { total, useCounts } from "./counts";
import { Details } from "./details";
import { ConnectionLine, connectionText, FolderLine, PromptLine } from "./lines";
import { useLists } from "./lists";
import { Picker } from "./picker";
import { fieldErrors, useSending, type Then } from "./submit";
import { Summary } from "./summary";

const FORM = "new-batch-form";
const WANTED: Record<Kind, string> = {
  folder: "Choose at least one folder.",
  connection: "Choose at least one connection.",
  prompt: "Choose at least one prompt.",
};

export default function NewBatchPage() {
  useTitle("New batch");
  const lists = useLists();
  const ids = { folder: useChosen("folder"), connection: useChosen("connection"), prompt: useChosen("prompt") };
  const folders = among(lists.folder.data, ids.folder);
  const connections = among(lists.connection.data, ids.connection);
  const prompts = among(lists.prompt.data, ids.prompt);
  const countOf = useCounts(folders);
  const [draft, setDraft] = useState<Draft>(() => draftIn(currentUrl.peek().searchParams));
  const templateProblem = useTemplate(setDraft);
  const [tried, setTried] = useState(false);
  const [fresh, setFresh] = useState<{ kind: Kind; id: number }>();
  const page = useRef<HTMLDivElement>(null);
  const { busy, problem, send } = useSending();

  const suggestion = suggestName(folders.map(nameOf), prompts.map(nameOf));
  const unpriced = connections.filter((one) => !one.price).map(nameOf);
  const errors = { ...fieldErrors(problem), ...checkDraft(draft, unpriced) };
  const missing: Record<Kind, boolean> = {
    folder: folders.length === 0,
    connection: connections.length === 0,
    prompt: prompts.length === 0,
  };
  const picker = (kind: Kind, chosen: { id: number }[]) => ({
    chosen: chosen.map(idOf),
    choose: (ids: number[]) => choose(kind, ids),
    gone: lists[kind].data ? without(ids[kind], fresh?.id) - without(chosen.map(idOf), fresh?.id) : 0,
    fresh: fresh?.kind === kind ? fresh.id : undefined,
    problem: tried && missing[kind] ? WANTED[kind] : undefined,
  });
  const added = (kind: Kind) => (one: { id: number }) => {
    lists[kind].reload();
    chooseAlso(kind, one.id);
    setFresh({ kind, id: one.id });
  };
  const submit = (then: Then) => {
    setTried(true);
    if (Object.values(missing).some(Boolean) || Object.keys(checkDraft(draft, unpriced)).length > 0) {
      requestAnimationFrame(() => showFirstProblem(page.current));
      return;
    }
    const name = draft.name.trim() || suggestion;
    send(then, { name, draft, folders: folders.map(idOf), connections: connections.map(idOf), prompts: prompts.map(idOf) });
  };
  // Whether what the address names is there is only known when the lists have come; a press before that waits.
  const known = [lists.folder, lists.connection, lists.prompt].every((one) => one.data ?? one.error);
  const [pressed, setPressed] = useState<Then>();
  useEffect(() => {
    if (pressed && known) {
      setPressed(undefined);
      submit(pressed);
    }
  }, [pressed, known]);
  return (
    <div ref={page} class="stack new-batch">
      <div class="head">
        <h1>New batch</h1>
        {lists.folder.data?.length === 0 && <TrialButton />}
      </div>
      {templateProblem && <ErrorNotice problem={templateProblem} />}
      <div class="new-batch-columns">
        <Picker
          title="Folders"
          hint="Where the documents come from"
          list={lists.folder}
          {...picker("folder", folders)}
          describe={(one) => <FolderLine folder={one} count={folders.includes(one) ? countOf(one) : undefined} />}
          text={(one) => one.path}
          add={<AddFolderButton added={added("folder")} />}
          empty={<NoFolders added={added("folder")} />}
        />
        <Picker
          title="Connections"
          hint="Which models answer"
          list={lists.connection}
          {...picker("connection", connections)}
          describe={(one) => <ConnectionLine connection={one} />}
          text={connectionText}
          add={<AddConnectionButton existing={lists.connection.data ?? []} added={added("connection")} />}
          empty={<NoConnections added={added("connection")} />}
        />
        <Picker
          title="Prompts"
          hint="What is asked about every document"
          list={lists.prompt}
          {...picker("prompt", prompts)}
          describe={(one) => <PromptLine prompt={one} />}
          text={(one) => one.text}
          add={<AddPromptButton added={added("prompt")} />}
          empty={<NoPrompts added={added("prompt")} />}
        />
      </div>
      <form
        id={FORM}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const by = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "save";
          const then = by === "stage" ? "stage" : "save";
          if (known) {
            submit(then);
          } else {
            setPressed(then);
          }
        }}
      >
        <Details
          draft={draft}
          suggestion={suggestion}
          errors={errors}
          type={(field, value) => setDraft((old) => ({ ...old, [field]: value }))}
          keep={() => setQuery({ ...draft }, { replace: true })}
          open={Boolean(draft.description || draft.budget || draft.failures)}
        />
      </form>
      {problem && <ErrorNotice problem={problem} />}
      <Summary
        documents={total(folders.map(countOf))}
        connections={connections}
        prompts={prompts.length}
        form={FORM}
        busy={busy || pressed !== undefined}
      />
    </div>
  );
}

const idOf = (one: { id: number }) => one.id;

const nameOf = (one: { name: string }) => one.name;

/** How many there are besides the one that was just made, which the list may not have yet. */
const without = (ids: number[], fresh: number | undefined) => ids.filter((id) => id !== fresh).length;

/** The chosen ones that are there, in the order in which they were chosen. */
function among<T extends { id: number }>(entries: T[] | undefined, ids: number[]): T[] {
  return ids.flatMap((id) => entries?.find((one) => one.id === id) ?? []);
}

/** Takes over the choice of the batch that the address names as `from`. */
function useTemplate(take: (draft: Draft) => void): Problem | undefined {
  const from = useQuery("from");
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    if (!from) {
      return;
    }
    const abort = new AbortController();
    copyBatch(Number(from), abort.signal).then(take, (error: unknown) => {
      if (!abort.signal.aborted) {
        setProblem(problemFrom(error));
      }
    });
    return () => abort.abort();
  }, [from]);
  return problem;
}

function showFirstProblem(page: HTMLElement | null): void {
  const first = page?.querySelector<HTMLElement>("[data-invalid], [aria-invalid='true']");
  const settings = first?.closest("details");
  if (settings) {
    settings.open = true;
  }
  first?.focus();
}
