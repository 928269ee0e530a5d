/** Sends files from this device to the server, and makes a folder of them. */

import "../form/form.css";
import "./send.css";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Folder } from "../../../shared/api/types";
import { plural } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice } from "../../../shared/ui/basic";
import { Field, type Refusals, useRefusals } from "../../../shared/ui/field";
import { DropZone } from "./drop-zone";
import { ChosenFiles } from "./files";
import type { Gathered } from "./gather";
import { SendingProgress } from "./progress";
import { Sending } from "./sending";

const MIB = 1024 * 1024;

interface SendFilesProps {
  saved: (folder: Folder) => void;
  /** Without it there is no way back: the form stands on a page of its own. */
  close?: () => void;
}

export function SendFiles({ saved, close }: SendFilesProps) {
  const [gathered, setGathered] = useState<Gathered>();
  const [name, setName] = useState("");
  const [sending, setSending] = useState<Sending>();
  const [busy, setBusy] = useState(false);
  const refusals = useRefusals(["name"]);
  const server = useResource("server", (signal) => api.get("/api", { signal }));
  useEffect(() => () => sending?.cancel(), [sending]);

  const begin = async (found: Gathered) => {
    setBusy(true);
    try {
      if (await isTaken(name.trim())) {
        refusals.say("name", "There is a folder of that name already. Choose another one.");
      } else {
        setSending(new Sending(found.files, name, (server.data?.max_file_mb ?? Infinity) * MIB));
      }
    } catch (error) {
      refusals.take(error);
    }
    setBusy(false);
  };
  const again = () => {
    sending?.cancel();
    setSending(undefined);
  };

  if (sending) {
    return <SendingProgress sending={sending} name={name.trim()} saved={saved} again={again} />;
  }
  if (!gathered || gathered.files.length === 0) {
    return (
      <div class="stack">
        <DropZone
          take={(found) => {
            setGathered(found);
            setName(found.name || `Files of ${new Date().toLocaleDateString()}`);
          }}
        />
        {gathered && (
          <p class="field-error" role="alert">
            {gathered.hidden > 0 ? "All of these are hidden files, whose names begin with a dot; they are not sent." : "There are no files in it."}
          </p>
        )}
        {close && (
          <div class="dialog-buttons">
            <Button onClick={close}>Cancel</Button>
          </div>
        )}
      </div>
    );
  }
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void begin(gathered);
      }}
    >
      <ChosenFiles gathered={gathered} />
      <NameField name={name} setName={setName} refusals={refusals} />
      {refusals.problem && <ErrorNotice problem={refusals.problem} />}
      <div class="dialog-buttons">
        <Button onClick={() => setGathered(undefined)}>Choose others</Button>
        <Button kind="primary" type="submit" disabled={busy || !server.data || !name.trim()}>
          {`Send ${plural(gathered.files.length, "file")}`}
        </Button>
      </div>
    </form>
  );
}

function NameField({ name, setName, refusals }: { name: string; setName: (name: string) => void; refusals: Refusals }) {
  return (
    <Field label="Name" hint="What the folder of these files is called here." error={refusals.fields["name"]}>
      {(control) => (
        <input
          dir="auto"
          {...control}
          class="input"
          autocomplete="off"
          required
          maxLength={200}
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
            refusals.clear("name");
          }}
        />
      )}
    </Field>
  );
}

/** Whether a folder has that name; better known before gigabytes were sent. */
async function isTaken(name: string): Promise<boolean> {
  const page = await api.get("/api/folders", { query: { search: name, limit: 1000 } });
  return page.items.some((folder) => folder.name === name);
}
