/** Chooses a folder of the machine that docstage runs on. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import { plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Dialog } from "../../../shared/ui/dialog";

interface BrowseProps {
  /** Where to begin; empty for the server's own choice. */
  start: string;
  choose: (path: string) => void;
  close: () => void;
}

const load = (path: string, signal: AbortSignal) =>
  api.get("/api/folders/browse", path ? { query: { path }, signal } : { signal });

export function BrowseDialog({ start, choose, close }: BrowseProps) {
  const [path, setPath] = useState(start);
  const [filter, setFilter] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const inList = useRef(false);
  const roots = useResource("browse", (signal) => load("", signal));
  const here = useResource(`browse ${path}`, (signal) => load(path, signal));
  const listing = here.data;
  // With allowed roots, the listing without a path is the list of them.
  const confined = roots.data?.path === null ? roots.data.folders.map((folder) => folder.path) : undefined;
  const go = (to: string) => {
    inList.current = Boolean(list.current?.contains(document.activeElement));
    if (inList.current) {
      list.current?.focus(); // the entries go away while the next ones are fetched
    }
    setPath(to);
    setFilter("");
  };
  const up = () => {
    if (listing?.parent) {
      go(listing.parent);
    } else if (confined && listing?.path) {
      go("");
    }
  };
  useLayoutEffect(() => {
    if (listing && inList.current) {
      (list.current?.querySelector("button") ?? list.current)?.focus();
    }
  }, [listing]);
  const wanted = filter.toLowerCase();
  const shown = listing?.folders.filter((folder) => folder.name.toLowerCase().includes(wanted)) ?? [];
  return (
    <Dialog title="Choose a folder" close={close}>
      <Crumbs path={listing?.path ?? null} confined={confined} go={go} />
      <input
        dir="auto"
        class="input"
        type="search"
        aria-label="Filter the folders here"
        placeholder="Filter the folders here"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            list.current?.querySelector("button")?.focus();
          }
        }}
      />
      <ul
        ref={list}
        class="folders-browse"
        tabIndex={-1}
        aria-label="Folders here"
        onKeyDown={(event) => (event.key === "Backspace" || (event.key === "ArrowLeft" && !event.altKey) ? up() : step(event))}
      >
        {!listing && !here.error && (
          <li>
            <Skeleton height="8rem" />
          </li>
        )}
        {shown.map((folder) => (
          <li key={folder.path}>
            <button type="button" onClick={() => go(folder.path)}>
              <FolderIcon />
              <bdi>{folder.name}</bdi>
            </button>
          </li>
        ))}
        {listing && shown.length === 0 && (
          <li class="quiet folders-browse-none">{filter ? "No folder here is named like that." : "There are no folders in here."}</li>
        )}
      </ul>
      {here.error && (
        <>
          <ErrorNotice problem={here.error} retry={here.reload} />
          <div>
            <Button size="small" onClick={() => go("")}>
              Start again at the top
            </Button>
          </div>
        </>
      )}
      <p class="quiet small" role="status">
        {listing?.path ? `${plural(listing.files, "file")} directly in this folder, ${plural(listing.folders.length, "sub-folder")}` : " "}
      </p>
      <div class="dialog-buttons">
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" disabled={!listing?.path} onClick={() => listing?.path && choose(listing.path)}>
          Choose this folder
        </Button>
      </div>
    </Dialog>
  );
}

interface CrumbsProps {
  path: string | null;
  confined: string[] | undefined;
  go: (path: string) => void;
}

/** The way from the top to the folder; each part leads back there. */
function Crumbs({ path, confined, go }: CrumbsProps) {
  const all = path === null ? [] : ancestors(path);
  const root = confined?.find((one) => all.includes(one));
  const parts = root === undefined ? all : all.slice(all.indexOf(root));
  return (
    <nav aria-label="Where you are">
      <ol class="folders-crumbs">
        {(confined || path === null) && (
          <li>
            <button type="button" aria-current={path === null ? "location" : undefined} onClick={() => go("")}>
              Allowed folders
            </button>
          </li>
        )}
        {parts.map((one, index) => (
          <li key={one}>
            <button type="button" aria-current={one === path ? "location" : undefined} onClick={() => go(one)}>
              {index === 0 ? one : lastPart(one)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The path and all folders above it, the topmost first. */
function ancestors(path: string): string[] {
  const found = [...path.matchAll(/[\\/]/g)].map(({ index }) => path.slice(0, Math.max(index, 1)));
  return [...new Set([...found, path])];
}

export const lastPart = (path: string) => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;

function step(event: KeyboardEvent): void {
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
  const move = moves[event.key];
  const entries = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
  const next = event.key === "Home" ? 0 : event.key === "End" ? entries.length - 1 : undefined;
  const to = next ?? (move === undefined ? undefined : entries.indexOf(document.activeElement as HTMLButtonElement) + move);
  if (to !== undefined) {
    event.preventDefault();
    entries[Math.max(0, Math.min(entries.length - 1, to))]?.focus();
  }
}

function FolderIcon() {
  return (
    <svg class="folders-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M1.5 4a1 1 0 0 1 1-1h3.6l1.4 1.5h6a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1z" fill="none" stroke="currentColor" stroke-width="1.3" />
    </svg>
  );
}
