/** How far files are on their way, and what can be done about it. */

import { useEffect, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Folder } from "../../../shared/api/types";
import { bytes, count, plural } from "../../../shared/format";
import { Button, ErrorNotice, ProgressBar } from "../../../shared/ui/basic";
import { useRefusals } from "../../../shared/ui/field";
import { NEW_FOLDER } from "../form/values";
import { FailedFiles } from "./files";
import type { Sending } from "./sending";

interface ProgressProps {
  sending: Sending;
  name: string;
  saved: (folder: Folder) => void;
  again: () => void;
}

/** Shows how far it is; adds the folder when all files have arrived. */
export function SendingProgress({ sending, name, saved, again }: ProgressProps) {
  const { phase, done, sent, failed } = sending.state.value;
  const refusals = useRefusals([]);
  const [adding, setAdding] = useState(false);
  const add = async () => {
    setAdding(true);
    refusals.clear();
    try {
      saved(await api.post("/api/folders", { body: { ...NEW_FOLDER, path: sending.folder ?? "", name } }));
    } catch (error) {
      refusals.take(error);
      setAdding(false);
    }
  };
  const complete = phase === "finished" && failed.length === 0;
  useEffect(() => {
    if (complete) {
      void add();
    }
  }, [complete]);
  const share = sending.size > 0 ? sent / sending.size : done / sending.total;
  return (
    <div class="stack">
      <div class="stack-small">
        <ProgressBar share={share} label="Files sent" />
        <p role="status">
          {heading(phase, failed.length)} {count(done)} of {plural(sending.total, "file")}, {bytes(sent)} of {bytes(sending.size)}
        </p>
      </div>
      {failed.length > 0 && <FailedFiles failed={failed} />}
      {refusals.problem && <ErrorNotice problem={refusals.problem} retry={() => void add()} />}
      <div class="dialog-buttons">
        {phase === "sending" ? (
          <Button onClick={() => sending.cancel()}>Cancel</Button>
        ) : (
          !complete && (
            <>
              <Button onClick={again}>{phase === "cancelled" ? "Begin again" : "Choose others"}</Button>
              {failed.length > 0 && <Button onClick={() => sending.retry()}>Try these again</Button>}
              {done > 0 && (
                <Button kind="primary" busy={adding} onClick={() => void add()}>
                  {`Add the ${plural(done, "file")} that arrived`}
                </Button>
              )}
            </>
          )
        )}
      </div>
    </div>
  );
}

function heading(phase: string, failed: number): string {
  if (phase === "sending") {
    return "Sending:";
  }
  return phase === "cancelled" ? "Cancelled:" : failed > 0 ? "Not all arrived:" : "All arrived:";
}
