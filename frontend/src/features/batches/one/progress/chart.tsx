/** A line over time that starts at zero. Its values can be read with the pointer, the keyboard and a screen reader. */

import { useState } from "preact/hooks";
import { shortClock } from "../../../../shared/format";

export interface Point {
  at: number;
  value: number;
}

interface ChartProps {
  title: string;
  points: Point[];
  format: (value: number) => string;
  /** The last value is the present one. */
  live: boolean;
}

const WIDTH = 300;
const HEIGHT = 100;

export function Chart({ title, points, format, live }: ChartProps) {
  const [looking, setLooking] = useState<number>();
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || last.at === first.at) {
    return (
      <figure class="card batch-chart">
        <figcaption>
          <span>{title}</span>
          <strong>–</strong>
        </figcaption>
        <p class="quiet small batch-chart-wait">Drawn as soon as there are two values.</p>
      </figure>
    );
  }
  const top = niceTop(Math.max(...points.map((one) => one.value)));
  const x = (at: number) => ((at - first.at) / (last.at - first.at)) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const path = points.map((one, index) => `${index ? "L" : "M"}${x(one.at).toFixed(1)} ${y(one.value).toFixed(1)}`).join(" ");
  const index = Math.min(looking ?? points.length - 1, points.length - 1);
  const shown = points[index] ?? last;
  const nearest = (share: number) => {
    const at = first.at + share * (last.at - first.at);
    return points.reduce((best, one, n) => (Math.abs(one.at - at) < Math.abs((points[best] ?? one).at - at) ? n : best), 0);
  };
  return (
    <figure class="card batch-chart">
      <figcaption>
        <span>{title}</span>
        <span class="quiet small">{live && looking === undefined ? "now" : shortClock(shown.at)}</span>
        <strong>{format(shown.value)}</strong>
      </figcaption>
      <div class="batch-chart-body">
        <div class="batch-chart-scale quiet small" aria-hidden="true">
          <span>{format(top)}</span>
          <span>{format(top / 2)}</span>
          <span>0</span>
        </div>
        <div class="batch-chart-plot">
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            <path class="batch-chart-grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} />
            <path class="batch-chart-base" d={`M0 ${HEIGHT}H${WIDTH}`} />
            <path class="batch-chart-area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
            <path class="batch-chart-line" d={path} />
            {looking !== undefined && <path class="batch-chart-cross" d={`M${x(shown.at)} 0V${HEIGHT}`} />}
          </svg>
          <span
            class="batch-chart-dot"
            style={{ left: `${(x(shown.at) / WIDTH) * 100}%`, top: `${(y(shown.value) / HEIGHT) * 100}%` }}
          />
          <input
            type="range"
            min={0}
            max={points.length - 1}
            value={index}
            aria-label={`${title} over time`}
            aria-valuetext={`${format(shown.value)} at ${shortClock(shown.at)}`}
            onInput={(event) => setLooking(Number(event.currentTarget.value))}
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              setLooking(nearest((event.clientX - box.left) / box.width));
            }}
            onPointerLeave={() => setLooking(undefined)}
            onBlur={() => setLooking(undefined)}
          />
        </div>
      </div>
      <div class="batch-chart-times quiet small" aria-hidden="true">
        <span>{shortClock(first.at)}</span>
        <span>{shortClock(last.at)}</span>
      </div>
    </figure>
  );
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function niceTop(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5].find((one) => one * power >= value) ?? 10) * power;
}
