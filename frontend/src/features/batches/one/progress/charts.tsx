/** How a run goes, or went, over time. A file of its own, fetched where it is shown. */

import "./charts.css";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../../shared/api/client";
import type { Batch, Pace } from "../../../../shared/api/types";
import { milliseconds, money, rate } from "../../../../shared/format";
import { useResource, useThrottled } from "../../../../shared/resource";
import { Chart, type Point } from "./chart";

const REFRESH_MS = 3_000;
/** What is asked again takes the server at most one part in so many of its time, however large the run is. */
const SPARING = 20;

export default function Charts({ batch, run }: { batch: Batch; run: number | undefined }) {
  const [interval, setInterval] = useState(REFRESH_MS);
  const pace = useResource(`pace ${batch.id} ${run ?? batch.run}`, async (signal) => {
    const begun = performance.now();
    const found = await api.get("/api/batches/{batch_id}/pace", { path: { batch_id: batch.id }, query: { run }, signal });
    setInterval(Math.max(REFRESH_MS, SPARING * (performance.now() - begun)));
    return found;
  });
  const refresh = useThrottled(pace.reload, interval);
  useEffect(() => {
    if (pace.data) {
      refresh();
    }
  }, [batch]);
  const live = run === undefined && batch.status === "ANALYZING";
  if (!pace.data || (!live && pace.data.points.length < 2)) {
    return null;
  }
  const { speed, latency, cost, isPart } = lines(pace.data);
  return (
    <>
      <Chart title="Calls per second" points={speed} format={rate} live={live} />
      <Chart title="Mean latency" points={latency} format={milliseconds} live={live} />
      <Chart title={isPart ? "Cost, at least" : "Cost"} points={cost} format={money} live={live} />
    </>
  );
}

function lines({ seconds, points }: Pace) {
  const speed: Point[] = [];
  const latency: Point[] = [];
  const cost: Point[] = [];
  let spent = 0;
  let isPart = false;
  for (const point of points) {
    const at = Date.parse(point.at) + seconds * 1000;
    speed.push({ at, value: point.calls / seconds });
    if (point.mean_latency_ms !== null) {
      latency.push({ at, value: point.mean_latency_ms });
    }
    spent += point.cost ?? 0;
    isPart ||= point.unpriced_calls > 0;
    if (spent > 0 || !isPart) {
      cost.push({ at, value: spent });
    }
  }
  return { speed, latency, cost, isPart };
}
