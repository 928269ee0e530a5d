/** To the previous and the next of what the drawer shows, also with the keys. */

import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../components/basic";
import { count } from "../../format";

interface StepsProps {
  /** What the drawer shows: "task" or "document". */
  what: string;
  /** Where it is, counted from 0; undefined while that is not known. */
  place: number | undefined;
  total: number | undefined;
  /** Go so far; 1 is to the next. Where there is nothing yet, it is fetched first. */
  go: (step: number) => void;
}

const KEYS: Record<string, number> = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };

export function Steps({ what, place, total, go }: StepsProps) {
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, .table-frame");
      const step = KEYS[event.key];
      if (step !== undefined && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        latest.current(step);
      }
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  const known = place !== undefined && total !== undefined;
  return (
    <div class="row">
      <span class="quiet small drawer-place">{known && `${count(place + 1)} of ${count(total)}`}</span>
      <Button size="small" disabled={!known || place === 0} title={`Previous ${what} (k or ←)`} onClick={() => go(-1)}>
        ← Previous
      </Button>
      <Button size="small" disabled={!known || place + 1 >= total} title={`Next ${what} (j or →)`} onClick={() => go(1)}>
        Next →
      </Button>
    </div>
  );
}
