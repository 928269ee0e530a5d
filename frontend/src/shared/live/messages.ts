/** What the tabs and the one worker that holds the stream say to each other. */

import type { AuditEvent, Batch } from "../api/types";

/** connecting: for the first time; reconnecting: it was there and is gone; refused: a token is needed. */
export type LinkState = "connecting" | "open" | "reconnecting" | "refused";

export type FromTab = { kind: "hello"; token: string } | { kind: "bye" };

export type FromWorker =
  | { kind: "state"; state: LinkState }
  | { kind: "event"; event: AuditEvent }
  | { kind: "batch"; batch: Batch };
