/** This tab's view of what happens on the server. */

import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { token, tokenWanted } from "../api/client";
import type { AuditEvent, Batch } from "../api/types";
import { Link } from "./link";
import type { FromTab, FromWorker, LinkState } from "./messages";

/** How the stream is. */
export const linkState = signal<LinkState>("connecting");

/** Grows by one each time the stream is open again after a loss: what is shown must be fetched anew. */
export const reconnections = signal(0);

type Listener = { batch?: ((batch: Batch) => void) | undefined; event?: ((event: AuditEvent) => void) | undefined };
const listeners = new Set<Listener>();
let lost = false;

/** Begin to listen. Called once. */
export function connect(): void {
  const say = typeof SharedWorker === "undefined" ? ownLink() : sharedLink();
  effect(() => say({ kind: "hello", token: token.value }));
  addEventListener("pagehide", () => say({ kind: "bye" }));
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      lost = true;
      say({ kind: "hello", token: token.peek() });
    }
  });
}

function sharedLink(): (message: FromTab) => void {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "docstage" });
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data);
  return (message) => worker.port.postMessage(message);
}

/** For the browsers without shared workers, a connection of this tab's own. */
function ownLink(): (message: FromTab) => void {
  const link = new Link(hear);
  return (message) => (message.kind === "hello" ? link.start(message.token) : link.stop());
}

function hear(message: FromWorker): void {
  if (message.kind === "state") {
    changeState(message.state);
    return;
  }
  for (const listener of [...listeners]) {
    if (message.kind === "batch") {
      listener.batch?.(message.batch);
    } else {
      listener.event?.(message.event);
    }
  }
}

function changeState(state: LinkState): void {
  linkState.value = state;
  if (state === "refused") {
    tokenWanted.value = true;
  }
  if (state === "reconnecting") {
    lost = true;
  } else if (state === "open" && lost) {
    lost = false;
    reconnections.value += 1;
  }
}

/** Hear of batches that look different now, and of new lines of the audit log, while the component is shown. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const entry: Listener = {
      batch: (batch) => latest.current.batch?.(batch),
      event: (event) => latest.current.event?.(event),
    };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }, []);
}
