/** Parts of tables and lists. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { setQuery, useQuery, withQuery } from "../router";
import { useShortcuts } from "../shortcuts/registry";
import { Link } from "./link";

interface TableFrameProps {
  /** What the table shows, for screen readers. */
  label: string;
  /**
   * In a narrow window each row becomes a card. Cells may carry `data-name`, shown before their value there,
   * `data-own-line`, or `data-wide-only` where the card can do without them.
   */
  cards?: boolean;
  /** What is shown is being replaced. */
  busy?: boolean;
  children: ComponentChildren;
}

/** Lets a wide table be scrolled sideways, also with the keyboard. */
export function TableFrame({ label, cards, busy, children }: TableFrameProps) {
  return (
    <div class="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table class="table" data-cards={cards || undefined} aria-busy={busy || undefined}>
        {children}
      </table>
    </div>
  );
}

/** The head of the column with what can be done with a row. */
export function ActionsHeader() {
  return (
    <th scope="col">
      <span class="hidden">Actions</span>
    </th>
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
    <th scope="col" data-sorts class={number ? "number" : undefined} aria-sort={up ? "ascending" : down ? "descending" : undefined}>
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

/** The way on in a list that comes in pages, and back to its beginning; nothing where it has one page. */
export function Paging({ next, cursor }: { next: string | null | undefined; cursor: string }) {
  if (!next && !cursor) {
    return null;
  }
  return (
    <nav class="row" aria-label="Pages">
      {cursor && (
        <Link class="button" href={withQuery({ cursor: null })}>
          First page
        </Link>
      )}
      {next && (
        <Link class="button" href={withQuery({ cursor: next })}>
          Next page
        </Link>
      )}
    </nav>
  );
}

const TYPING_MS = 250;

/** A field whose text lives in the address as `search`, a moment after it was typed. `/` leads to it, Escape empties it. */
export function SearchField({ label, name = "search" }: { label: string; name?: string }) {
  const field = useRef<HTMLInputElement>(null);
  useShortcuts("Lists", [{ keys: "/", label, act: () => field.current?.select() }]);
  const given = useQuery(name);
  const [text, setText] = useState(given);
  const sent = useRef(given);
  useEffect(() => {
    if (given !== sent.current) {
      sent.current = given;
      setText(given);
    }
  }, [given]);
  useEffect(() => {
    if (text === given) {
      return;
    }
    const timer = setTimeout(() => {
      sent.current = text;
      setQuery({ [name]: text, cursor: null }, { replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      dir="auto"
      ref={field}
      class="input search"
      type="search"
      aria-label={label}
      aria-keyshortcuts="/"
      title="Press / to search"
      placeholder={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && setText("")}
    />
  );
}
