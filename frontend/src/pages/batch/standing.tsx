/** Where a batch stands: its life, how far it is, what it cost, and what to do next. */

import { useState } from "preact/hooks";
import { api, Problem } from "../../api/client";
import type { Batch } from "../../api/types";
import { carryOut } from "../../batches/actions";
import { partsOf } from "../../batches/progress";
import { doneText, isActive, progressText, reasonText, statusName } from "../../batches/status";
import { Button, ErrorNotice, Notice, ProgressBar } from "../../components/basic";
import { costOf, count, money, plural } from "../../format";
import { useResource } from "../../resource";
import { Link } from "../../router";
import { Life } from "./life";
import { NEXT, nextOf } from "./lifecycle";
import { tabAddress } from "./tabs";

interface StandingProps {
  batch: Batch;
  changed: (batch: Batch) => void;
}

export function Standing({ batch, changed }: StandingProps) {
  return (
    <section class="card stack" aria-label="Where it stands">
      <Life batch={batch} />
      {batch.counts.documents > 0 && <Line batch={batch} />}
      <Next batch={batch} changed={changed} />
    </section>
  );
}

function Line({ batch }: { batch: Batch }) {
  const { progress, budget, failed_tasks: failed } = batch;
  const spent = progress.unpriced_calls ? costOf(progress) : money(progress.cost);
  return (
    <div class="stack-small">
      <ProgressBar share={progress.share} parts={partsOf(batch)} label={`Progress of ${batch.name}`} />
      <div class="head batch-line">
        <span>
          {doneText(batch)}
          {isActive(batch) && <span class="quiet"> · {progressText(batch)}</span>}
          {failed > 0 && (
            <>
              {" · "}
              <Link href={tabAddress(batch, "failures", undefined)}>{count(failed)} failed</Link>
            </>
          )}
          {batch.counts.cancelled > 0 && ` · ${count(batch.counts.cancelled)} cancelled`}
        </span>
        <span>
          {budget === null ? `Cost ${spent}` : `Cost ${spent} of the budget of ${money(budget)}`}
          {progress.unpriced_calls > 0 && <span class="quiet"> · {plural(progress.unpriced_calls, "call")} of unknown cost</span>}
        </span>
      </div>
    </div>
  );
}

/** What to do next; prominent where the batch waits for somebody. */
function Next({ batch, changed }: StandingProps) {
  const reason = reasonText(batch);
  switch (batch.status) {
    case "PAUSED":
      return (
        <Notice tone="warn">
          <div class="stack-small">
            <h2>{statusName(batch.status)}</h2>
            <p>{reason}</p>
            <Connections batch={batch} />
            {batch.budget !== null && <BudgetForm batch={batch} budget={batch.budget} changed={changed} />}
            <p class="quiet">{NEXT.PAUSED}</p>
          </div>
        </Notice>
      );
    case "FAILED_STAGING":
      return (
        <Notice tone="bad">
          <div class="stack-small">
            <h2>{statusName(batch.status)}</h2>
            {reason && <p>{reason}</p>}
            <Folders batch={batch} />
            <p class="quiet">{NEXT.FAILED_STAGING}</p>
          </div>
        </Notice>
      );
    case "FAILED":
      return (
        <Notice tone="bad">
          <div class="stack-small">
            <h2>{statusName(batch.status)}</h2>
            {reason && <p>{reason}</p>}
            <p class="quiet">{nextOf(batch)}</p>
          </div>
        </Notice>
      );
    default:
      return (
        <p class="quiet">
          {reason && `${reason} `}
          {nextOf(batch)}
        </p>
      );
  }
}

/** The connections that the reason names, to be mended. */
function Connections({ batch }: { batch: Batch }) {
  const list = useResource("connections", (signal) => api.get("/api/connections", { query: { limit: 1000 }, signal }));
  const named = list.data?.items.filter(
    (one) => batch.connection_ids.includes(one.id) && batch.status_reason?.includes(`${one.name}: `),
  );
  return named?.length ? (
    <ul class="row batch-links" aria-label="Connections it waits for">
      {named.map((one) => (
        <li key={one.id}>
          <Link class="button" data-size="small" href={`/connections/${one.id}`}>
            Open connection {one.name}
          </Link>
        </li>
      ))}
    </ul>
  ) : null;
}

/** The folders that were staged, to be corrected. */
function Folders({ batch }: { batch: Batch }) {
  const list = useResource("folders", (signal) => api.get("/api/folders", { query: { limit: 1000 }, signal }));
  const mine = list.data?.items.filter((one) => batch.folder_ids.includes(one.id));
  return mine?.length ? (
    <ul class="row batch-links" aria-label="Its folders">
      {mine.map((one) => (
        <li key={one.id}>
          <Link class="button" data-size="small" href={`/folders/${one.id}`}>
            Open folder {one.name}
          </Link>
        </li>
      ))}
    </ul>
  ) : null;
}

/** Raises the budget right where its end is told, and goes on. */
function BudgetForm({ batch, budget, changed }: StandingProps & { budget: number }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async (form: HTMLFormElement) => {
    setBusy(true);
    try {
      const raised = Number(new FormData(form).get("budget"));
      await api.patch("/api/batches/{batch_id}", { path: { batch_id: batch.id }, body: { budget: raised } });
      changed(await carryOut(batch, "resume"));
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
      setBusy(false);
    }
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <label for="batch-raise">Budget in US dollars</label>
      <input
        id="batch-raise"
        key={budget}
        name="budget"
        class="input batch-budget"
        type="number"
        min={budget}
        step="any"
        inputMode="decimal"
        required
        defaultValue={String(budget)}
      />
      <Button kind="primary" type="submit" busy={busy}>
        Set and resume
      </Button>
      {problem && <ErrorNotice problem={problem} />}
    </form>
  );
}
