/** Which part of a document is at the top of what is shown of it. */

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";

const BELOW_TOP = 120;

export function useCurrentPart(root: RefObject<HTMLElement | null>) {
  const [current, setCurrent] = useState(0);
  const waiting = useRef(false);
  const scrolled = () => {
    if (!waiting.current) {
      waiting.current = true;
      requestAnimationFrame(() => {
        waiting.current = false;
        if (root.current) {
          setCurrent(partAt(root.current));
        }
      });
    }
  };
  return { current, scrolled };
}

/** The last part that begins above a line near the top; parts stand in order, so half of them are looked at each time. */
function partAt(root: HTMLElement): number {
  const parts = root.querySelectorAll<HTMLElement>("[data-part]");
  const line = root.getBoundingClientRect().top + BELOW_TOP;
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((parts[middle]?.getBoundingClientRect().top ?? 0) <= line) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return Number(parts[low]?.dataset["part"] ?? 0);
}
