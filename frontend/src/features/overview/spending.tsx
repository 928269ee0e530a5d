/** What was spent day by day, with which connection. The ledger outlives batches that are deleted. */

import "./spending.css";
import { api } from "../../shared/api/client";
import type { Spending, SpendingSums } from "../../shared/api/types";
import { costOf, count, money, plural } from "../../shared/format";
import { useLive } from "../../shared/live/stream";
import { useResource, useThrottled } from "../../shared/resource";
import { setQuery, useQuery } from "../../shared/router";
import { ErrorNotice, Figures, Notice, Skeleton } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { TableFrame } from "../../shared/ui/table";
import { dayName, SpendingChart } from "./spending-chart";

const PERIODS = [7, 30, 90, 365];
const STANDARD = 30;
const REFRESH_MS = 10_000;

export default function SpendingSection() {
  const asked = Number(useQuery("days"));
  const days = PERIODS.includes(asked) ? asked : STANDARD;
  const spending = useResource(`spending ${days}`, (signal) =>
    api.get("/api/spending", { query: { days, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone }, signal }),
  );
  useLive({ batch: useThrottled(spending.reload, REFRESH_MS) });
  return (
    <section class="stack-small" aria-labelledby="spending">
      <div class="head">
        <h2 id="spending">Spending</h2>
        <select
          class="input spending-period"
          aria-label="Period of the spending"
          value={days}
          onChange={(event) => setQuery({ days: Number(event.currentTarget.value) === STANDARD ? null : event.currentTarget.value })}
        >
          {PERIODS.map((one) => (
            <option key={one} value={one}>
              Last {one} days
            </option>
          ))}
        </select>
      </div>
      {spending.data ? (
        <Shown spending={spending.data} />
      ) : spending.error ? (
        <ErrorNotice problem={spending.error} retry={spending.reload} />
      ) : (
        <Skeleton height="24rem" />
      )}
    </section>
  );
}

function Shown({ spending }: { spending: Spending }) {
  const { total, days } = spending;
  const today = days.at(-1);
  if (total.calls === 0) {
    return (
      <p class="card quiet">
        No call was made in the last {days.length} days. What calls cost is added up here day by day, and stays when batches are
        deleted.
      </p>
    );
  }
  return (
    <div class="card stack">
      <Figures
        items={[
          ["Today", today ? costOf(today) : "–"],
          [`Last ${days.length} days`, costOf(total)],
          ["Calls", count(total.calls)],
          ["Input tokens", count(total.input_tokens)],
          ["Cached input tokens", count(total.cached_tokens)],
          ["Output tokens", count(total.output_tokens)],
        ]}
      />
      {total.unpriced_calls > 0 && <Unpriced spending={spending} />}
      {total.cost ? <SpendingChart days={days} connections={spending.connections} /> : <WithoutChart total={total} />}
      <Days spending={spending} />
    </div>
  );
}

function Unpriced({ spending }: { spending: Spending }) {
  const { total } = spending;
  const without = spending.connections.filter((one) => one.unpriced_calls > 0).map((one) => one.connection);
  return (
    <Notice tone="warn">
      <p>
        <strong>
          The cost of {total.unpriced_calls >= total.calls ? "all" : "some"} calls is unknown:{" "}
          {plural(total.unpriced_calls, "call")} with {without.join(", ")}.
        </strong>{" "}
        Where a price is missing, give it on the connection's <Link href="/connections">page</Link>, and calls from then on
        are counted. The cost of calls that were given up, or not answered in time, stays unknown
        {total.possible_cost > 0 && ` and is at most ${money(total.possible_cost)} where the price is known`}.
      </p>
    </Notice>
  );
}

function WithoutChart({ total }: { total: SpendingSums }) {
  return total.cost === 0 ? <p class="quiet">Nothing was spent: the calls with a known price were free.</p> : null;
}

/** The figures behind the chart. */
function Days({ spending }: { spending: Spending }) {
  const busy = spending.days.filter((day) => day.calls > 0).reverse();
  return (
    <details class="spending-days">
      <summary>Figures by day and connection</summary>
      <TableFrame label="Spending by day and connection">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Connection</th>
            <th scope="col" class="number">
              Calls
            </th>
            <th scope="col" class="number">
              Input tokens
            </th>
            <th scope="col" class="number">
              Cached
            </th>
            <th scope="col" class="number">
              Output tokens
            </th>
            <th scope="col" class="number">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {busy.flatMap((day) =>
            day.connections.map((one) => (
              <tr key={`${day.day} ${one.connection}`}>
                <th scope="row" class="nowrap">
                  {dayName(day.day)}
                </th>
                <td class="spending-name" dir="auto">
                  {one.connection}
                </td>
                <td class="number">{count(one.calls)}</td>
                <td class="number">{count(one.input_tokens)}</td>
                <td class="number">{count(one.cached_tokens)}</td>
                <td class="number">{count(one.output_tokens)}</td>
                <td class="number nowrap">{costOf(one)}</td>
              </tr>
            )),
          )}
        </tbody>
      </TableFrame>
    </details>
  );
}
