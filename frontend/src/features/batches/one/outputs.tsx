/** Which run is shown. */

import type { Batch, Run } from "../../../shared/api/types";
import { briefTime, time } from "../../../shared/format";
import { setQuery } from "../../../shared/router";
import { Button, Notice } from "../../../shared/ui/basic";

interface OutputsProps {
  batch: Batch;
  runs: Run[];
  run: number | undefined;
}

export function Outputs({ batch, runs, run }: OutputsProps) {
  return runs.length > 1 || (runs.length > 0 && batch.run === null) ? (
    <div class="row batch-outputs">
      <RunSwitch batch={batch} runs={runs} run={run} />
    </div>
  ) : null;
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
