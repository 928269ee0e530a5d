/** A document as models are shown it, part by part: text and pictures beside each other, words found, the file itself. */

import "./reader.css";
import { useMemo, useRef, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Batch, Receipt } from "../../../shared/api/types";
import { useResource } from "../../../shared/resource";
import { Skeleton } from "../../../shared/ui/basic";
import { useFinding } from "./find";
import { Losses } from "./losses";
import { Plain } from "./plain";
import { useCurrentPart } from "./position";
import { isOnePiece, sizeInWords } from "./receipt";
import type { Source, Target } from "./source";
import { StretchView } from "./stretch";
import { stretchesOf } from "./stretches";
import { Toolbar } from "./toolbar";

interface ReaderProps {
  batch: Batch;
  run: number | undefined;
  id: number;
}

export function DocumentReader({ batch, run, id }: ReaderProps) {
  const source = { batch: batch.id, run, id };
  const receipt = useResource(`receipt ${batch.id} ${run ?? batch.run} ${id}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}/receipt", {
      path: { batch_id: batch.id, document_id: id },
      query: { run },
      signal,
    }),
  );
  if (receipt.data) {
    return <Parts key={id} source={source} receipt={receipt.data} />;
  }
  // What an earlier version read has no receipt, and what is not encoded has no text either.
  return receipt.error ? <Plain batch={batch} source={source} /> : (
    <section class="drawer-document" aria-label="Document">
      <Skeleton height="24rem" />
    </section>
  );
}

function Parts({ source, receipt }: { source: Source; receipt: Receipt }) {
  const root = useRef<HTMLElement>(null);
  const [typed, setTyped] = useState("");
  const [target, setTarget] = useState<Target>();
  const { parts } = receipt;
  const stretches = useMemo(() => stretchesOf(parts), [parts]);
  const { current, scrolled } = useCurrentPart(root);
  const finding = useFinding(source, typed);
  const aim = (at: number, part: number, hit?: number) =>
    setTarget((old) => ({ at, part, turn: (old?.turn ?? 0) + 1, ...(hit === undefined ? {} : { hit }) }));
  const toPart = (part: number) => {
    const to = parts[part];
    if (to) {
      aim(to.start, part);
    }
  };
  const toHit = (hit: number) => {
    const to = finding.hits[hit];
    if (to) {
      aim(to.start, to.part - 1, hit);
    }
  };
  return (
    <section class="drawer-document reader" ref={root} aria-label="Document" tabIndex={0} onScroll={scrolled}>
      <div class="head">
        <h3>Document</h3>
        <span class="quiet small">{sizeInWords(receipt)}</span>
      </div>
      <Losses receipt={receipt} />
      <Toolbar
        {...{ source, parts, current, finding, typed, toPart, toHit }}
        onePiece={isOnePiece(parts)}
        present={target?.hit}
        type={(text) => {
          setTyped(text);
          setTarget(undefined);
        }}
      />
      {stretches.map((stretch) => (
        <StretchView
          key={stretch.start}
          {...{ source, stretch, parts, target, root }}
          hits={finding.hits}
          show={(element) => bringInto(root.current, element)}
        />
      ))}
      {parts.length === 0 && <p class="quiet">There is nothing in it.</p>}
    </section>
  );
}

/** Scroll so that the element stands below the toolbar, now and once what came into view has its height. */
function bringInto(root: HTMLElement | null, element: Element): void {
  const bar = root?.querySelector(".reader-bar");
  const move = () => {
    if (root && element.isConnected) {
      const top = root.getBoundingClientRect().top + (bar?.clientHeight ?? 0) + 8;
      root.scrollTop += element.getBoundingClientRect().top - top;
    }
  };
  move();
  requestAnimationFrame(move);
}
