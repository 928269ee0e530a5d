/** The one connection to `/api/stream`: kept open, opened again after a pause when it is lost. */

import type { AuditEvent, Batch } from "../api/types";
import type { FromWorker, LinkState } from "./messages";
import { readEvents, type ServerEvent } from "./reader";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// The server sends a heartbeat every 15 seconds; without a word for this long the connection is dead.
const SILENCE = 40_000;

export class Link {
  private state: LinkState = "connecting";
  private lastId: string | null = null;
  private token: string | null = null;
  private abort: AbortController | null = null;
  private readonly tell: (message: FromWorker) => void;

  constructor(tell: (message: FromWorker) => void) {
    this.tell = tell;
  }

  /** Whether the stream is open to those who have a token. */
  get hasToken(): boolean {
    return Boolean(this.token);
  }

  /** What new listeners are told first. */
  get current(): FromWorker {
    return { kind: "state", state: this.state };
  }

  /** Open the stream with this token, unless it is open with it already. */
  start(token: string): void {
    if (token === this.token && this.state !== "refused") {
      return;
    }
    this.token = token;
    this.stop();
    void this.keepOpen(token);
  }

  /** Let go of the connection. */
  stop(): void {
    this.abort?.abort();
    this.abort = null;
  }

  private async keepOpen(token: string): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.change(this.state === "refused" ? "connecting" : this.state);
    let pause = FIRST_PAUSE;
    while (!abort.signal.aborted) {
      const opened = await this.readOnce(token, abort.signal);
      if (abort.signal.aborted || this.state === "refused") {
        return;
      }
      this.change("reconnecting");
      pause = opened ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
      await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
    }
  }

  /** Read until the stream ends; returns whether it was open at all. */
  private async readOnce(token: string, stopped: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE);
    let opened = false;
    try {
      const response = await fetch("/api/stream", {
        headers: this.headers(token),
        cache: "no-store",
        signal: AbortSignal.any([stopped, silence.signal]),
      });
      if (response.status === 401) {
        this.change("refused");
        return false;
      }
      if (!response.ok || !response.body) {
        return false;
      }
      for await (const event of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE);
        if (!opened) {
          opened = true;
          this.change("open");
        }
        this.pass(event);
      }
    } catch {
      // Lost or given up: the caller decides what comes next.
    } finally {
      clearTimeout(timer);
    }
    return opened;
  }

  private headers(token: string): Record<string, string> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (token) {
      headers["authorization"] = `Bearer ${token}`;
    }
    if (this.lastId !== null) {
      headers["last-event-id"] = this.lastId;
    }
    return headers;
  }

  private pass(event: ServerEvent): void {
    if (event.id !== null) {
      this.lastId = event.id;
    }
    if (event.name === "event") {
      this.tell({ kind: "event", event: JSON.parse(event.data) as AuditEvent });
    } else if (event.name === "batch") {
      this.tell({ kind: "batch", batch: JSON.parse(event.data) as Batch });
    }
  }

  private change(state: LinkState): void {
    if (state !== this.state) {
      this.state = state;
      this.tell(this.current);
    }
  }
}
