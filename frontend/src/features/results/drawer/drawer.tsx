/** The drawer: one task with its document, or a document with all its answers, as the address names it. */

import "./drawer.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Batch, Task, TaskDetail } from "../../../shared/api/types";
import { words } from "../../../shared/format";
import { type Resource, useResource } from "../../../shared/resource";
import { currentUrl, setQuery, useQuery } from "../../../shared/router";
import { ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Dialog } from "../../../shared/ui/dialog";
import { toastError } from "../../../shared/ui/toasts";
import { DocumentBadge, TaskBadge } from "../../batches/badges";
import { usePosition } from "../../documents/position";
import { useDocumentsQuery } from "../../documents/query";
import { DocumentReader } from "../../documents/reader/reader";
import { PurgeDocument } from "../../purging/choices";
import { type Listing, useListing } from "../listing";
import { Answer } from "./answer";
import { AnswersOf } from "./answers";
import { Attempts } from "./attempts";
import { Steps } from "./steps";
import { Facts, Reason, SentPart } from "./task";

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
  const position = useTaskPosition(listing, id);
  const detail = useDetail(batch, id);
  const task = detail.data ?? (position === undefined ? undefined : sameTask(listing.row(position), id));
  return (
    <Dialog side title={task?.document ?? "Task"} close={close}>
      <div class="drawer">
        <div class="head">
          <div class="row">
            {task && <TaskBadge task={task} />}
            <span>{task && <bdi>{`${task.prompt} · ${task.connection}`}</bdi>}</span>
            {task && !task.purged && (
              <PurgeDocument batch={batch} document={{ id: task.document_id, path: task.document }} done={close} />
            )}
          </div>
          <TaskSteps listing={listing} position={position} id={id} />
        </div>
        {detail.error && <ErrorNotice problem={detail.error} retry={detail.reload} />}
        {!task && !detail.error && <Skeleton height="20rem" />}
        {task && (
          <div class="drawer-panes">
            <div class="stack">
              <Reason key={`reason ${task.id}`} task={task} />
              <SentPart task={task} />
              <Facts task={task} />
              {detail.data ? <Attempts key={`attempts ${task.id}`} calls={detail.data.calls} /> : !detail.error && <Skeleton height="4rem" />}
              {(task.text !== null || !task.failure_kind) && <Answer key={task.id} task={task} />}
              <AnswersOf batch={batch} run={task.run} documentId={task.document_id} present={task.id} />
            </div>
            <DocumentReader key={task.document_id} batch={batch} run={task.run} id={task.document_id} />
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
  const done = detail.data && ["COMPLETED", "FAILED", "CANCELLED"].includes(detail.data.status);
  useEffect(() => {
    if (detail.data && !done) {
      detail.reload();
    }
  }, [batch.updated_at, batch.counts.queued, batch.counts.running]);
  return detail;
}

/** Where the task is in the listing: undefined while that is looked up, and when it is not in it. */
function useTaskPosition(listing: Listing, id: number): number | undefined {
  const [found, setFound] = useState<{ id: number; index: number | undefined }>();
  void listing.version.value;
  useEffect(() => {
    let gone = false;
    listing.locate(id).then(
      (index) => !gone && setFound({ id, index }),
      () => undefined, // without it there is only no way to the neighbours
    );
    return () => void (gone = true);
  }, [listing, id]);
  const index = found?.id === id ? found.index : listing.indexOf(id);
  useEffect(() => {
    if (index !== undefined) {
      listing.want(Math.max(0, index - 1), index + 1);
    }
  }, [listing, index]);
  return index;
}

/** The way through the results table. */
function TaskSteps({ listing, position, id }: { listing: Listing; position: number | undefined; id: number }) {
  /** Where the keys have led that came before its row was there. */
  const wanted = useRef<number | undefined>(undefined);
  const show = (index: number) => {
    const to = listing.row(index);
    if (to) {
      wanted.current = undefined;
      setQuery({ task: String(to.id) }, { replace: true });
    } else {
      wanted.current = index;
      listing.want(index, index);
    }
  };
  useEffect(() => {
    if (wanted.current !== undefined && listing.row(wanted.current)) {
      show(wanted.current);
    }
  }, [listing.version.value]);
  const go = (step: number) => {
    // From where the address is by now: keys come faster than pages are drawn.
    const here = Number(currentUrl.peek().searchParams.get("task"));
    const now = wanted.current ?? listing.indexOf(here) ?? (here === id ? position : undefined);
    const index = now === undefined ? -1 : now + step;
    if (index >= 0 && index < (listing.total ?? 0)) {
      show(index);
    }
  };
  return <Steps what="result" position={position} total={listing.total} go={go} />;
}

function DocumentDrawer({ batch, run, id }: DrawerProps & { id: number }) {
  const found = useResource(`document ${batch.id} ${run ?? batch.run} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}", {
      path: { batch_id: batch.id, document_id: id },
      query: { run },
      signal,
    }),
  );
  const shown = found.data;
  return (
    <Dialog side title={shown?.path ?? "Document"} close={close}>
      <div class="drawer">
        <div class="head">
          <div class="row">
            {shown && <DocumentBadge status={shown.status} />}
            {shown && shown.reason !== "purged" && <PurgeDocument batch={batch} document={shown} done={close} />}
          </div>
          <DocumentSteps batch={batch} run={run} id={id} />
        </div>
        {found.error && <ErrorNotice problem={found.error} retry={found.reload} />}
        {shown?.reason && (
          <section class="drawer-failure" data-over aria-label="Why it cannot be used">
            <h3>{words(shown.reason)}</h3>
            {shown.detail && <p dir="auto">{shown.detail}</p>}
          </section>
        )}
        {shown?.status === "ENCODED" && (
          <div class="drawer-panes" data-reads key={id}>
            <AnswersOf batch={batch} run={run} documentId={id} />
            <DocumentReader batch={batch} run={run} id={id} />
          </div>
        )}
      </div>
    </Dialog>
  );
}

/** The way through the documents, in the order of the listing that is shown behind the drawer. */
function DocumentSteps({ batch, run, id }: DrawerProps & { id: number }) {
  const asked = useDocumentsQuery(run);
  const query = useQuery("tab") === "documents" ? asked : { ...asked, search: "", status: [], sort: "", whole: undefined };
  const { position, total, at } = usePosition(batch, query, id);
  const busy = useRef(false);
  const go = (step: number) => {
    if (!busy.current) {
      busy.current = true;
      at(step)
        .then((to) => to !== undefined && setQuery({ document: String(to) }, { replace: true }), toastError)
        .finally(() => (busy.current = false));
    }
  };
  return <Steps what="document" position={position} total={total} go={go} />;
}
