/** Statuses of batches, tasks and documents as badges. */

import type { BatchStatus, DocumentStatus, Task } from "../../shared/api/types";
import { Badge } from "../../shared/ui/basic";
import { type Look, lookOfBatch, lookOfDocument, lookOfTask } from "./status";

export const StatusBadge = ({ status }: { status: BatchStatus }) => <Look look={lookOfBatch(status)} />;

export const TaskBadge = ({ task }: { task: Pick<Task, "status" | "failure_kind"> }) => <Look look={lookOfTask(task)} />;

export const DocumentBadge = ({ status }: { status: DocumentStatus }) => <Look look={lookOfDocument(status)} />;

function Look({ look: [name, tone] }: { look: Look }) {
  return <Badge tone={tone}>{name}</Badge>;
}
