/** Parts of tables and lists. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { setQuery, useQuery } from "../router";

interface TableFrameProps {
  /** What the table shows, for screen readers. */
  label: string;
  children: ComponentChildren;
}

/** Lets a wide table be scrolled sideways, also with the keyboard. */
export function TableFrame({ label, children }: TableFrameProps) {
  return (
    <div class="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table class="table">{children}</table>
    </div>
  );
}

interface SortHeaderProps {
  /** The name that the API sorts by. */
  name: string;
  children: ComponentChildren;
  number?: boolean;
  /** The order when the address names none, such as `-id`. */
  standard?: string;
}

/** The head of a column that can be sorted; the order lives in the address as `sort`. */
export function SortHeader({ name, children, number, standard = "" }: SortHeaderProps) {
  const sort = useQuery("sort") || standard;
  const up = sort === name;
  const down = sort === `-${name}`;
  return (
    <th scope="col" class={number ? "number" : undefined} aria-sort={up ? "ascending" : down ? "descending" : undefined}>
      <SortButton up={up} down={down} flip={() => setQuery({ sort: up ? `-${name}` : name, cursor: null })}>
        {children}
      </SortButton>
    </th>
  );
}

interface SortButtonProps {
  up: boolean;
  down: boolean;
  flip: () => void;
  children: ComponentChildren;
}

export function SortButton({ up, down, flip, children }: SortButtonProps) {
  return (
    <button type="button" class="sort" onClick={flip}>
      {children}
      <span aria-hidden="true">{up ? "▲" : down ? "▼" : "↕"}</span>
    </button>
  );
}

const TYPING_MS = 250;

/** A field whose text lives in the address as `search`, a moment after it was typed. */
export function SearchField({ label, name = "search" }: { label: string; name?: string }) {
  const given = useQuery(name);
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
  useEffect(() => {
    if (text === given) {
      return;
    }
    const timer = setTimeout(() => setQuery({ [name]: text, cursor: null }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      class="input search"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
