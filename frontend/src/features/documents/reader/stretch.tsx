/** A stretch of a document: fetched when it comes near, its parts with text and pictures beside each other. */

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { DocumentPart, Hit } from "../../../shared/api/types";
import { useResource } from "../../../shared/resource";
import { ErrorNotice } from "../../../shared/ui/basic";
import { pieces } from "./marks";
import { useNear } from "./near";
import { Picture } from "./picture";
import { pointsOf } from "./points";
import { isOnePiece, partName } from "./receipt";
import type { Source, Target } from "./source";
import { type Block, heightOf, mayShow, type Stretch, shownText, wanted } from "./stretches";

interface StretchProps {
  source: Source;
  stretch: Stretch;
  parts: readonly DocumentPart[];
  hits: readonly Hit[];
  target: Target | undefined;
  root: RefObject<HTMLElement | null>;
  /** Bring something into view. */
  show: (element: Element, target: Target) => void;
}

export function StretchView(props: StretchProps) {
  const { stretch, parts, target, root, show } = props;
  const box = useRef<HTMLDivElement>(null);
  const aimed = target !== undefined && mayShow(stretch, target.at);
  const asked = useRef(false);
  asked.current ||= aimed;
  const near = useNear(box, root) || asked.current;
  useEffect(() => {
    // Until its text is there, at least its place is shown.
    if (aimed && box.current && target.at >= stretch.start && target.at <= stretch.end) {
      show(box.current, target);
    }
  }, [target]);
  const first = stretch.blocks[0]?.part;
  return (
    <div ref={box} class="reader-stretch" data-part={near ? undefined : first} style={near ? {} : { minHeight: `${heightOf(stretch, parts)}rem` }}>
      {near && <Fetched {...props} box={box} />}
    </div>
  );
}

function Fetched({ source, stretch, parts, hits, target, root, show, box }: StretchProps & { box: RefObject<HTMLDivElement | null> }) {
  const { start, characters } = wanted(stretch);
  const { batch, run, id } = source;
  const found = useResource(`stretch ${batch} ${run} ${id} ${start} ${characters}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents/{document_id}/text", {
      path: { batch_id: batch, document_id: id },
      query: { run, start, characters },
      signal,
    }),
  );
  const text = found.data?.text;
  const points = useMemo(() => pointsOf(text ?? ""), [text]);
  useEffect(() => {
    if (target && text !== undefined && mayShow(stretch, target.at)) {
      const name = target.hit === undefined ? `section[data-part="${target.part}"]` : `mark[data-hit="${target.hit}"]`;
      const element = box.current?.querySelector(name);
      if (element) {
        show(element, target);
      }
    }
  }, [target, text]);
  if (text === undefined) {
    return (
      <div class="reader-waiting" data-part={stretch.blocks[0]?.part} style={{ minHeight: `${heightOf(stretch, parts)}rem` }}>
        {found.error && <ErrorNotice problem={found.error} retry={found.reload} />}
      </div>
    );
  }
  return (
    <>
      {stretch.blocks.map((block) => {
        const part = parts[block.part];
        const shown = shownText(block, points, start);
        return (
          part && (
            <PartView
              key={block.start}
              {...{ source, block, part, root, hits, shown }}
              present={target?.hit}
              named={!isOnePiece(parts) && block.first}
            />
          )
        );
      })}
    </>
  );
}

interface PartProps {
  source: Source;
  block: Block;
  part: DocumentPart;
  root: RefObject<HTMLElement | null>;
  hits: readonly Hit[];
  present: number | undefined;
  shown: { start: number; text: string };
  named: boolean;
}

function PartView({ source, block, part, root, hits, present, shown, named }: PartProps) {
  const name = partName(part);
  const pictures = block.first ? part.pictures : [];
  // Where a picture is all there is, it needs no room beside it.
  const bare = !shown.text.replace(/\[picture \d+\]/g, "").trim();
  return (
    <section class="reader-part" data-part={block.part} aria-label={named ? name : undefined}>
      {named && (
        <h4 class="reader-name">
          <bdi>{name}</bdi>
          {part.pictured && <span class="quiet small"> as a picture</span>}
        </h4>
      )}
      {block.first &&
        part.left_out.map((sentence) => (
          <p key={sentence} class="reader-loss small" dir="auto">
            Left out: {sentence}
          </p>
        ))}
      <div class="reader-beside" data-pictures={(pictures.length > 0 && !bare) || undefined}>
        {!(bare && pictures.length > 0) && <Text {...shown} hits={hits} present={present} />}
        {pictures.length > 0 && (
          <div class="reader-pictures">
            {pictures.map((number) => (
              <Picture key={number} source={source} number={number} root={root} name={`Picture ${number}${named ? `, ${name}` : ""}`} />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function Text({ text, start, hits, present }: { text: string; start: number; hits: readonly Hit[]; present: number | undefined }) {
  const cut = useMemo(() => pieces(text, start, hits), [text, start, hits]);
  if (!text.trim()) {
    return <p class="quiet small">No text.</p>;
  }
  return (
    <div class="long-text">
      <div dir="auto">
        {cut.map((piece, index) =>
          piece.hit === undefined ? (
            piece.text
          ) : (
            <mark key={index} data-hit={piece.hit} data-present={piece.hit === present || undefined}>
              {piece.text}
            </mark>
          ),
        )}
      </div>
    </div>
  );
}
