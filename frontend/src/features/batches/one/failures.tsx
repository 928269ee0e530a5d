/** Failed tasks by their cause, each with a way forward. */

import { useEffect, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Batch, FailureGroup } from "../../../shared/api/types";
import { count, plural } from "../../../shared/format";
import { useResource, useThrottled } from "../../../shared/resource";
import { withQuery } from "../../../shared/router";
import { Button, Empty, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Confirm } from "../../../shared/ui/dialog";
import { Link } from "../../../shared/ui/link";
import { toast, toastError } from "../../../shared/ui/toasts";
import { carryOut } from "../actions";
import { failureName } from "../status";

const REFRESH_MS = 1_500;

interface FailuresProps {
  batch: Batch;
  run: number | undefined;
  changed: (batch: Batch) => void;
}

export function Failures({ batch, run, changed }: FailuresProps) {
  const [asking, setAsking] = useState<FailureGroup>();
  const groups = useResource(`failures ${batch.id} ${run ?? batch.run}`, (signal) =>
    api.get("/api/batches/{batch_id}/failures", { path: { batch_id: batch.id }, query: { run }, signal }),
  );
  const refresh = useThrottled(groups.reload, REFRESH_MS);
  useEffect(() => {
    if (groups.data) {
      refresh();
    }
  }, [batch.failed_tasks]);
  if (groups.error && !groups.data) {
    return <ErrorNotice problem={groups.error} retry={groups.reload} />;
  }
  if (!groups.data) {
    return <Skeleton height="12rem" />;
  }
  if (groups.data.length === 0) {
    const cancelled = run === undefined ? batch.counts.cancelled : 0;
    return (
      <Empty title="No task has failed">
        {cancelled > 0 && <p>{plural(cancelled, "task")} were not done because the batch was cancelled. Retry does them.</p>}
      </Empty>
    );
  }
  const retry = async (group: FailureGroup) => {
    changed(await carryOut(batch, "retry", [group.kind]));
    toast(`${plural(group.tasks, "task")} will be tried again.`);
  };
  const begin = (group: FailureGroup) =>
    batch.progress.cost === 0 ? void retry(group).catch(toastError) : setAsking(group);
  const retriable = run === undefined && batch.allowed_actions.includes("retry");
  return (
    <section class="stack" aria-label="Failures by cause">
      {groups.data.map((group) => (
        <Group key={group.kind} group={group} retry={retriable && group.retry_helps ? () => begin(group) : undefined} />
      ))}
      {asking && (
        <Confirm title="Retry these tasks" confirm="Retry" act={() => retry(asking)} close={() => setAsking(undefined)}>
          <p>{plural(asking.tasks, "task")} will be called again, which costs money.</p>
        </Confirm>
      )}
    </section>
  );
}

/** One cause: where it struck, what helps, and some of the documents. */
function Group({ group, retry }: { group: FailureGroup; retry: (() => void) | undefined }) {
  const name = failureName(group.kind);
  return (
    <article class="card stack-small">
      <div class="head">
        <h2>
          {count(group.tasks)} × {name}
        </h2>
        <div class="row">
          <Link class="button" href={resultsOf({ failure_kind: group.kind })}>
            Show these
          </Link>
          {retry && (
            <Button aria-label={`Retry these: ${name}`} onClick={retry}>
              Retry these
            </Button>
          )}
        </div>
      </div>
      <p>{group.retry_hint ?? group.way_forward}</p>
      <ul class="stack-small" aria-label={`Where: ${name}`}>
        {group.places.map((place) => (
          <li key={`${place.connection_id} ${place.prompt_id}`}>
            <Link href={resultsOf({ failure_kind: group.kind, connection_id: String(place.connection_id), prompt_id: String(place.prompt_id) })}>
              {place.connection} · {place.prompt}
            </Link>{" "}
            <span class="quiet">{plural(place.tasks, "task")}</span>
          </li>
        ))}
      </ul>
      <p class="small">
        Such as{" "}
        {group.documents.map((one, index) => (
          <span key={one.task_id}>
            {index > 0 && ", "}
            <Link href={withQuery({ task: String(one.task_id) })}>{one.document}</Link>
          </span>
        ))}
      </p>
      {group.example && (
        <pre class="batch-example" dir="auto" tabIndex={0}>
          {group.example}
        </pre>
      )}
    </article>
  );
}

/** The results that fit, and no other choice made before. */
const resultsOf = (choice: Record<string, string>) =>
  withQuery({ status: null, unsendable: null, search: null, connection_id: null, prompt_id: null, cursor: null, ...choice, tab: "results" });
