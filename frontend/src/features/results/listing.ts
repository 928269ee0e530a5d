/** A listing of tasks of any length, of which every row can be had at once: pages are fetched where they are needed. */

import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api, Problem, token } from "../../shared/api/client";
import type { Batch, Task } from "../../shared/api/types";
import { reconnections } from "../../shared/live/stream";
import { isFiltered, isLasting, keyOf, type TasksQuery, useTasksQuery } from "./query";

const PAGE = 200;
const KEPT_PAGES = 60;
const AT_ONCE = 2;

export class Listing {
  /** Grows whenever something else is to be shown. */
  readonly version = signal(0);
  /** How many rows there are, undefined before the first answer. */
  total: number | undefined;
  /** Why the last fetch failed. */
  problem: Problem | undefined;
  /** Rows have come, gone or changed their order since the listing was made. */
  outdated = false;

  readonly query: TasksQuery;
  private readonly batchId: number;
  private readonly expected: number | undefined;
  private cursors: string[] | undefined;
  private readonly pages = new Map<number, Task[]>();
  private readonly old = new Set<number>();
  private readonly asked = new Set<number>();
  private wanted: [number, number] = [0, 0];
  private abort = new AbortController();
  private measuring = false;

  /** @param expected how many rows it will have, where that is known without counting. */
  constructor(batchId: number, query: TasksQuery, expected: number | undefined) {
    this.batchId = batchId;
    this.query = query;
    this.expected = expected;
    this.asked.add(0);
    // The first rows are what one waits for; counting takes as long and comes after them.
    void this.fetchPage(0).then(() => this.measure());
  }

  /** A row, undefined while it is on its way. */
  row(index: number): Task | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** See to it that these rows, and some before and behind them, are there. */
  want(first: number, last: number): void {
    this.wanted = [first, last];
    this.fetchWanted();
  }

  /** Where a task is among the rows that are there. */
  indexOf(taskId: number): number | undefined {
    for (const [number, rows] of this.pages) {
      const index = rows.findIndex((row) => row.id === taskId);
      if (index >= 0) {
        return number * PAGE + index;
      }
    }
    return undefined;
  }

  /** Where a task is, undefined when it is not in the listing. */
  async locate(taskId: number): Promise<number | undefined> {
    const found = this.indexOf(taskId);
    if (found !== undefined) {
      return found;
    }
    const { position } = await this.marks(taskId);
    return position ?? undefined;
  }

  /** Bring what is shown up to date, without moving it unless the first row is in view. */
  refresh(tasks: number | undefined): void {
    const lasting = isLasting(this.query);
    if (!lasting && this.wanted[0] > 0) {
      this.outdated = true;
      this.tell();
    } else if (lasting && (tasks === undefined || tasks === this.total)) {
      this.age();
    } else {
      this.reload();
    }
  }

  /** Make the listing anew; what is there stays until the new rows have come. */
  reload(): void {
    this.problem = undefined;
    this.outdated = false;
    this.age();
    void this.measure();
  }

  /** Let go of what is on its way. */
  close(): void {
    this.abort.abort();
  }

  private age(): void {
    for (const number of this.pages.keys()) {
      this.old.add(number);
    }
    this.fetchWanted();
  }

  /** How many rows there are, and where the pages begin. */
  private async measure(): Promise<void> {
    if (this.measuring) {
      return;
    }
    this.measuring = true;
    await this.attempt(async () => {
      const marks = await this.marks();
      this.cursors = marks.cursors;
      this.total = marks.total;
      for (const number of this.pages.keys()) {
        if (number > marks.cursors.length) {
          this.pages.delete(number);
        }
      }
    });
    this.measuring = false;
    this.fetchWanted();
  }

  private marks(taskId?: number) {
    return api.get("/api/batches/{batch_id}/tasks/pages", {
      path: { batch_id: this.batchId },
      query: { ...this.query, limit: PAGE, task_id: taskId },
      signal: this.abort.signal,
    });
  }

  private fetchWanted(): void {
    if (this.abort.signal.aborted) {
      return; // or what was given up would be asked for again, without end
    }
    for (const number of this.pagesNeeded()) {
      if (this.asked.size >= AT_ONCE) {
        return;
      }
      const known = number === 0 || this.cursors?.[number - 1] !== undefined;
      if (known && !this.asked.has(number) && (!this.pages.has(number) || this.old.has(number))) {
        this.asked.add(number);
        void this.fetchPage(number);
      }
    }
  }

  /** What is shown first, then what is likely to be shown next. */
  private pagesNeeded(): number[] {
    const first = Math.floor(this.wanted[0] / PAGE);
    const last = Math.floor(this.wanted[1] / PAGE);
    const shown = Array.from({ length: last - first + 1 }, (_, n) => first + n);
    return [...shown, last + 1, ...(first > 0 ? [first - 1] : [])];
  }

  private async fetchPage(number: number): Promise<void> {
    const cursor = number === 0 ? undefined : this.cursors?.[number - 1];
    await this.attempt(async () => {
      const page = await api.get("/api/batches/{batch_id}/tasks", {
        path: { batch_id: this.batchId },
        query: { ...this.query, limit: PAGE, cursor },
        signal: this.abort.signal,
      });
      const moved = number > 0 && this.cursors?.[number - 1] !== cursor;
      if (!moved) {
        this.pages.set(number, page.items);
        this.old.delete(number);
        this.total ??= page.next ? (this.expected ?? page.items.length) : page.items.length;
        this.forget(number);
      }
    });
    this.asked.delete(number);
    if (!this.problem) {
      this.fetchWanted();
    }
  }

  /** Keep memory in bounds: the pages that are farthest from the given one go. */
  private forget(near: number): void {
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const number of far.slice(0, Math.max(0, far.length - KEPT_PAGES))) {
      this.pages.delete(number);
      this.old.delete(number);
    }
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = undefined;
    } catch (error) {
      if (this.abort.signal.aborted) {
        return;
      }
      this.problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
    }
    this.tell();
  }

  private tell(): void {
    this.version.value += 1;
  }
}

/** The listing that is shown, which the drawer goes through too. */
let shared: { key: string; listing: Listing; users: number } | undefined;

/** The listing that the address asks for, up to date with the batch. */
export function useListing(batch: Batch, run: number | undefined): Listing {
  const query = useTasksQuery(run);
  const current = query.run === undefined || query.run === batch.run;
  const expected = current && !isFiltered(query) ? batch.counts.tasks : undefined;
  const key = `${keyOf(batch, query)} ${token.value}`;
  const entry = useMemo(() => {
    if (shared?.key !== key) {
      shared?.listing.close();
      shared = { key, listing: new Listing(batch.id, query, expected), users: 0 };
    }
    return shared;
  }, [key]);
  useEffect(() => {
    entry.users += 1;
    return () => {
      entry.users -= 1;
      // The next page may use it too, and does so within the same turn.
      setTimeout(() => {
        if (entry.users === 0) {
          entry.listing.close();
          shared = shared === entry ? undefined : shared;
        }
      });
    };
  }, [entry]);
  useEffect(() => {
    if (reconnections.value > 0) {
      entry.listing.reload();
    }
  }, [reconnections.value]);
  return entry.listing;
}
