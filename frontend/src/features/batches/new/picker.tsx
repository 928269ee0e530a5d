/** One of the three lists to choose from. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { count, plural } from "../../../shared/format";
import type { Resource } from "../../../shared/resource";
import { ErrorNotice, Skeleton } from "../../../shared/ui/basic";

/** What every list's entries have. */
interface Entry {
  id: number;
  name: string;
}

interface PickerProps<T extends Entry> {
  title: string;
  /** What these are for, in a few words. */
  hint: string;
  list: Resource<T[]>;
  chosen: number[];
  choose: (ids: number[]) => void;
  /** What one is, in a line. */
  describe: (entry: T) => ComponentChildren;
  /** What is searched besides the name. */
  text: (entry: T) => string;
  /** How many of the chosen ones are not there any more. */
  gone: number;
  /** The one that was just made here; it gets the focus, since the form that had it is gone. */
  fresh: number | undefined;
  /** Why the choice will not do. */
  problem: string | undefined;
  /** The way to another one, beside the title. */
  add: ComponentChildren;
  /** What is shown instead of the list while there is none to choose. */
  empty: ComponentChildren;
}

/** With more entries than this they can be searched. */
const SEARCHED = 6;
/** The most that are shown at once. */
const SHOWN = 200;

export function Picker<T extends Entry>(props: PickerProps<T>) {
  const { title, hint, list, chosen, problem } = props;
  const id = useId();
  const entries = list.data ?? [];
  return (
    <section
      class="card new-batch-column"
      data-invalid={problem ? true : undefined}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={problem ? `${id}-problem` : undefined}
    >
      <div class="head new-batch-title">
        <div>
          <h2 id={`${id}-title`}>{title}</h2>
          <p class="quiet small">
            {entries.length > 0 ? `${count(chosen.length)} of ${count(entries.length)} chosen` : hint}
          </p>
        </div>
        {entries.length > 0 && props.add}
      </div>
      {problem && (
        <p id={`${id}-problem`} class="field-error" role="alert">
          {problem}
        </p>
      )}
      {props.gone > 0 && (
        <p class="quiet small">
          {plural(props.gone, "other")} that this address names {props.gone === 1 ? "does" : "do"} not exist any more.
        </p>
      )}
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="12rem" />}
      {list.data && (entries.length > 0 ? <Choices {...props} entries={entries} /> : props.empty)}
    </section>
  );
}

type ChoicesProps<T extends Entry> = PickerProps<T> & { entries: T[] };

function Choices<T extends Entry>({ title, entries, chosen, choose, fresh, describe, text }: ChoicesProps<T>) {
  const rows = useRef<HTMLUListElement>(null);
  const arrived = entries.some((entry) => entry.id === fresh);
  useEffect(() => rows.current?.querySelector<HTMLElement>(`[value="${fresh}"]`)?.focus(), [fresh, arrived]);
  const [search, setSearch] = useState("");
  // Those that were chosen when the list came stand first; nothing moves while somebody chooses.
  const ordered = useMemo(() => chosenFirst(entries, chosen), [entries]);
  const wanted = search.trim().toLowerCase();
  const found = wanted
    ? ordered.filter((entry) => `${entry.name} ${text(entry)}`.toLowerCase().includes(wanted))
    : ordered;
  const flip = (id: number, on: boolean) => choose(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <>
      {entries.length > SEARCHED && (
        <input
          dir="auto"
          class="input search"
          type="search"
          aria-label={`Search ${title.toLowerCase()}`}
          placeholder="Search"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul ref={rows} class="new-batch-list">
        {found.slice(0, SHOWN).map((entry) => (
          <li key={entry.id}>
            <label class="new-batch-entry">
              <input
                type="checkbox"
                value={entry.id}
                checked={chosen.includes(entry.id)}
                onChange={(event) => flip(entry.id, event.currentTarget.checked)}
              />
              <span>
                <span class="new-batch-name">{entry.name}</span>
                <span class="quiet small">{describe(entry)}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet small">Nothing contains “{search.trim()}”.</p>}
      {found.length > SHOWN && (
        <p class="quiet small">{count(found.length - SHOWN)} more; search to find them.</p>
      )}
    </>
  );
}

function chosenFirst<T extends Entry>(entries: T[], chosen: number[]): T[] {
  const first = entries.filter((entry) => chosen.includes(entry.id));
  return [...first, ...entries.filter((entry) => !first.includes(entry))];
}
