/** Short names for the API's resources. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Batch = Schemas["BatchView"];
export type BatchStatus = Schemas["BatchStatus"];
export type Action = Schemas["Action"];
export type Counts = Schemas["Counts"];
export type Cell = Schemas["CellProgress"];
export type Connection = Schemas["ConnectionView"];
export type DocumentRow = Schemas["DocumentView"];
export type DocumentPart = Schemas["PartView"];
export type DocumentStatus = Schemas["DocumentStatus"];
export type Estimate = Schemas["EstimateView"];
export type AuditEvent = Schemas["EventView"];
export type ExportFormat = Schemas["FormatView"];
export type Facets = Schemas["FacetsView"];
export type FailureGroup = Schemas["FailureGroup"];
export type FailureKind = Schemas["FailureKind"];
export type Folder = Schemas["FolderView"];
export type Hit = Schemas["HitView"];
export type Pace = Schemas["PaceView"];
export type Progress = Schemas["ProgressView"];
export type Prompt = Schemas["PromptView"];
export type Spending = Schemas["SpendingView"];
export type SpendingSums = Schemas["SumsView"];
export type DaySpending = Schemas["DaySpending"];
export type ConnectionSpending = Schemas["ConnectionSpending"];
export type Purge = Schemas["PurgeView"];
export type PurgeChoice = Pick<Schemas["PurgeInput"], "document" | "runs">;
export type Receipt = Schemas["ReceiptView"];
export type Run = Schemas["RunView"];
export type Task = Schemas["TaskRow"];
export type TaskDetail = Schemas["TaskDetail"];

/** One page of a listing. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}
