/** Sends files to the server, a few at once. What it is doing is a signal that pages show. */

import { signal } from "@preact/signals";
import { address, Problem, token, tokenWanted } from "../../../shared/api/client";
import { bytes } from "../../../shared/format";
import type { Picked } from "./gather";

const AT_ONCE = 3;
const REPORT_MS = 100;
const LONGEST_NAME = 60;

export interface Failed {
  picked: Picked;
  reason: string;
}

export interface SendingState {
  phase: "sending" | "finished" | "cancelled";
  done: number;
  /** Bytes that have left, of files that are on their way or were received. */
  sent: number;
  failed: Failed[];
}

export class Sending {
  readonly state = signal<SendingState>({ phase: "sending", done: 0, sent: 0, failed: [] });
  readonly total: number;
  readonly size: number;
  /** Where the server has put the files, once it has one. */
  folder: string | undefined;
  private readonly location: string;
  private readonly most: number;
  private waiting: Picked[];
  private readonly going = new Map<XMLHttpRequest, number>();
  private failed: Failed[] = [];
  private done = 0;
  private received = 0;
  private cancelled = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param name what the folder is called; the location on the server gets a moment beside it, so that the files of an
   *   older folder of that name are not mixed with these.
   * @param most bytes of the largest file that the server takes.
   */
  constructor(files: Picked[], name: string, most: number) {
    this.location = locationName(name);
    this.most = most;
    this.waiting = [...files];
    this.total = files.length;
    this.size = files.reduce((sum, { file }) => sum + file.size, 0);
    this.fill();
  }

  /** Send those again that failed. */
  retry(): void {
    this.waiting = this.failed.map(({ picked }) => picked);
    this.failed = [];
    this.cancelled = false;
    this.fill();
  }

  /** Stop. What was received stays on the server. */
  cancel(): void {
    this.cancelled = true;
    this.waiting = [];
    for (const request of this.going.keys()) {
      request.abort();
    }
    this.going.clear();
    this.report();
  }

  private fill(): void {
    while (this.going.size < AT_ONCE && this.waiting.length > 0) {
      this.send(this.waiting.shift()!);
    }
    this.report();
  }

  private send(picked: Picked): void {
    if (picked.file.size > this.most) {
      this.failed.push({ picked, reason: `It has ${bytes(picked.file.size)}; this server takes files up to ${bytes(this.most)}.` });
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", address("/api/folders/upload", {}, { name: this.location, path: picked.path }));
    request.setRequestHeader("content-type", "application/octet-stream");
    if (token.value) {
      request.setRequestHeader("authorization", `Bearer ${token.value}`);
    }
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => {
      this.going.set(request, loaded);
      this.reportSoon();
    };
    request.onload = () => this.ended(request, picked, request.status === 201 ? undefined : refusal(request));
    request.onerror = () => this.ended(request, picked, "It could not be sent. Is the file still there, and does docstage answer?");
    this.going.set(request, 0);
    request.send(picked.file);
  }

  private ended(request: XMLHttpRequest, picked: Picked, reason: string | undefined): void {
    this.going.delete(request);
    if (reason === undefined) {
      this.folder = (request.response as { folder: string }).folder;
      this.done += 1;
      this.received += picked.file.size;
    } else {
      this.failed.push({ picked, reason });
    }
    this.fill();
  }

  private reportSoon(): void {
    this.timer ??= setTimeout(() => this.report(), REPORT_MS);
  }

  private report(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const busy = this.going.size > 0 || this.waiting.length > 0;
    const sent = [...this.going.values()].reduce((sum, loaded) => sum + loaded, this.received);
    const phase = this.cancelled ? "cancelled" : busy ? "sending" : "finished";
    this.state.value = { phase, done: this.done, sent: Math.min(sent, this.size), failed: [...this.failed] };
  }
}

function refusal(request: XMLHttpRequest): string {
  tokenWanted.value = tokenWanted.value || request.status === 401;
  const document = request.response as Record<string, unknown> | null;
  return new Problem(request.status, document ?? { title: `The server answered ${request.status}.` }).message;
}

/** A name that the server takes for a folder, with the moment. */
function locationName(name: string): string {
  const plain = name.replace(/[\x00-\x1f\x7f\\/]/g, "_").replace(/^\.+/, "").trim().slice(0, LONGEST_NAME);
  const moment = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `${plain || "files"} ${moment}`;
}
