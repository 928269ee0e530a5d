/** Where files are dropped, or picked with buttons. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../../shared/ui/basic";
import { fromDrop, fromInput, type Gathered } from "./gather";

/** Takes files that are dropped anywhere in the window while it is shown, or picked with its buttons. */
export function DropZone({ take }: { take: (gathered: Gathered) => void }) {
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState(false);
  const [failed, setFailed] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const dragged = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) {
        event.preventDefault();
        setOver(true);
      }
    };
    const left = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const dropped = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) {
        return;
      }
      event.preventDefault();
      setOver(false);
      setReading(true);
      setFailed(false);
      fromDrop(event.dataTransfer)
        .then((found) => latest.current(found), () => setFailed(true))
        .finally(() => setReading(false));
    };
    addEventListener("dragover", dragged);
    addEventListener("dragleave", left);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", dragged);
      removeEventListener("dragleave", left);
      removeEventListener("drop", dropped);
    };
  }, []);
  const picked = (input: HTMLInputElement) => {
    if (input.files?.length) {
      take(fromInput(input.files));
    }
    input.value = "";
  };
  return (
    <div class="folders-drop" data-over={over || undefined} aria-busy={reading}>
      <p>
        <strong>{reading ? "Reading what you dropped…" : "Drop files or whole folders here"}</strong>
      </p>
      <p class="quiet small">They are copied to the server and stay there until somebody deletes them.</p>
      <div class="row folders-drop-buttons">
        <Button onClick={() => files.current?.click()}>Choose files…</Button>
        <Button onClick={() => folder.current?.click()}>Choose a folder…</Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to send"
        onChange={(event) => picked(event.currentTarget)}
      />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        aria-label="Folder to send"
        onChange={(event) => picked(event.currentTarget)}
      />
      {failed && (
        <p class="field-error" role="alert">
          What you dropped could not be read. Choose it with a button.
        </p>
      )}
    </div>
  );
}
