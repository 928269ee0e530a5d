/** The drawer: one task with its document, or a document with all its answers, as the address names it. */

import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Batch, Task, TaskDetail } from "../../api/types";
import { TaskBadge } from "../../batches/status";
import { Button, ErrorNotice, Skeleton } from "../../components/basic";
import { Dialog } from "../../components/dialog";
import { count } from "../../format";
import { type Resource, useResource } from "../../resource";
import { place as address, setQuery, useQuery } from "../../router";
import { AnswersOf } from "./drawer-answers";
import { Attempts } from "./drawer-attempts";
import { DocumentPane } from "./drawer-document";
import { Answer, Facts } from "./drawer-task";
import { type Listing, useListing } from "./listing";
import "./drawer.css";

interface DrawerProps {
  batch: Batch;
  run: number | undefined;
}

export function Drawer({ batch, run }: DrawerProps) {
  const task = Number(useQuery("task"));
  const document = Number(useQuery("document"));
  if (task > 0) {
    return <TaskDrawer batch={batch} run={run} id={task} />;
  }
  return document > 0 ? <DocumentDrawer batch={batch} run={run} id={document} /> : null;
}

const close = () => setQuery({ task: null, document: null }, { replace: true });

function TaskDrawer({ batch, run, id }: DrawerProps & { id: number }) {
  const listing = useListing(batch, run);
  const place = usePlace(listing, id);
  const detail = useDetail(batch, id);
  const task = detail.data ?? (place === undefined ? undefined : sameTask(listing.row(place), id));
  return (
    <Dialog side title={task?.document ?? "Task"} close={close}>
      <div class="drawer">
        <Steps listing={listing} place={place} task={task} />
        {detail.error && <ErrorNotice problem={detail.error} retry={detail.reload} />}
        {!task && !detail.error && <Skeleton height="20rem" />}
        {task && (
          <div class="drawer-panes">
            <div class="stack">
              <Answer key={task.id} task={task} />
              <Facts task={task} />
              {detail.data ? <Attempts calls={detail.data.calls} /> : !detail.error && <Skeleton height="4rem" />}
              <AnswersOf batch={batch} run={task.run} documentId={task.document_id} present={task.id} />
            </div>
            <DocumentPane key={task.document_id} batch={batch} run={task.run} id={task.document_id} />
          </div>
        )}
      </div>
    </Dialog>
  );
}

const sameTask = (task: Task | undefined, id: number) => (task?.id === id ? task : undefined);

/** The task with its calls, anew when the batch goes on. */
function useDetail(batch: Batch, id: number): Resource<TaskDetail> {
  const detail = useResource(`task ${batch.id} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/tasks/{task_id}", { path: { batch_id: batch.id, task_id: id }, signal }),
  );
  const done = detail.data?.finished_at ?? detail.data?.failure_kind;
  useEffect(() => {
    if (detail.data && !done) {
      detail.reload();
    }
  }, [batch.updated_at, batch.counts.queued, batch.counts.running]);
  return detail;
}

/** Where the task is in the listing: undefined while that is looked up, and when it is not in it. */
function usePlace(listing: Listing, id: number): number | undefined {
  const [place, setPlace] = useState<{ id: number; index: number | undefined }>();
  void listing.version.value;
  useEffect(() => {
    let gone = false;
    listing.locate(id).then(
      (index) => !gone && setPlace({ id, index }),
      () => undefined, // without it there is only no way to the neighbours
    );
    return () => void (gone = true);
  }, [listing, id]);
  const index = place?.id === id ? place.index : listing.indexOf(id);
  useEffect(() => {
    if (index !== undefined) {
      listing.want(Math.max(0, index - 1), index + 1);
    }
  }, [listing, index]);
  return index;
}

const STEPS: Record<string, number> = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };

/** To the previous and the next task of the listing, also with the keys. */
function Steps({ listing, place, task }: { listing: Listing; place: number | undefined; task: Task | undefined }) {
  const at = (index: number) => (index < 0 ? undefined : listing.row(index));
  const previous = place === undefined ? undefined : at(place - 1);
  const next = place === undefined ? undefined : at(place + 1);
  // From where the address is by now: keys come faster than pages are drawn.
  const go = (step: number) => {
    const now = listing.indexOf(Number(address.peek().searchParams.get("task")));
    const to = now === undefined ? undefined : at(now + step);
    if (to) {
      setQuery({ task: String(to.id) }, { replace: true });
    }
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      const step = STEPS[event.key];
      if (step !== undefined && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        go(step);
      }
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [listing]);
  return (
    <div class="head">
      <div class="row">
        {task && <TaskBadge status={task.status} />}
        <span>
          {task ? `${task.prompt} · ${task.connection}` : " "}
        </span>
      </div>
      <div class="row">
        <span class="quiet small drawer-place">
          {place !== undefined && listing.total !== undefined && `${count(place + 1)} of ${count(listing.total)}`}
        </span>
        <Button size="small" disabled={!previous} title="Previous task (k or ←)" onClick={() => go(-1)}>
          ← Previous
        </Button>
        <Button size="small" disabled={!next} title="Next task (j or →)" onClick={() => go(1)}>
          Next →
        </Button>
      </div>
    </div>
  );
}

function DocumentDrawer({ batch, run, id }: DrawerProps & { id: number }) {
  const found = useResource(`document ${batch.id} ${run ?? batch.run} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}", {
      path: { batch_id: batch.id, document_id: id },
      query: { run },
      signal,
    }),
  );
  return (
    <Dialog side title={found.data?.path ?? "Document"} close={close}>
      <div class="drawer">
        {found.error ? (
          <ErrorNotice problem={found.error} retry={found.reload} />
        ) : (
          <div class="drawer-panes">
            <AnswersOf batch={batch} run={run} documentId={id} />
            <DocumentPane batch={batch} run={run} id={id} />
          </div>
        )}
      </div>
    </Dialog>
  );
}
