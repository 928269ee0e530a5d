/** Which documents a folder would have, asked anew a moment after its values change. */

import { useEffect, useRef, useState } from "preact/hooks";
import { api, Problem, problemFrom } from "../../../shared/api/client";
import { bytes, count, plural } from "../../../shared/format";
import { Skeleton } from "../../../shared/ui/basic";
import { bodyOf, type FolderValues } from "./values";

const TYPING_MS = 300;
const LARGEST_LIST = 200;

export interface Found {
  count: number;
  complete: boolean;
  documents: { path: string; size: number }[];
}

export interface Look {
  /** The last answer; kept while the next is awaited. */
  found: Found | undefined;
  /** Why the folder cannot be used like this. */
  problem: Problem | undefined;
  busy: boolean;
}

/** Look into a folder as it would be stored, without storing it. */
export function useLook(values: FolderValues, search: string): Look {
  const [look, setLook] = useState<Look>({ found: undefined, problem: undefined, busy: false });
  const first = useRef(true);
  const key = JSON.stringify([{ ...values, name: "" }, search]);
  useEffect(() => {
    if (!values.path.trim()) {
      setLook({ found: undefined, problem: undefined, busy: false });
      return;
    }
    const abort = new AbortController();
    setLook((old) => ({ ...old, busy: true }));
    const ask = () =>
      api.post("/api/folders/check", { query: { search }, body: { ...bodyOf(values), name: null }, signal: abort.signal }).then(
        (found) => setLook({ found, problem: undefined, busy: false }),
        (error: unknown) => {
          if (!abort.signal.aborted) {
            setLook({ found: undefined, problem: problemFrom(error), busy: false });
          }
        },
      );
    const timer = setTimeout(() => void ask(), first.current ? 0 : TYPING_MS);
    first.current = false;
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return look;
}

interface FoundDocumentsProps {
  look: Look;
  search: string;
  setSearch: (text: string) => void;
}

export function FoundDocuments({ look, search, setSearch }: FoundDocumentsProps) {
  const { found, busy, problem } = look;
  return (
    <section class="stack-small folders-found" aria-label="Documents that are found" aria-busy={busy}>
      <div class="head">
        <p role="status">
          <strong>{found ? foundText(found, search) : problem ? "No documents can be found like this." : "Looking…"}</strong>
        </p>
        <input
          dir="auto"
          class="input folders-found-search"
          type="search"
          aria-label="Search the documents"
          placeholder="Search the documents"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <div class="folders-found-list" tabIndex={0} role="region" aria-label="The first documents">
        {!found && busy && <Skeleton height="6rem" />}
        {found && (
          <ul class="folders-found-items">
            {found.documents.map((document) => (
              <li key={document.path}>
                <span dir="auto">{document.path}</span>
                <span class="number quiet">{bytes(document.size)}</span>
              </li>
            ))}
          </ul>
        )}
        {found?.count === 0 && <p class="quiet">{search ? "No name contains this text." : "Choose other kinds of files, or another folder."}</p>}
        {found && found.count > found.documents.length && (
          <p class="quiet small">The first {count(Math.min(LARGEST_LIST, found.documents.length))} are listed. Search to see others.</p>
        )}
      </div>
    </section>
  );
}

function foundText(found: Found, search: string): string {
  const number = `${found.complete ? "" : "More than "}${plural(found.count, "document")}`;
  return search ? `${number} with “${search}”` : `${number} found`;
}
