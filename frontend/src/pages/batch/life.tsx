/** The life of a batch as a picture, with where it stands and when it got there. */

import type { Batch, BatchStatus } from "../../api/types";
import { statusName } from "../../batches/status";
import { time } from "../../format";
import { useMedia } from "../../media";
import { EDGES, NEXT, PLACES, type Edge } from "./lifecycle";

const BOX = { width: 116, height: 40 };
const STATUSES = Object.keys(PLACES) as BatchStatus[];

interface Shape {
  upright: boolean;
  stepPitch: number;
  lanePitch: number;
}

const LYING: Shape = { upright: false, stepPitch: 178, lanePitch: 74 };
const UPRIGHT: Shape = { upright: true, stepPitch: 76, lanePitch: 128 };

/** When the batch reached a status in its present life, null if it has not. */
export function reachedAt(batch: Batch, status: BatchStatus): string | null {
  return batch[`${status.toLowerCase()}_at` as keyof Batch] as string | null;
}

export function Life({ batch }: { batch: Batch }) {
  const shape = useMedia("(max-width: 62rem)") ? UPRIGHT : LYING;
  const width = shape.upright ? BOX.width + 2 * shape.lanePitch : BOX.width + 4 * shape.stepPitch;
  const height = shape.upright ? BOX.height + 4 * shape.stepPitch : BOX.height + 2 * shape.lanePitch;
  const said = `The batch is ${statusName(batch.status)}. ${NEXT[batch.status]}`;
  return (
    <svg class="life" viewBox={`-4 -4 ${width + 8} ${height + 8}`} style={{ maxWidth: `${width + 8}px` }} role="img" aria-label={said}>
      <defs>
        <marker id="life-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0 8 4 0 8z" class="life-tip" />
        </marker>
      </defs>
      {EDGES.map((edge) => (
        <Arrow key={`${edge.from} ${edge.to}`} edge={edge} shape={shape} open={edge.from === batch.status} />
      ))}
      {STATUSES.map((status) => (
        <Box key={status} status={status} batch={batch} shape={shape} />
      ))}
    </svg>
  );
}

function corner(status: BatchStatus, { upright, stepPitch, lanePitch }: Shape): [number, number] {
  const { step, lane } = PLACES[status];
  return upright ? [lane * lanePitch, step * stepPitch] : [step * stepPitch, lane * lanePitch];
}

function Box({ status, batch, shape }: { status: BatchStatus; batch: Batch; shape: Shape }) {
  const [x, y] = corner(status, shape);
  const state = status === batch.status ? "now" : reachedAt(batch, status) ? "seen" : "ahead";
  return (
    <g class="life-box" data-state={state}>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx="8" />
      <text x={x + BOX.width / 2} y={y + BOX.height / 2 + 5}>
        {state === "now" ? "● " : state === "seen" ? "✓ " : ""}
        {statusName(status)}
      </text>
    </g>
  );
}

function Arrow({ edge, shape, open }: { edge: Edge; shape: Shape; open: boolean }) {
  const [fromX, fromY] = corner(edge.from, shape);
  const [toX, toY] = corner(edge.to, shape);
  const [startX, endX] = span(fromX, toX, BOX.width);
  const [startY, endY] = span(fromY, toY, BOX.height);
  return (
    <g class="life-arrow" data-open={open || undefined}>
      <path d={`M${startX} ${startY} L${endX} ${endY}`} marker-end="url(#life-tip)" />
      {edge.action && (
        <text
          x={(startX + endX) / 2 + (fromX === toX ? 10 : 0)}
          y={(startY + endY) / 2 + (fromX === toX ? 4 : -6)}
          text-anchor={fromX === toX ? "start" : "middle"}
        >
          {edge.action}
        </text>
      )}
    </g>
  );
}

/** Where a line leaves one box and meets the other, along one axis. */
function span(from: number, to: number, size: number): [number, number] {
  if (from === to) {
    return [from + size / 2, to + size / 2];
  }
  return from < to ? [from + size, to - 3] : [from, to + size + 3];
}

/** The same in words. */
export function LifeDates({ batch }: { batch: Batch }) {
  const reached = STATUSES.map((status) => [status, reachedAt(batch, status)] as const)
    .filter((one): one is readonly [BatchStatus, string] => one[1] !== null)
    .sort((a, b) => Date.parse(a[1]) - Date.parse(b[1]));
  return (
    <dl class="dates">
      {reached.map(([status, at]) => (
        <div key={status}>
          <dt>{statusName(status)}</dt>
          <dd>{time(at)}</dd>
        </div>
      ))}
    </dl>
  );
}
