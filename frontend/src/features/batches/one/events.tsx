/** The audit log of a batch. */

import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { AuditEvent, Batch } from "../../../shared/api/types";
import { capital, time } from "../../../shared/format";
import { useLive } from "../../../shared/live/stream";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { TableFrame } from "../../../shared/ui/table";
import { toastError } from "../../../shared/ui/toasts";
import { ACTIONS } from "../actions";
import { statusName } from "../status";

const PAGE = 100;

export function Events({ batch }: { batch: Batch }) {
  const [older, setOlder] = useState<{ items: AuditEvent[]; next: string | null }>();
  const path = { batch_id: batch.id };
  const first = useResource(`events ${batch.id}`, (signal) =>
    api.get("/api/batches/{batch_id}/events", { path, query: { limit: PAGE }, signal }),
  );
  useLive({
    event: (event) =>
      event.batch_id === batch.id &&
      first.set((page) =>
        page.items.some((one) => one.id === event.id) ? page : { ...page, items: [event, ...page.items] },
      ),
  });
  if (first.error && !first.data) {
    return <ErrorNotice problem={first.error} retry={first.reload} />;
  }
  if (!first.data) {
    return <Skeleton height="16rem" />;
  }
  const next = older ? older.next : (first.data.next ?? null);
  const more = async (cursor: string) => {
    try {
      const page = await api.get("/api/batches/{batch_id}/events", { path, query: { limit: PAGE, cursor } });
      setOlder({ items: [...(older?.items ?? []), ...page.items], next: page.next ?? null });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div class="stack">
      <TableFrame label="Events" cards>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Status</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {[...first.data.items, ...(older?.items ?? [])].map((event) => (
            <tr key={event.id}>
              <td class="nowrap">{time(event.at)}</td>
              <td>{event.actor}</td>
              <td>{actionName(event.action)}</td>
              <td class="nowrap">{movement(event)}</td>
              <td data-own-line dir="auto">
                {event.reason}
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {next && (
        <div>
          <Button onClick={() => void more(next)}>Earlier events</Button>
        </div>
      )}
    </div>
  );
}

/** What happened, in the words of its button where it has one. */
function actionName(action: string): string {
  return action in ACTIONS ? ACTIONS[action as keyof typeof ACTIONS].name : capital(action.replaceAll("_", " "));
}

function movement({ from_status: from, to_status: to, run }: AuditEvent): string {
  const where = from && to && from !== to ? `${statusName(from)} → ${statusName(to)}` : to ? statusName(to) : "";
  return run ? `${where} · run ${run}` : where;
}
