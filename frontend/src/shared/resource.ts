/** Data that a page shows: fetched, fetched anew when it changes, kept on screen meanwhile. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem, token } from "./api/client";
import { reconnections } from "./live/stream";

export interface Resource<T> {
  /** What was fetched last, undefined before the first answer; kept while it is fetched anew. */
  data: T | undefined;
  /** Why the last fetch failed. */
  error: Problem | undefined;
  /** Fetch it anew. */
  reload: () => void;
  /** Put in what is already known to be newer. */
  set: (change: (data: T) => T) => void;
}

/**
 * Fetch something when the component is first shown, when `key` changes, and when the stream comes back after a
 * loss. What belongs to another key is not shown.
 */
export function useResource<T>(key: string, load: (abort: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: Problem }>({ key });
  const [turn, setTurn] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    const abort = new AbortController();
    loader.current(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ key, data }),
      (error: unknown) => {
        if (!abort.signal.aborted) {
          const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
          setState((old) => (old.key === key && old.data !== undefined ? { ...old, error: problem } : { key, error: problem }));
        }
      },
    );
    return () => abort.abort();
  }, [key, turn, reconnections.value, token.value]);
  const reload = useCallback(() => setTurn((number) => number + 1), []);
  const set = useCallback(
    (change: (data: T) => T) =>
      setState((old) => (old.data === undefined ? old : { ...old, data: change(old.data) })),
    [],
  );
  const mine = state.key === key;
  return { data: mine ? state.data : undefined, error: mine ? state.error : undefined, reload, set };
}

/** The last value that there was, for keeping a list on screen while another is fetched. */
export function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  last.current = value ?? last.current;
  return last.current;
}

/** Calls at most once in so many milliseconds, and once more after the last call within that time. */
export function useThrottled(call: () => void, interval: number): () => void {
  const latest = useRef(call);
  latest.current = call;
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; last: number }>({ timer: undefined, last: 0 });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return useCallback(() => {
    const now = Date.now();
    if (state.current.timer !== undefined) {
      return;
    }
    const wait = Math.max(0, state.current.last + interval - now);
    state.current.timer = setTimeout(() => {
      state.current = { timer: undefined, last: Date.now() };
      latest.current();
    }, wait);
  }, [interval]);
}
