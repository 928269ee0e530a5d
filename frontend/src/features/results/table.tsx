/** The results as a table: a row a task. */

import type { ComponentChildren, TargetedKeyboardEvent, TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../shared/api/types";
import { count, milliseconds, money, shortTime } from "../../shared/format";
import { useMedia } from "../../shared/media";
import { setQuery, useQuery, withQuery } from "../../shared/router";
import { SortButton } from "../../shared/ui/table";
import { TaskBadge } from "../batches/badges";
import { Outcome } from "./answer";
import type { Listing } from "./listing";
import { moved, useWindow, type Window } from "./window";

const ROW = 2.25;
const CARD = 6.5;

interface Column {
  name: string;
  title: string;
  /** The name that the API sorts by. */
  sort?: string;
  number?: boolean;
  show: (task: Task) => ComponentChildren;
}

const DOCUMENT: Column = { name: "document", title: "Document", sort: "document", show: (task) => <DocumentLink task={task} /> };
const CONNECTION: Column = { name: "connection", title: "Connection", show: (task) => <bdi>{task.connection}</bdi> };
const PROMPT: Column = { name: "prompt", title: "Prompt", show: (task) => <bdi>{task.prompt}</bdi> };
const OTHERS: Column[] = [
  { name: "status", title: "Status", show: (task) => <TaskBadge task={task} /> },
  { name: "answer", title: "Answer or failure", show: (task) => <Outcome task={task} /> },
  { name: "input", title: "In (cached)", number: true, show: tokensIn },
  { name: "output", title: "Out", sort: "output_tokens", number: true, show: (task) => count(task.output_tokens) },
  { name: "cost", title: "Cost", sort: "cost", number: true, show: (task) => (task.finished_at ? money(task.cost) : "–") },
  { name: "latency", title: "Latency", sort: "latency_ms", number: true, show: (task) => milliseconds(task.latency_ms) },
  { name: "finished", title: "Finished", sort: "finished_at", number: true, show: (task) => shortTime(task.finished_at) },
];

function tokensIn(task: Task) {
  return (
    <>
      {count(task.input_tokens)}
      {!!task.cached_tokens && <span class="quiet"> ({count(task.cached_tokens)})</span>}
    </>
  );
}

/** A link, so that a task can be opened in another tab too. */
function DocumentLink({ task }: { task: Task }) {
  return (
    <a class="results-document" dir="auto" href={withQuery({ task: String(task.id) })} tabIndex={-1} title={task.sent_part ? `${task.document}, sent in part: ${task.sent_part}` : task.document}>
      {task.sent_part && <span class="quiet">in part: </span>}
      {task.document}
    </a>
  );
}

interface TableProps {
  listing: Listing;
  /** Whether the run has several of them; where there is one, a column would say nothing. */
  connections: boolean;
  prompts: boolean;
}

export function ResultsTable({ listing, connections, prompts }: TableProps) {
  void listing.version.value;
  const narrow = useMedia("(max-width: 45rem)");
  const head = useRef<HTMLDivElement>(null);
  const total = listing.total ?? 0;
  const view = useWindow(total, narrow ? CARD : ROW, () => head.current?.offsetHeight ?? 0);
  const [active, setActive] = useActiveRow(listing, view);
  const columns = [DOCUMENT, ...(connections ? [CONNECTION] : []), ...(prompts ? [PROMPT] : []), ...OTHERS];
  useEffect(() => listing.want(view.first, Math.max(view.first, view.end - 1)), [listing, view.first, view.end]);
  const pressed = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.altKey || event.metaKey) {
      return;
    }
    const next = moved(event.key, active, total, view.visible);
    const task = listing.row(active);
    if (next !== undefined) {
      event.preventDefault();
      setActive(next);
      view.show(next);
    } else if (event.key === "Enter" && task) {
      event.preventDefault();
      open(task);
    }
  };
  const inView = active >= view.first && active < view.end;
  return (
    <div
      ref={view.frame}
      class="results-frame"
      role="grid"
      aria-label="Results"
      aria-rowcount={total + 1}
      aria-activedescendant={inView ? `result-${active}` : undefined}
      tabIndex={0}
      data-prompts={prompts}
      data-connections={connections}
      onScroll={view.scrolled}
      onKeyDown={pressed}
    >
      <div ref={head} class="results-head" role="rowgroup">
        <div class="results-row" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <Head key={column.name} column={column} />
          ))}
        </div>
      </div>
      <div class="results-body" role="rowgroup" style={{ height: `${view.height}px` }}>
        {Array.from({ length: Math.max(0, view.end - view.first) }, (_, n) => view.first + n).map((index) => (
          <Row
            key={index}
            index={index}
            top={view.top(index)}
            task={listing.row(index)}
            columns={columns}
            selected={index === active}
            choose={() => setActive(index)}
          />
        ))}
      </div>
    </div>
  );
}

/** The selected row; it follows the task that the drawer shows. */
function useActiveRow(listing: Listing, view: Window): [number, (index: number) => void] {
  const [active, setActive] = useState(0);
  const shown = Number(useQuery("task"));
  useEffect(() => {
    let gone = false;
    if (shown) {
      listing.locate(shown).then(
        (index) => {
          if (index !== undefined && !gone) {
            setActive(index);
            view.show(index);
          }
        },
        () => undefined, // the drawer says what is wrong
      );
    }
    return () => void (gone = true);
  }, [listing, shown, listing.total === undefined]);
  useEffect(() => setActive(0), [listing]);
  return [active, setActive];
}

const open = (task: Task) => setQuery({ task: String(task.id), document: null });

function Head({ column }: { column: Column }) {
  const sort = useQuery("sort");
  const up = column.sort !== undefined && sort === column.sort;
  const down = column.sort !== undefined && sort === `-${column.sort}`;
  return (
    <div
      role="columnheader"
      class={`results-${column.name}${column.number ? " number" : ""}`}
      aria-sort={up ? "ascending" : down ? "descending" : undefined}
    >
      {column.sort ? (
        <SortButton up={up} down={down} flip={() => setQuery({ sort: nextSort(column, up, down) })}>
          {column.title}
        </SortButton>
      ) : (
        column.title
      )}
    </div>
  );
}

/** Figures begin with the largest; the third press goes back to the listing's own order. */
function nextSort({ sort = "", number }: Column, up: boolean, down: boolean): string {
  if (number) {
    return down ? sort : up ? "" : `-${sort}`;
  }
  return up ? `-${sort}` : down ? "" : sort;
}

interface RowProps {
  index: number;
  top: number;
  task: Task | undefined;
  columns: Column[];
  selected: boolean;
  choose: () => void;
}

function Row({ index, top, task, columns, selected, choose }: RowProps) {
  const clicked = (event: TargetedMouseEvent<HTMLDivElement>) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (task && !elsewhere && getSelection()?.isCollapsed !== false) {
      event.preventDefault();
      choose();
      open(task);
    }
  };
  return (
    <div
      id={`result-${index}`}
      class="results-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={!task || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={clicked}
    >
      {columns.map((column) => (
        <div
          key={column.name}
          role={column.name === "document" ? "rowheader" : "gridcell"}
          class={`results-${column.name}${column.number ? " number" : ""}`}
          data-title={column.title}
        >
          {task ? column.show(task) : <span class="results-missing" />}
        </div>
      ))}
    </div>
  );
}
