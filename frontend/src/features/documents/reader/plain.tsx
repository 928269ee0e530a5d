/** A document that an earlier version read: its pictures, and its text in one piece. */

import { useRef } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { count, plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { LongText } from "../../../shared/ui/long-text";
import { Picture } from "./picture";
import type { Source } from "./source";

export function Plain({ batch, source }: { batch: Batch; source: Source }) {
  const root = useRef<HTMLElement>(null);
  const { run, id } = source;
  const found = useResource(`text ${batch.id} ${run ?? batch.run} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}/text", {
      path: { batch_id: batch.id, document_id: id },
      query: { run },
      signal,
    }),
  );
  const shown = found.data;
  return (
    <section class="drawer-document" ref={root} aria-label="Document" tabIndex={0}>
      <div class="head">
        <h3>Document</h3>
        <span class="quiet small">{shown && sizeOf(shown.images.length, shown.text.length)}</span>
      </div>
      {found.error?.status === 404 ? <p class="quiet">{found.error.message}</p> : found.error && <ErrorNotice problem={found.error} retry={found.reload} />}
      {!shown && !found.error && <Skeleton height="24rem" />}
      {shown && <p class="quiet small">An earlier version read it; its parts are told once the batch is staged again.</p>}
      {shown?.images.map(({ number }) => (
        <Picture key={number} source={source} number={number} root={root} name={`Picture ${number} of ${shown.images.length}`} />
      ))}
      {shown?.text && <LongText text={shown.text} />}
    </section>
  );
}

const sizeOf = (images: number, characters: number) =>
  [images > 0 && plural(images, "picture"), characters > 0 && `${count(characters)} characters`].filter(Boolean).join(" · ");
