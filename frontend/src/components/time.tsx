/** Moments in the user's time zone. */

import { signal } from "@preact/signals";
import { ago, shortTime, time } from "../format";

const STEP_MS = 20_000;
const ticks = signal(0);
setInterval(() => (ticks.value += 1), STEP_MS);

/** How long ago, kept true while it is shown; the exact moment as its title. */
export function Ago({ at }: { at: string }) {
  return (
    <time class="nowrap" dateTime={at} title={time(at)} data-tick={ticks.value}>
      {ago(at)}
    </time>
  );
}

/** Day and time; the exact moment as its title. */
export function Moment({ at }: { at: string }) {
  return (
    <time class="nowrap" dateTime={at} title={time(at)}>
      {shortTime(at)}
    </time>
  );
}
