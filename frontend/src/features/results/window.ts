/** Windowing: of a long list only the rows in view are in the document. */

import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

const AROUND = 8;
// Browsers cannot draw boxes of any height; longer lists are scrolled in larger steps.
const TALLEST = 12_000_000;

export interface Window {
  frame: RefObject<HTMLDivElement | null>;
  /** The rows to be drawn: from `first` up to, without, `end`. */
  first: number;
  end: number;
  /** How many rows are in view. */
  visible: number;
  /** Height of the whole list. */
  height: number;
  /** Where a row is drawn. */
  top: (index: number) => number;
  /** Bring a row into view, moving no more than needed. */
  show: (index: number) => void;
  /** To be called when the frame is scrolled. */
  scrolled: () => void;
}

/** The window over `count` rows of `rem` root units each, below a head that stays in view. */
export function useWindow(count: number, rem: number, head: () => number): Window {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const row = Math.round(rem * rootUnit());
  const { factor, height, ...drawn } = drawnRows(view, count, row);
  const scrolled = useCallback(() => {
    const element = frame.current;
    if (element) {
      const top = Math.max(0, element.scrollTop);
      // As long as the same rows are in view there is nothing to draw.
      const step = factor === 1 ? Math.floor(top / row) * row : top;
      const inner = element.clientHeight - head();
      setView((old) => (old.top === step && old.height === inner ? old : { top: step, height: inner }));
    }
  }, [factor, row]);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(scrolled);
    if (frame.current) {
      watch.observe(frame.current);
    }
    scrolled();
    return () => watch.disconnect();
  }, [scrolled, height]);
  const show = (index: number) => {
    const element = frame.current;
    if (element) {
      const at = index * row;
      const now = element.scrollTop * factor;
      const inner = element.clientHeight - head();
      if (at < now) {
        element.scrollTop = at / factor;
      } else if (at + row > now + inner) {
        element.scrollTop = (at + row - inner) / factor;
      }
      element.scrollIntoView({ block: "nearest" });
    }
  };
  return { frame, height, ...drawn, show, scrolled };
}

interface DrawnRows extends Pick<Window, "first" | "end" | "visible" | "height" | "top"> {
  /** How far the list goes on for each unit that is scrolled. */
  factor: number;
}

/** What of `count` rows of `row` pixels each is drawn, in a frame that is so high and scrolled so far. */
export function drawnRows(view: { top: number; height: number }, count: number, row: number): DrawnRows {
  const full = count * row;
  const height = Math.min(full, TALLEST);
  const room = Math.max(row, view.height);
  const factor = full > TALLEST ? (full - room) / (TALLEST - room) : 1;
  const start = view.top * factor;
  const visible = Math.max(1, Math.floor(view.height / row));
  return {
    factor,
    height,
    visible,
    first: Math.max(0, Math.floor(start / row) - AROUND),
    end: Math.min(count, Math.floor(start / row) + visible + 2 + AROUND),
    top: (index) => (factor === 1 ? index * row : view.top + index * row - start),
  };
}

const rootUnit = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Where a key leads in a list of `count` rows, undefined when it leads nowhere. */
export function moved(key: string, from: number, count: number, visible: number): number | undefined {
  const to: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + visible,
    PageUp: from - visible,
    Home: 0,
    End: count - 1,
  };
  const next = to[key];
  return next === undefined ? undefined : Math.max(0, Math.min(count - 1, next));
}
