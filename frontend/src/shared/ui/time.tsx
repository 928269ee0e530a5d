/** Moments in the user's time zone. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
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

const SECOND_MS = 1_000;

/**
 * Whole seconds that are left of a time that was told with `source`, counted down while they are shown; `ended` is
 * told when none is left.
 */
export function useCountdown(seconds: number, source: unknown, ended?: () => void): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const end = Date.now() + seconds * SECOND_MS;
    setLeft(seconds);
    if (seconds <= 0) {
      return;
    }
    const timer = setInterval(() => {
      const rest = (end - Date.now()) / SECOND_MS;
      setLeft(rest);
      if (rest <= 0) {
        clearInterval(timer);
        ended?.();
      }
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [source]);
  return Math.max(0, Math.ceil(left));
}
