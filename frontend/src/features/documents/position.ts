/** Where a document is in the listing, and which ones are before and behind it. */

import { useRef } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch } from "../../shared/api/types";
import { useResource } from "../../shared/resource";
import type { DocumentsQuery } from "./query";

const PAGE = 100;

interface Position {
  position: number | undefined;
  total: number | undefined;
  /** The id of the document so many further on, fetched with its page; undefined behind the ends. */
  at: (step: number) => Promise<number | undefined>;
}

export function usePosition(batch: Batch, query: DocumentsQuery, id: number): Position {
  const path = { batch_id: batch.id };
  const key = `${batch.id} ${query.run ?? batch.run} ${batch.counts.documents} ${JSON.stringify(query)}`;
  const pages = useRef(new Map<string, Promise<number[]>>());
  const marks = useResource(`positions ${key} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/pages", { path, query: { ...query, limit: PAGE, document_id: id }, signal }),
  );
  const position = marks.data?.position ?? undefined;
  const page = (number: number): Promise<number[]> => {
    const cursor = number === 0 ? undefined : marks.data?.cursors[number - 1];
    const name = `${key} ${number}`;
    const known = pages.current.get(name);
    if (known) {
      return known;
    }
    const fetched = api
      .get("/api/batches/{batch_id}/documents", { path, query: { ...query, limit: PAGE, cursor } })
      .then((found) => found.items.map((one) => one.id));
    pages.current.set(name, fetched);
    fetched.catch(() => pages.current.delete(name));
    return fetched;
  };
  const at = async (step: number) => {
    const to = position === undefined ? -1 : position + step;
    return to < 0 || to >= (marks.data?.total ?? 0) ? undefined : (await page(Math.floor(to / PAGE)))[to % PAGE];
  };
  return { position, total: marks.data?.total, at };
}
