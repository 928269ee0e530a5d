/** A picture of a document, fetched with the token when it comes into view. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../../../shared/api/client";
import { useNear } from "./near";
import type { Source } from "./source";

interface PictureProps {
  source: Source;
  number: number;
  name: string;
  /** What is scrolled. */
  root: RefObject<HTMLElement | null>;
}

export function Picture({ source, number, name, root }: PictureProps) {
  const box = useRef<HTMLDivElement>(null);
  const near = useNear(box, root);
  const [shown, setShown] = useState("");
  const [failed, setFailed] = useState(false);
  const { batch, run, id } = source;
  const url = `/api/batches/${batch}/documents/${id}/images/${number}${run === undefined ? "" : `?run=${run}`}`;
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
          setShown(made);
        }
      })
      .catch(() => !abort.signal.aborted && setFailed(true));
    return () => {
      abort.abort();
      URL.revokeObjectURL(made);
    };
  }, [near, url]);
  return (
    <div ref={box} class="reader-picture" data-waiting={!shown && !failed}>
      {failed ? <p class="quiet">{name} could not be fetched.</p> : shown && <img src={shown} alt={name} />}
    </div>
  );
}
