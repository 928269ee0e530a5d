/** Where a batch stands, in one line: its life, how far it is, what it cost; and what to do where it waits. */

import { api } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { costOf, money, plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Notice, ProgressBar } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { BudgetForm } from "../budget";
import { isBudgetReached } from "../next";
import { partsOf } from "../progress";
import { doneText, failuresText, isActive, isByUser, progressText, reasonText } from "../status";
import { Stalled } from "./progress/lanes";
import { tabAddress } from "./tabs";
import { NEXT, nextOf } from "./timeline/lifecycle";
import { Timeline } from "./timeline/timeline";

interface SummaryProps {
  batch: Batch;
  changed: (batch: Batch) => void;
  /** The overview shows the life as a picture and says what comes next; elsewhere a line must do. */
  overview: boolean;
}

export function Summary({ batch, changed, overview }: SummaryProps) {
  return (
    <section class={overview ? "card stack" : "stack-small"} aria-label="Where it stands">
      {overview ? (
        <>
          <Timeline batch={batch} />
          {batch.counts.documents > 0 && <Line batch={batch} />}
        </>
      ) : (
        <div class="batch-line">
          <Timeline batch={batch} line />
          {batch.counts.documents > 0 && <Line batch={batch} />}
        </div>
      )}
      <Next batch={batch} changed={changed} overview={overview} />
    </section>
  );
}

function Line({ batch }: { batch: Batch }) {
  const { progress, budget, failed_tasks: failed } = batch;
  const spent = progress.unpriced_calls ? costOf(progress) : money(progress.cost);
  return (
    <div class="batch-figures">
      <ProgressBar share={progress.share} parts={partsOf(batch)} label={`Progress of ${batch.name}`} />
      <span>
        {doneText(batch)}
        {isActive(batch) && <span class="quiet"> · {progressText(batch)}</span>}
        {failed > 0 && (
          <>
            {" · "}
            <Link href={tabAddress(batch, "failures", undefined)}>{failuresText(batch.counts)}</Link>
          </>
        )}
        {batch.counts.cancelled > 0 && ` · ${batch.counts.cancelled.toLocaleString()} cancelled`}
      </span>
      <span>
        {budget === null ? `Cost ${spent}` : `Cost ${spent}${progress.unpriced_calls ? "," : ""} of the budget of ${money(budget)}`}
        {progress.unpriced_calls > 0 && <span class="quiet"> · {plural(progress.unpriced_calls, "call")} of unknown cost</span>}
      </span>
    </div>
  );
}

/** What to do next; prominent where the batch waits for somebody. */
function Next({ batch, changed, overview }: SummaryProps) {
  const reason = reasonText(batch);
  switch (batch.status) {
    case "PAUSED":
      return <Paused batch={batch} changed={changed} />;
    case "FAILED_STAGING":
      return (
        <Notice tone="bad">
          <div class="stack-small">
            <p>
              {reason && <strong dir="auto">{reason}</strong>} {NEXT.FAILED_STAGING}
            </p>
            <Folders batch={batch} />
          </div>
        </Notice>
      );
    case "FAILED":
      return (
        <Notice tone="bad">
          <p>
            {reason && <strong dir="auto">{reason}</strong>} {nextOf(batch)}
          </p>
        </Notice>
      );
    case "ANALYZING":
      return (
        <>
          <Stalled batch={batch} />
          {overview && <p class="quiet">{NEXT.ANALYZING}</p>}
        </>
      );
    case "COMPLETED":
      // On the other tabs the results are what matters, and the first button says what comes next.
      return overview ? (
        <p class="quiet">
          <span dir="auto">{reason}</span> {nextOf(batch)}
        </p>
      ) : null;
    default:
      return (
        <p class="quiet">
          <span dir="auto">{reason}</span> {nextOf(batch)}
        </p>
      );
  }
}

/** A pause that somebody made needs nothing mended; one that the engine made does. */
function Paused({ batch, changed }: { batch: Batch; changed: (batch: Batch) => void }) {
  const budget = isBudgetReached(batch);
  return (
    <Notice tone="warn">
      <div class="stack-small">
        <p>
          <strong dir="auto">{reasonText(batch) || "Paused."}</strong>{" "}
          {isByUser(batch)
            ? "No new call starts; calls that were under way still count."
            : `No new call starts.${budget ? "" : " Settle this, then resume."}`}
        </p>
        <Connections batch={batch} />
        {budget && <BudgetForm batch={batch} changed={changed} />}
      </div>
    </Notice>
  );
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
