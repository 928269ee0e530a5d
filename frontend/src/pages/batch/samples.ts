/** What the stream told about a batch since the page was opened, for its charts. */

import type { Batch } from "../../api/types";
import type { Point } from "./chart";

const MOST = 600;

export interface Samples {
  rate: Point[];
  cost: Point[];
  latency: Point[];
}

/** Samples of one batch's runs; a new run starts anew. */
export class Sampler {
  readonly samples: Samples = { rate: [], cost: [], latency: [] };
  private run: number | null = null;
  private before = { calls: 0, latency: 0 };

  /** Take up a state of the batch. */
  batch(batch: Batch): void {
    if (batch.run !== this.run) {
      this.run = batch.run;
      this.before = { calls: 0, latency: 0 };
      Object.values(this.samples).forEach((list: Point[]) => list.splice(0));
    }
    if (batch.status === "ANALYZING") {
      push(this.samples.rate, batch.progress.rate);
      push(this.samples.cost, batch.progress.cost ?? 0);
    }
  }

  /** Take up how many calls came back and how long all of them took together; the mean of the new ones counts. */
  latency(calls: number, milliseconds: number): void {
    const fresh = calls - this.before.calls;
    if (fresh > 0 && this.before.calls > 0) {
      push(this.samples.latency, (milliseconds - this.before.latency) / fresh);
    }
    this.before = { calls, latency: milliseconds };
  }
}

function push(list: Point[], value: number): void {
  list.push({ at: Date.now(), value });
  if (list.length > MOST) {
    // Every second one goes, so that the whole time stays on the chart.
    list.splice(0, list.length, ...list.filter((_, index) => index % 2 === 1));
  }
}
