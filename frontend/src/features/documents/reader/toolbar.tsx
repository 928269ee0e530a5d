/** The way through a document: its parts, words in it, the file itself. */

import { useMemo, useRef, useState } from "preact/hooks";
import { address } from "../../../shared/api/client";
import { fetchFile } from "../../../shared/api/download";
import type { DocumentPart } from "../../../shared/api/types";
import { count } from "../../../shared/format";
import { useShortcuts } from "../../../shared/shortcuts/registry";
import { Button } from "../../../shared/ui/basic";
import { toastError } from "../../../shared/ui/toasts";
import type { Finding } from "./find";
import { nextHit } from "./marks";
import { partName } from "./receipt";
import type { Source } from "./source";

interface ToolbarProps {
  source: Source;
  parts: readonly DocumentPart[];
  onePiece: boolean;
  /** Index of the part that is shown. */
  current: number;
  finding: Finding;
  /** Index of the hit that is shown. */
  present: number | undefined;
  typed: string;
  type: (text: string) => void;
  toPart: (part: number) => void;
  toHit: (hit: number) => void;
}

export function Toolbar({ source, parts, onePiece, current, finding, present, typed, type, toPart, toHit }: ToolbarProps) {
  const field = useRef<HTMLInputElement>(null);
  const step = (by: 1 | -1) => {
    const to = nextHit(finding.hits, present, by, parts[current]?.start ?? 0);
    if (to !== undefined) {
      toHit(to);
    }
  };
  const turn = (by: 1 | -1) => toPart(Math.max(0, Math.min(parts.length - 1, current + by)));
  useShortcuts("What is open", [
    { keys: "/", label: "Find in the document", act: () => field.current?.select(), inDialog: true },
    { keys: "n", label: "The next hit", act: () => step(1), inDialog: true },
    { keys: "N", label: "The hit before", act: () => step(-1), inDialog: true },
    { keys: ".", label: "The next part of the document", act: () => turn(1), inDialog: true },
    { keys: ",", label: "The part before", act: () => turn(-1), inDialog: true },
  ]);
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && typed) {
      event.preventDefault();
      event.stopPropagation();
      type("");
    }
  };
  const none = finding.hits.length === 0;
  return (
    <div class="reader-bar row" role="group" aria-label="Ways through the document">
      {!onePiece && parts.length > 1 && <PartChoice parts={parts} current={current} toPart={toPart} />}
      <input
        ref={field}
        dir="auto"
        class="input reader-find"
        type="search"
        maxLength={200}
        aria-label="Find in the document"
        aria-keyshortcuts="/"
        placeholder="Find ( / )"
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      {typed.trim() && (
        <>
          <span class="quiet small" role="status">
            {hitsInWords(finding, present)}
          </span>
          <Button size="small" icon disabled={none} aria-label="The hit before" title="The hit before (N)" onClick={() => step(-1)}>
            ↑
          </Button>
          <Button size="small" icon disabled={none} aria-label="The next hit" title="The next hit (n)" onClick={() => step(1)}>
            ↓
          </Button>
        </>
      )}
      <Original source={source} />
    </div>
  );
}

function hitsInWords({ hits, complete, done, error }: Finding, present: number | undefined): string {
  if (error) {
    return error.message;
  }
  if (!done) {
    return "…";
  }
  if (hits.length === 0) {
    return complete ? "Not found" : "Not found so far: the search took too long";
  }
  const all = `${count(hits.length)}${complete ? "" : "+"}`;
  return present === undefined ? `${all} found` : `${count(present + 1)} of ${all}`;
}

function PartChoice({ parts, current, toPart }: { parts: readonly DocumentPart[]; current: number; toPart: (part: number) => void }) {
  const options = useMemo(
    () =>
      parts.map((part, index) => (
        <option key={index} value={index}>
          {partName(part)}
        </option>
      )),
    [parts],
  );
  return (
    <select
      class="input reader-parts"
      aria-label={`Part of ${count(parts.length)}`}
      title="Go to a part ( . and , )"
      value={current}
      onChange={(event) => toPart(Number(event.currentTarget.value))}
    >
      {options}
    </select>
  );
}

function Original({ source: { batch, run, id } }: { source: Source }) {
  const [busy, setBusy] = useState(false);
  const get = () => {
    setBusy(true);
    const path = { batch_id: batch, document_id: id };
    fetchFile(address("/api/batches/{batch_id}/documents/{document_id}/original", path, { run }))
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Button size="small" busy={busy} title="Download the file as it was staged" onClick={get}>
      Original
    </Button>
  );
}
