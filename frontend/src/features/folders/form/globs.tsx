/** Patterns of file names, each a chip that can be taken away, with presets for usual kinds. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../../shared/ui/basic";
import { Field } from "../../../shared/ui/field";
import { isOn, ownGlobs, type Preset, PRESETS } from "./values";

interface GlobFieldProps {
  label: string;
  hint: ComponentChildren;
  placeholder: string;
  globs: string[];
  change: (globs: string[]) => void;
  error?: string | undefined;
}

export function GlobField({ label, hint, placeholder, globs, change, error }: GlobFieldProps) {
  const [text, setText] = useState("");
  const add = () => {
    const wanted = text.split(/[,\n]/).map((one) => one.trim()).filter(Boolean);
    if (wanted.length > 0) {
      change([...new Set([...globs, ...wanted])]);
    }
    setText("");
  };
  const own = ownGlobs(globs);
  return (
    <div class="stack-small folders-glob-field">
      <Field label={label} hint={hint} error={error}>
        {(control) => (
          <div class="folders-glob-entry">
            <input
              dir="auto"
              {...control}
              class="input"
              autocomplete="off"
              spellcheck={false}
              placeholder={placeholder}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              onBlur={add}
              onKeyDown={(event) => {
                if (text.trim() && (event.key === "Enter" || event.key === ",")) {
                  event.preventDefault();
                  add();
                }
              }}
            />
            <Button onClick={add} disabled={!text.trim()}>
              Add
            </Button>
          </div>
        )}
      </Field>
      {own.length > 0 && (
        <ul class="folders-globs" aria-label={`${label}: patterns`}>
          {own.map((glob) => (
            <li key={glob} class="folders-glob">
              <code>{glob}</code>
              <button type="button" aria-label={`Take ${glob} away`} onClick={() => change(globs.filter((one) => one !== glob))}>
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Usual kinds of files to switch on and off. */
export function Presets({ globs, change }: { globs: string[]; change: (globs: string[]) => void }) {
  const flip = (preset: Preset) =>
    change(
      isOn(preset, globs)
        ? globs.filter((glob) => !preset.globs.includes(glob))
        : [...new Set([...globs, ...preset.globs])],
    );
  return (
    <div class="stack-small" role="group" aria-labelledby="folders-kinds">
      <span id="folders-kinds" class="legend">
        Kinds of files
      </span>
      <div class="row">
        <button type="button" class="chip" aria-pressed={globs.length === 0} onClick={() => change([])}>
          All
        </button>
        {PRESETS.map((preset) => (
          <button
            key={preset.name}
            type="button"
            class="chip"
            title={preset.globs.join(" ")}
            aria-pressed={isOn(preset, globs)}
            onClick={() => flip(preset)}
          >
            {preset.name}
          </button>
        ))}
      </div>
    </div>
  );
}
