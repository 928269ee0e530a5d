/** The answers about one document, for every prompt and connection. */

import { api } from "../../../shared/api/client";
import type { Batch, Task } from "../../../shared/api/types";
import { useResource } from "../../../shared/resource";
import { withQuery } from "../../../shared/router";
import { ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { TaskBadge } from "../../batches/badges";
import { Outcome } from "../answer";

const MOST = 500;

interface AnswersProps {
  batch: Batch;
  run: number | undefined;
  documentId: number;
  /** The task that is shown already. */
  present?: number;
}

export function AnswersOf({ batch, run, documentId, present }: AnswersProps) {
  const list = useResource(`answers ${batch.id} ${run ?? batch.run} ${documentId} ${batch.counts.completed}`, (signal) =>
    api.get("/api/batches/{batch_id}/tasks", {
      path: { batch_id: batch.id },
      query: { document_id: documentId, limit: MOST, run },
      signal,
    }),
  );
  const others = list.data?.items.filter((task) => task.id !== present) ?? [];
  if (present !== undefined && list.data && others.length === 0) {
    return null;
  }
  return (
    <section class="stack-small" aria-label="Answers">
      <h3>{present === undefined ? "Answers" : "Other answers about this document"}</h3>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="6rem" />}
      {list.data && others.length === 0 && <p class="quiet">Nothing is asked about this document.</p>}
      <ul class="drawer-answers">
        {others.map((task) => (
          <Entry key={task.id} task={task} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ task }: { task: Task }) {
  return (
    <li>
      <div class="row">
        <Link href={withQuery({ task: String(task.id), document: null })}>
          {task.prompt} · {task.connection}
        </Link>
        {task.status !== "COMPLETED" && <TaskBadge task={task} />}
      </div>
      <div class="drawer-outcome">
        <Outcome task={task} />
      </div>
    </li>
  );
}
