/** The versions of a prompt: what each said, what changed, and the way back to one. */

import "./versions.css";
import { useId, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Prompt } from "../../../shared/api/types";
import { askFirst } from "../../../shared/edits/unsaved";
import { time } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { toast, toastError } from "../../../shared/ui/toasts";
import { draftOf, questionOf, type Draft } from "../draft";
import { titleOf } from "../form/too-long";
import { differences, type Line } from "./diff";

interface VersionsProps {
  /** The prompt at its latest version. */
  prompt: Prompt;
  /** Told of the new version that restoring an old one makes. */
  restored: (prompt: Prompt) => void;
}

export function Versions({ prompt, restored }: VersionsProps) {
  const list = useResource(`prompt ${prompt.id} at ${prompt.version}`, (signal) =>
    api.get("/api/prompts/{prompt_id}/versions", { path: { prompt_id: prompt.id }, signal }),
  );
  if (list.error) {
    return <ErrorNotice problem={list.error} retry={list.reload} />;
  }
  if (!list.data) {
    return <Skeleton height="6rem" />;
  }
  if (list.data.length === 1) {
    return <p class="quiet">There is one version so far. Saving a changed text, instruction or answer makes the next.</p>;
  }
  return <Compared versions={list.data} restored={restored} />;
}

function Compared({ versions, restored }: { versions: Prompt[]; restored: (prompt: Prompt) => void }) {
  const latest = versions[0] as Prompt;
  const [chosen, setChosen] = useState((versions[1] as Prompt).version);
  const [other, setOther] = useState(latest.version);
  const [busy, setBusy] = useState(false);
  const find = (version: number) => versions.find((one) => one.version === version) ?? latest;
  const restore = async (old: Prompt) => {
    setBusy(true);
    try {
      const body = { ...questionOf(draftOf(old)), too_long: old.too_long };
      const next = await api.patch("/api/prompts/{prompt_id}", { path: { prompt_id: old.id }, body });
      toast(`Version ${next.version} says again what version ${old.version} said.`);
      restored(next);
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  const older = find(chosen);
  return (
    <div class="stack">
      <div class="prompt-choosers">
        <Chooser label="Version" versions={versions} value={chosen} choose={setChosen} />
        <Chooser label="Compared with" versions={versions} value={other} choose={setOther} />
        {chosen !== latest.version && (
          <Button busy={busy} onClick={() => askFirst(() => void restore(older))}>
            Restore version {chosen}
          </Button>
        )}
      </div>
      <Changes before={draftOf(older)} after={draftOf(find(other))} same={chosen === other} />
    </div>
  );
}

interface ChooserProps {
  label: string;
  versions: Prompt[];
  value: number;
  choose: (version: number) => void;
}

function Chooser({ label, versions, value, choose }: ChooserProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="input" value={value} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {versions.map((one, index) => (
          <option key={one.version} value={one.version}>
            {one.version}
            {index === 0 ? " (latest)" : ""}, {time(one.created_at)}
          </option>
        ))}
      </select>
    </div>
  );
}

const PARTS: [keyof Draft, string][] = [
  ["text", "Question"],
  ["system", "Standing instructions"],
  ["schema", "Answer"],
  ["tooLong", "A document that is too long for the model"],
];

/** A part in words; nothing of one that is as usual. */
function wordsOf(draft: Draft, part: keyof Draft): string {
  return part !== "tooLong" ? draft[part] : draft.tooLong === "refuse" ? "" : titleOf(draft.tooLong);
}

/** Each part of the prompt; what both versions have in common stands between what changed. */
function Changes({ before, after, same }: { before: Draft; after: Draft; same: boolean }) {
  return (
    <div class="prompt-changes">
      {PARTS.filter(([part]) => wordsOf(before, part) || wordsOf(after, part)).map(([part, title]) => {
        const lines = differences(wordsOf(before, part), wordsOf(after, part));
        const changed = lines.some((line) => line.kind !== "same");
        return (
          <section key={part} class="stack-small">
            <h3>
              {title}
              {!same && <span class="quiet small prompt-changed">{changed ? "changed" : "unchanged"}</span>}
            </h3>
            <div class="prompt-lines" role="region" aria-label={title} tabIndex={0}>
              {lines.map((line, index) => (
                <ChangedLine key={index} line={line} />
              ))}
            </div>
          </section>
        );
      })}
    </div>
  );
}

const SIGNS: Record<Line["kind"], [string, string]> = {
  same: [" ", ""],
  gone: ["−", "Gone: "],
  new: ["+", "New: "],
};

function ChangedLine({ line }: { line: Line }) {
  const [sign, said] = SIGNS[line.kind];
  return (
    <div class="prompt-line" data-kind={line.kind}>
      <span aria-hidden="true">{sign}</span>
      <span>
        {said && <span class="hidden">{said}</span>}
        {line.text || " "}
      </span>
    </div>
  );
}
