/** A bar for each day from zero upwards, stacked by connection. */

import { useState } from "preact/hooks";
import type { ConnectionSpending, DaySpending } from "../../shared/api/types";
import { costOf, dollars, money, plural } from "../../shared/format";

interface ChartProps {
  days: DaySpending[];
  /** The most expensive first. */
  connections: ConnectionSpending[];
}

const HEIGHT = 160;
/** Connections with a colour of their own; what is spent with further ones is one part. */
const SHOWN = 5;
const OTHERS = "Others";

export function SpendingChart({ days, connections }: ChartProps) {
  const [pointed, setPointed] = useState<number>();
  const costly = connections.filter((one) => one.cost);
  const names = costly.slice(0, SHOWN).map((one) => one.connection);
  const rest = costly.slice(SHOWN).reduce((sum, one) => sum + (one.cost ?? 0), 0);
  const parts = rest > 0 ? [...names, OTHERS] : names;
  const top = roundUp(Math.max(...days.map((day) => day.cost ?? 0)));
  const share = 100 / days.length;
  const follow = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * days.length);
    setPointed(Math.min(days.length - 1, Math.max(0, index)));
  };
  return (
    <figure class="spending-figure">
      <div class="spending-plot">
        <div class="spending-scale quiet small" aria-hidden="true">
          <span>{dollars(top)}</span>
          <span>{dollars(top / 2)}</span>
          <span>$0</span>
        </div>
        <svg
          class="spending-chart"
          height={HEIGHT}
          role="img"
          aria-label={summary(days)}
          onPointerMove={follow}
          onPointerDown={follow}
          onPointerLeave={() => setPointed(undefined)}
        >
          {[0.5, HEIGHT / 2, HEIGHT - 0.5].map((y) => (
            <line key={y} class="spending-grid" x1="0" x2="100%" y1={y} y2={y} />
          ))}
          {pointed !== undefined && (
            <rect class="spending-pointed" x={`${pointed * share}%`} width={`${share}%`} y="0" height={HEIGHT} />
          )}
          {days.map((day, index) => (
            <Bar key={day.day} day={day} parts={parts} top={top} left={(index + 0.15) * share} width={share * 0.7} />
          ))}
        </svg>
        <div class="spending-axis quiet small" aria-hidden="true">
          {[0, (days.length - 1) >> 1, days.length - 1].map((index) => (
            <span key={index}>{days[index] && dayName(days[index].day)}</span>
          ))}
        </div>
      </div>
      <p class="spending-told small" aria-hidden="true">
        {pointed !== undefined && days[pointed] ? told(days[pointed]) : "Point at a day for its figures."}
      </p>
      <ul class="spending-legend small">
        {parts.map((name, index) => (
          <li key={name}>
            <span class="spending-colour" data-part={name === OTHERS ? "others" : index} />
            <span class="spending-name">{name}</span>
            <span class="number">{money(index < SHOWN ? costly[index]?.cost : rest)}</span>
          </li>
        ))}
        {days.some((day) => day.unpriced_calls > 0) && (
          <li>
            <strong class="spending-sign">?</strong> with calls of unknown cost
          </li>
        )}
      </ul>
    </figure>
  );
}

interface BarProps {
  day: DaySpending;
  parts: string[];
  top: number;
  /** In percent of the chart's width, as `width`. */
  left: number;
  width: number;
}

function Bar({ day, parts, top, left, width }: BarProps) {
  let bottom = HEIGHT;
  const costs = parts.map((name) =>
    day.connections
      .filter((one) => (parts.includes(one.connection) ? one.connection === name : name === OTHERS))
      .reduce((sum, one) => sum + (one.cost ?? 0), 0),
  );
  return (
    <g>
      {costs.map((cost, index) => {
        const height = (cost / top) * HEIGHT;
        bottom -= height;
        const part = parts[index] === OTHERS ? "others" : index;
        return cost > 0 && <rect key={index} data-part={part} x={`${left}%`} width={`${width}%`} y={bottom} height={height} />;
      })}
      {day.unpriced_calls > 0 && (
        <text class="spending-unknown" x={`${left + width / 2}%`} y={Math.max(12, bottom - 4)}>
          ?
        </text>
      )}
    </g>
  );
}

function told(day: DaySpending): string {
  const parts = day.connections.filter((one) => one.cost).map((one) => `${one.connection} ${money(one.cost)}`);
  const unknown = day.unpriced_calls ? [`${plural(day.unpriced_calls, "call")} of unknown cost`] : [];
  return [`${dayName(day.day)}: ${costOf(day)}`, ...parts, ...unknown].join(" · ");
}

function summary(days: DaySpending[]): string {
  const most = days.reduce((best, day) => ((day.cost ?? 0) > (best.cost ?? 0) ? day : best));
  const first = days[0] ?? most;
  return `Spending a day since ${dayName(first.day)}, at most ${money(most.cost)} on ${dayName(most.day)}. The table below has the figures.`;
}

/** The next of 1, 2, 5, 10, 20, 50 and so on, so that half of it is a figure that can be read. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * unit >= value * 0.999_999) ?? 10) * unit;
}

const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

/** A calendar day such as 2026-05-31, in words. */
export function dayName(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return dayFormat.format(new Date(year, month - 1, date));
}
