/** A document as models are shown it: the pictures of its pages, and its text. */

import { useEffect, useRef, useState } from "preact/hooks";
import { api, send } from "../../../shared/api/client";
import type { Batch } from "../../../shared/api/types";
import { count, plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { LongText } from "../../../shared/ui/long-text";

interface DocumentProps {
  batch: Batch;
  run: number | undefined;
  id: number;
}

export function DocumentPane({ batch, run, id }: DocumentProps) {
  const found = useResource(`text ${batch.id} ${run ?? batch.run} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}/text", {
      path: { batch_id: batch.id, document_id: id },
      query: { run },
      signal,
    }),
  );
  const shown = found.data;
  return (
    <section class="drawer-document" aria-label="Document" tabIndex={0}>
      <div class="head">
        <h3>Document</h3>
        <span class="quiet small">{shown && sizeOf(shown.images.length, shown.text.length)}</span>
      </div>
      {found.error?.status === 404 ? <p class="quiet">{found.error.message}</p> : found.error && <ErrorNotice problem={found.error} retry={found.reload} />}
      {!shown && !found.error && <Skeleton height="24rem" />}
      {shown?.images.map((image) => (
        <Picture key={image.number} url={pictureUrl(batch.id, run, id, image.number)} name={`Picture ${image.number} of ${shown.images.length}`} />
      ))}
      {shown?.text && <LongText text={shown.text} />}
    </section>
  );
}

const sizeOf = (images: number, characters: number) =>
  [images > 0 && plural(images, "picture"), characters > 0 && `${count(characters)} characters`].filter(Boolean).join(" · ");

const pictureUrl = (batch: number, run: number | undefined, document: number, number: number) =>
  `/api/batches/${batch}/documents/${document}/images/${number}${run === undefined ? "" : `?run=${run}`}`;

/** A picture, fetched with the token when it comes into view. */
function Picture({ url, name }: { url: string; name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const [source, setSource] = useState("");
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && setNear(true), {
      rootMargin: "600px",
    });
    if (box.current) {
      watch.observe(box.current);
    }
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!near) {
      return;
    }
    const abort = new AbortController();
    let made = "";
    send("get", url, undefined, abort.signal)
      .then((response) => response.blob())
      .then((blob) => {
        if (!abort.signal.aborted) {
          made = URL.createObjectURL(blob);
          setSource(made);
        }
      })
      .catch(() => !abort.signal.aborted && setFailed(true));
    return () => {
      abort.abort();
      URL.revokeObjectURL(made);
    };
  }, [near, url]);
  return (
    <div ref={box} class="drawer-picture" data-waiting={!source && !failed}>
      {failed ? <p class="quiet">{name} could not be fetched.</p> : source && <img src={source} alt={name} />}
    </div>
  );
}
