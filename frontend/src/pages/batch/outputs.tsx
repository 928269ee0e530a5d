/** Which run is shown, and what can be downloaded of it. */

import type { TargetedMouseEvent } from "preact";
import { address, send, token } from "../../api/client";
import type { Batch, Run } from "../../api/types";
import { Button, Notice } from "../../components/basic";
import { toastError } from "../../components/toasts";
import { briefTime, time } from "../../format";
import { setQuery } from "../../router";

interface OutputsProps {
  batch: Batch;
  runs: Run[];
  run: number | undefined;
}

export function Outputs({ batch, runs, run }: OutputsProps) {
  if (runs.length === 0) {
    return null;
  }
  const shown = runs.find((one) => (run === undefined ? one.current : one.number === run));
  return (
    <div class="row batch-outputs">
      {(runs.length > 1 || batch.run === null) && <RunSwitch batch={batch} runs={runs} run={run} />}
      {shown?.counts.tasks ? <Exports batch={batch} run={run} /> : null}
    </div>
  );
}

function RunSwitch({ batch, runs, run }: OutputsProps) {
  return (
    <div class="row">
      <label for="batch-run" class="small">
        Run
      </label>
      <select
        id="batch-run"
        class="input"
        value={run === undefined ? "" : String(run)}
        onChange={(event) => setQuery({ run: event.currentTarget.value, cursor: null, document: null, task: null })}
      >
        {batch.run === null && <option value="">None now</option>}
        {runs.map((one) => (
          <option key={one.number} value={one.current ? "" : String(one.number)}>
            {one.number} · {one.current ? "current" : briefTime(one.begun_at)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Exports({ batch, run }: { batch: Batch; run: number | undefined }) {
  const path = { batch_id: batch.id };
  return (
    <div class="row" role="group" aria-label="Downloads">
      <Download name="CSV" what="all results as CSV" href={address("/api/batches/{batch_id}/export", path, { format: "csv", run })} />
      <Download
        name="JSON lines"
        what="all results as JSON lines"
        href={address("/api/batches/{batch_id}/export", path, { format: "jsonl", run })}
      />
    </div>
  );
}

/** A link to a file. With a token it is fetched first, since a link cannot carry one. */
function Download({ name, what, href }: { name: string; what: string; href: string }) {
  const get = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    if (token.value) {
      event.preventDefault();
      fetchFile(href).catch(toastError);
    }
  };
  return (
    <a class="button" data-size="small" href={href} download aria-label={`Download ${what}`} onClick={get}>
      <svg viewBox="0 0 16 16" width="14" height="14" class="batch-icon" aria-hidden="true">
        <path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11" />
      </svg>
      {name}
    </a>
  );
}

async function fetchFile(href: string): Promise<void> {
  const response = await send("get", href);
  const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "");
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = named?.[1] ?? "export";
  link.click();
  URL.revokeObjectURL(url);
}

/** Says clearly that what is shown is history. */
export function EarlierRun({ batch, runs, run }: OutputsProps & { run: number }) {
  const found = runs.find((one) => one.number === run);
  return (
    <Notice tone="warn">
      <div class="head">
        <p>
          {found ? (
            <>
              <strong>Run {run} is shown, which is history.</strong> It began {time(found.begun_at)}
              {found.closed_at && ` and was closed ${time(found.closed_at)}`}.
            </>
          ) : (
            <>
              <strong>There is no run {run} of this batch.</strong> It was never begun, or is no longer kept.
            </>
          )}
        </p>
        <Button size="small" onClick={() => setQuery({ run: null, cursor: null, document: null, task: null })}>
          {batch.run === null ? "Leave it" : `Show the current run, ${batch.run}`}
        </Button>
      </div>
    </Notice>
  );
}
