/** To the previous and the next of what the drawer shows, also with the keys. */

import { count } from "../../../shared/format";
import { useShortcuts } from "../../../shared/shortcuts/registry";
import { Button } from "../../../shared/ui/basic";

interface StepsProps {
  /** What the drawer shows: "task" or "document". */
  what: string;
  /** Where it is, counted from 0; undefined while that is not known. */
  position: number | undefined;
  total: number | undefined;
  /** Go so far; 1 is to the next. Where there is nothing yet, it is fetched first. */
  go: (step: number) => void;
}

export function Steps({ what, position, total, go }: StepsProps) {
  useShortcuts("What is open", [
    { keys: "j", label: `The next ${what}`, act: () => go(1), inDialog: true },
    { keys: "ArrowRight", label: `The next ${what}`, act: () => go(1), inDialog: true },
    { keys: "k", label: `The previous ${what}`, act: () => go(-1), inDialog: true },
    { keys: "ArrowLeft", label: `The previous ${what}`, act: () => go(-1), inDialog: true },
  ]);
  const known = position !== undefined && total !== undefined;
  return (
    <div class="row">
      <span class="quiet small drawer-position">{known && `${count(position + 1)} of ${count(total)}`}</span>
      <Button size="small" disabled={!known || position === 0} title={`Previous ${what} (k or ←)`} onClick={() => go(-1)}>
        ← Previous
      </Button>
      <Button size="small" disabled={!known || position + 1 >= total} title={`Next ${what} (j or →)`} onClick={() => go(1)}>
        Next →
      </Button>
    </div>
  );
}
