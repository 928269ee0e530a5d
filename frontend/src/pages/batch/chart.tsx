/** A line over time that starts at zero. */

import { shortClock } from "../../format";

export interface Point {
  at: number;
  value: number;
}

interface ChartProps {
  title: string;
  points: Point[];
  format: (value: number) => string;
}

const WIDTH = 300;
const HEIGHT = 90;

export function Chart({ title, points, format }: ChartProps) {
  const first = points[0];
  const last = points.at(-1);
  const top = Math.max(...points.map((one) => one.value), 0);
  const enough = first !== undefined && last !== undefined && last.at > first.at;
  return (
    <figure class="card chart">
      <figcaption class="head">
        <span>{title}</span>
        <strong class="number">{last ? format(last.value) : "–"}</strong>
      </figcaption>
      {enough ? (
        <>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`${title}: ${format(last.value)} now, at most ${format(top)} since ${shortClock(first.at)}`}
          >
            <path class="chart-grid" d={`M0 ${HEIGHT} H${WIDTH} M0 ${HEIGHT / 2} H${WIDTH} M0 0.5 H${WIDTH}`} />
            <path class="chart-line" d={line(points, first.at, last.at, top)} />
          </svg>
          <div class="chart-axis quiet small">
            <span>{shortClock(first.at)}</span>
            <span>0 to {format(top)}</span>
            <span>{shortClock(last.at)}</span>
          </div>
        </>
      ) : (
        <p class="quiet small chart-wait">Drawn from now on, while the batch works and this page is open.</p>
      )}
    </figure>
  );
}

function line(points: Point[], from: number, to: number, top: number): string {
  const parts = points.map((one, index) => {
    const x = ((one.at - from) / (to - from)) * WIDTH;
    const y = top > 0 ? HEIGHT - (one.value / top) * HEIGHT : HEIGHT;
    return `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return parts.join(" ");
}
