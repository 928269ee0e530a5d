/** The fields of a structured answer. */

import { useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { Button } from "../../../shared/ui/basic";
import { Folded } from "../../../shared/ui/folded";
import { LongText } from "../../../shared/ui/long-text";
import { compact } from "../answer";

const SHOWN = 40;

export function Members({ members }: { members: [string, unknown][] }) {
  const [all, setAll] = useState(false);
  const shown = all ? members : members.slice(0, SHOWN);
  return (
    <>
      <dl class="drawer-members">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt dir="auto">{name}</dt>
            <dd>
              <Folded text={textOf(value)}>{(part) => (isNested(value) ? <pre dir="auto">{part}</pre> : <LongText text={part} />)}</Folded>
            </dd>
          </div>
        ))}
      </dl>
      {members.length > SHOWN && (
        <div>
          <Button size="small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer fields" : `Show all ${count(members.length)} fields`}
          </Button>
        </div>
      )}
    </>
  );
}

const textOf = (value: unknown) => (isNested(value) ? JSON.stringify(value, null, 2) : compact(value));

const isNested = (value: unknown): boolean =>
  value !== null && typeof value === "object" && (!Array.isArray(value) || value.some((one) => one !== null && typeof one === "object"));
