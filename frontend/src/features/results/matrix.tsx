/** The results side by side: a row a document, a column for every prompt and connection. */

import "./matrix.css";
import type { TargetedKeyboardEvent, TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../shared/api/types";
import { setQuery, useQuery, withQuery } from "../../shared/router";
import { Outcome } from "./answer";
import { type Cell, movedCell } from "./cell";
import type { Named } from "./filters";
import type { Listing } from "./listing";
import { useWindow } from "./window";

const ROW = 7.5;

interface Column {
  connection: Named;
  prompt: Named;
}

interface MatrixProps {
  listing: Listing;
  connections: Named[];
  prompts: Named[];
}

export function ResultsMatrix({ listing, connections, prompts }: MatrixProps) {
  void listing.version.value;
  const columns = columnsOf(listing, connections, prompts);
  const width = columns.length;
  // Every document has one task in each column, and they follow each other in the listing.
  const documents = width > 0 ? Math.floor((listing.total ?? 0) / width) : 0;
  const head = useRef<HTMLDivElement>(null);
  const view = useWindow(documents, ROW, () => head.current?.offsetHeight ?? 0);
  const [[row, column], setActive] = useState<Cell>([0, 1]);
  const tasksOf = (index: number) => Array.from({ length: width }, (_, n) => listing.row(index * width + n));
  const taskAt = (index: number, cell: number) => find(tasksOf(index), columns[cell - 1]);
  useEffect(() => listing.want(view.first * width, Math.max(0, view.end * width - 1)), [listing, view.first, view.end, width]);
  useShownTask(listing, (task, index) => {
    const found = columns.findIndex((one) => one.connection.id === task.connection_id && one.prompt.id === task.prompt_id);
    const at = Math.floor(index / width);
    setActive([at, found + 1]);
    view.show(at);
  });
  const go = (to: Cell) => {
    setActive(to);
    view.show(to[0]);
    showColumn(view.frame.current, to[1]);
  };
  const pressed = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.altKey || event.metaKey) {
      return;
    }
    const next = movedCell(event, [row, column], [documents, width], view.visible);
    if (next) {
      event.preventDefault();
      go(next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(column === 0 ? undefined : taskAt(row, column), tasksOf(row)[0]);
    }
  };
  const inView = row >= view.first && row < view.end;
  return (
    <div
      ref={view.frame}
      class="results-frame results-matrix"
      style={{ "--results-width": String(width) }}
      role="grid"
      aria-label="Results side by side"
      aria-rowcount={documents + 1}
      aria-colcount={width + 1}
      aria-activedescendant={inView ? `cell-${row}-${column}` : undefined}
      tabIndex={0}
      onScroll={view.scrolled}
      onKeyDown={pressed}
    >
      <div ref={head} class="results-head" role="rowgroup">
        <div class="results-line" role="row" aria-rowindex={1}>
          <div role="columnheader" class="results-side" aria-colindex={1}>
            Document
          </div>
          {columns.map(({ connection, prompt }, number) => (
            <div key={number} role="columnheader" aria-colindex={number + 2}>
              <div class="results-asked" dir="auto">
                {prompt.name}
              </div>
              <div class="results-model" dir="auto">
                {connection.name}
              </div>
            </div>
          ))}
        </div>
      </div>
      <div class="results-body" role="rowgroup" style={{ height: `${view.height}px` }}>
        {Array.from({ length: Math.max(0, view.end - view.first) }, (_, n) => view.first + n).map((index) => (
          <Line
            key={index}
            index={index}
            top={view.top(index)}
            tasks={tasksOf(index)}
            columns={columns}
            active={index === row ? column : undefined}
            choose={(cell) => setActive([index, cell])}
          />
        ))}
      </div>
    </div>
  );
}

/** The wanted columns: the answers to one prompt stand beside each other. */
function columnsOf(listing: Listing, connections: Named[], prompts: Named[]): Column[] {
  const wanted = (ids: number[], all: Named[]) => (ids.length > 0 ? all.filter((one) => ids.includes(one.id)) : all);
  const lanes = wanted(listing.query.connection_id, connections);
  return wanted(listing.query.prompt_id, prompts).flatMap((prompt) => lanes.map((connection) => ({ connection, prompt })));
}

function find(tasks: (Task | undefined)[], column: Column | undefined): Task | undefined {
  return tasks.find((task) => task?.connection_id === column?.connection.id && task?.prompt_id === column?.prompt.id);
}

/** Calls with the task that the drawer shows, when it shows another, and its index. */
function useShownTask(listing: Listing, shown: (task: Task, index: number) => void): void {
  const id = Number(useQuery("task"));
  useEffect(() => {
    let gone = false;
    if (id) {
      listing.locate(id).then(
        (index) => {
          const task = index === undefined ? undefined : listing.row(index);
          if (task && index !== undefined && !gone) {
            shown(task, index);
          }
        },
        () => undefined, // the drawer says what is wrong
      );
    }
    return () => void (gone = true);
  }, [listing, id]);
}

/** Bring a column into view, beside the one that stays. */
function showColumn(frame: HTMLDivElement | null, column: number): void {
  const heads = frame?.querySelectorAll<HTMLElement>("[role=columnheader]");
  const head = heads?.[column];
  const side = heads?.[0]?.offsetWidth ?? 0;
  if (!frame || !head || column === 0) {
    return;
  }
  if (head.offsetLeft < frame.scrollLeft + side) {
    frame.scrollLeft = head.offsetLeft - side;
  } else if (head.offsetLeft + head.offsetWidth > frame.scrollLeft + frame.clientWidth) {
    frame.scrollLeft = head.offsetLeft + head.offsetWidth - frame.clientWidth;
  }
}

function open(task: Task | undefined, any: Task | undefined): void {
  if (task) {
    setQuery({ task: String(task.id), document: null });
  } else if (any) {
    setQuery({ document: String(any.document_id), task: null });
  }
}

interface LineProps {
  index: number;
  top: number;
  tasks: (Task | undefined)[];
  columns: Column[];
  active: number | undefined;
  choose: (cell: number) => void;
}

function Line({ index, top, tasks, columns, active, choose }: LineProps) {
  const any = tasks[0];
  const clicked = (cell: number) => (event: TargetedMouseEvent<HTMLDivElement>) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!elsewhere && getSelection()?.isCollapsed !== false) {
      event.preventDefault();
      choose(cell);
      open(find(tasks, columns[cell - 1]), any);
    }
  };
  return (
    <div class="results-line" role="row" aria-rowindex={index + 2} style={{ transform: `translateY(${top}px)` }}>
      <div
        id={`cell-${index}-0`}
        role="rowheader"
        class="results-side"
        aria-colindex={1}
        aria-selected={active === 0}
        onClick={clicked(0)}
      >
        {any ? (
          <a dir="auto" href={withQuery({ document: String(any.document_id) })} tabIndex={-1} title={any.document}>
            {any.document}
          </a>
        ) : (
          <span class="results-missing" />
        )}
      </div>
      {columns.map((column, number) => {
        const task = find(tasks, column);
        return (
          <div
            key={number}
            id={`cell-${index}-${number + 1}`}
            role="gridcell"
            class="results-cell"
            aria-colindex={number + 2}
            aria-selected={active === number + 1}
            onClick={clicked(number + 1)}
          >
            {task ? (
              <div class="results-text" dir="auto">
                <Outcome task={task} />
              </div>
            ) : (
              <span class="results-missing" />
            )}
          </div>
        );
      })}
    </div>
  );
}
