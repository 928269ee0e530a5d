/** Adds a folder in one of two ways: one that lies on the server, or files that are sent to it. */

import { useState } from "preact/hooks";
import type { Folder } from "../../shared/api/types";
import { FolderForm } from "./form/form";
import { SendFiles } from "./send/send";

export type Way = "server" | "device";

interface AddFolderProps {
  /** The way that is shown first. */
  way?: Way;
  saved: (folder: Folder) => void;
  close: () => void;
}

const WAYS: [Way, string][] = [
  ["server", "On the server"],
  ["device", "Files from this device"],
];

export function AddFolder({ way: first = "server", saved, close }: AddFolderProps) {
  const [way, setWay] = useState(first);
  return (
    <div class="stack">
      <div class="row" role="group" aria-label="Where the documents are">
        {WAYS.map(([name, text]) => (
          <button key={name} type="button" class="chip" aria-pressed={way === name} onClick={() => setWay(name)}>
            {text}
          </button>
        ))}
      </div>
      {way === "server" ? <FolderForm saved={saved} close={close} /> : <SendFiles saved={saved} close={close} />}
    </div>
  );
}
