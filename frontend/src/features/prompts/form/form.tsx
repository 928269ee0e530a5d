/** Writes a prompt, a new one or a new version of one. Works in a dialog and on a page. */

import "./form.css";
import { useId, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Prompt } from "../../../shared/api/types";
import { type Heads, useEdit } from "../../../shared/edits/edit";
import { count, plural } from "../../../shared/format";
import { Button, ErrorNotice } from "../../../shared/ui/basic";
import { useRefusals } from "../../../shared/ui/field";
import { complaintsAbout, draftOf, EMPTY, questionOf, tokensOf, type Complaints, type Draft } from "../draft";
import { AnswerEditor } from "./answer";
import { LongDocuments, titleOf } from "./too-long";
import { TextArea } from "./textarea";

const FIELDS: (keyof Draft)[] = ["name", "text", "system", "schema", "tooLong"];

interface PromptFormProps {
  /** The prompt to change; without one a new one is made. */
  prompt?: Prompt | undefined;
  /** What is in the fields at first, instead of what the prompt says. */
  start?: Draft | undefined;
  /** Told of the prompt as it was saved. */
  saved: (prompt: Prompt) => void;
  close: () => void;
  /** Told of every change, for what shows the draft elsewhere. */
  changed?: (draft: Draft) => void;
}

export function PromptForm({ prompt, start, saved, close, changed }: PromptFormProps) {
  const id = useId();
  const [draft, setDraft] = useState<Draft>(() => start ?? (prompt ? draftOf(prompt) : EMPTY));
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const refusals = useRefusals(FIELDS);
  const edit = useEdit({
    thing: prompt,
    load: (one) => api.get("/api/prompts/{prompt_id}", { path: { prompt_id: one.id } }),
    values: draft,
    start: start ?? EMPTY,
    valuesOf: draftOf,
    take: (values) => {
      setDraft(values);
      changed?.(values);
    },
    tell: ({ name, text, system, schema, tooLong }) => ({
      Name: name,
      Question: text,
      "Standing instructions": system,
      Answer: schema,
      "Too long documents": titleOf(tooLong),
    }),
  });
  const put = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    refusals.clear();
    changed?.(next);
  };
  const complaints = complaintsAbout(draft);
  const shown: Complaints = { ...(asked ? complaints : {}), ...refusals.fields };
  const save = async () => {
    setAsked(true);
    if (Object.keys(complaints).length > 0) {
      return;
    }
    setBusy(true);
    try {
      const stored = await edit.store((headers) => send(prompt, draft, headers));
      if (stored) {
        saved(stored);
      }
    } catch (error) {
      refusals.take(error);
    }
    setBusy(false);
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="field">
        <label for={`${id}-name`}>Name</label>
        <input
          dir="auto"
          id={`${id}-name`}
          class="input"
          maxLength={200}
          required
          value={draft.name}
          aria-invalid={shown.name ? true : undefined}
          aria-describedby={shown.name ? `${id}-name-error` : undefined}
          onInput={(event) => put({ name: event.currentTarget.value })}
        />
        <FieldError id={`${id}-name-error`} text={shown.name} />
      </div>
      <div class="field">
        <label for={`${id}-text`}>Question about every document</label>
        <TextArea
          id={`${id}-text`}
          rows={5}
          maxLength={200_000}
          required
          value={draft.text}
          change={(text) => put({ text })}
          aria-invalid={shown.text ? true : undefined}
          aria-describedby={`${id}-text-size`}
        />
        <FieldError id={`${id}-text-error`} text={shown.text} />
        <Size id={`${id}-text-size`} text={draft.text} />
      </div>
      <div class="field">
        <label for={`${id}-system`}>Standing instructions (optional)</label>
        <TextArea
          id={`${id}-system`}
          rows={2}
          maxLength={200_000}
          value={draft.system}
          change={(system) => put({ system })}
          aria-describedby={`${id}-system-size`}
        />
        <FieldError id={`${id}-system-error`} text={shown.system} />
        <Size id={`${id}-system-size`} text={draft.system} hint="How the model shall behave, whatever it is asked." />
      </div>
      <AnswerEditor value={draft.schema} change={(schema) => put({ schema })} problem={shown.schema} />
      <LongDocuments value={draft.tooLong} change={(tooLong) => put({ tooLong })} />
      {refusals.problem && <ErrorNotice problem={refusals.problem} />}
      {edit.notice}
      <div class="dialog-buttons">
        <Button onClick={() => edit.leave(close)}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy}>
          {prompt ? "Save" : "Add prompt"}
        </Button>
      </div>
    </form>
  );
}

async function send(prompt: Prompt | undefined, draft: Draft, headers: Heads): Promise<Prompt> {
  const body = { name: draft.name.trim(), ...questionOf(draft), too_long: draft.tooLong };
  return prompt
    ? api.patch("/api/prompts/{prompt_id}", { path: { prompt_id: prompt.id }, headers, body })
    : api.post("/api/prompts", { body });
}

function FieldError({ id, text }: { id: string; text: string | undefined }) {
  return (
    <div aria-live="polite">
      {text && (
        <p id={id} class="field-error">
          {text}
        </p>
      )}
    </div>
  );
}

function Size({ id, text, hint }: { id: string; text: string; hint?: string }) {
  const size = text ? `${plural(text.length, "character")}, about ${count(tokensOf(text))} tokens` : "";
  return (
    <p id={id} class="quiet small prompt-size">
      <span>{hint}</span>
      <span class="number">{size}</span>
    </p>
  );
}
