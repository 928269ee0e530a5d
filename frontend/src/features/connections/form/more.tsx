/** The settings of a connection that most leave as they are. */

import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../../shared/ui/basic";
import { Field } from "../../../shared/ui/field";
import { type SettingName, settings } from "../settings";
import type { Faults } from "./faults";
import { freePrices, isFree } from "./free";
import type { ConnectionValues, Images } from "./values";

interface MoreProps {
  values: ConnectionValues;
  faults: Faults;
  /** Names of the headers that the connection has. */
  headerNames: readonly string[];
  change: (changes: Partial<ConnectionValues>) => void;
}

type Typed = SettingName | "price_input" | "price_output" | "price_cached" | "price_cache_write";

const INSIDE: (keyof ConnectionValues)[] = [
  ...settings().map(([name]) => name),
  "images",
  "reasoning",
  "price_input",
  "price_output",
  "price_cached",
  "price_cache_write",
  "headers",
  "extra",
];

export function MoreSettings({ values, faults, headerNames, change }: MoreProps) {
  const element = useRef<HTMLDetailsElement>(null);
  const ill = INSIDE.some((name) => faults[name]);
  useEffect(() => {
    if (ill && element.current) {
      element.current.open = true;
    }
  }, [ill]);
  const number = (name: Typed, label: string, hint: string, placeholder = "") => (
    <Field key={name} label={label} hint={hint} error={faults[name]}>
      {(control) => (
        <input
          dir="auto"
          {...control}
          class="input connections-number"
          inputMode="decimal"
          autocomplete="off"
          placeholder={placeholder}
          value={values[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <details ref={element} class="connections-more">
      <summary>More settings</summary>
      <div class="stack">
        <div class="connections-grid">
          {settings().map(([name, { label, hint, placeholder }]) => number(name, label, hint, placeholder))}
        </div>
        <Field label="Pictures" hint="Scanned pages and photographs are sent as pictures; other models cannot answer about them.">
          {(control) => (
            <select {...control} class="input" value={values.images} onChange={(event) => change({ images: event.currentTarget.value as Images })}>
              <option value="known">As is known of the model</option>
              <option value="yes">The model takes pictures</option>
              <option value="no">The model takes text only</option>
            </select>
          )}
        </Field>
        <Field
          label="Reasoning"
          hint="How much the model thinks before it answers: off, low, medium, high, or a number of tokens. Thoughts cost as output does."
          error={faults.reasoning}
        >
          {(control) => (
            <input
              dir="auto"
              {...control}
              class="input connections-number"
              autocomplete="off"
              list="connections-reasoning"
              placeholder="provider's own"
              value={values.reasoning}
              onInput={(event) => change({ reasoning: event.currentTarget.value })}
            />
          )}
        </Field>
        <datalist id="connections-reasoning">
          {["off", "low", "medium", "high"].map((level) => (
            <option key={level} value={level} />
          ))}
        </datalist>
        <div class="stack-small" role="group" aria-labelledby="connections-prices">
          <span id="connections-prices" class="legend">
            Prices of your own, in US dollars for a million tokens
          </span>
          <label class="connections-check">
            <input type="checkbox" checked={isFree(values)} onChange={(event) => change(freePrices(event.currentTarget.checked))} />
            Free: it runs on my own machine
          </label>
          <div class="connections-grid">
            {number("price_input", "Input", "Empty: the public price.", "public price")}
            {number("price_output", "Output", "Empty: the public price.", "public price")}
            {number("price_cached", "Cached input", "Empty: as input.", "as input")}
            {number("price_cache_write", "Written to a cache", "Empty: as input; with Claude 1.25 times that.", "as input")}
          </div>
        </div>
        <Headers values={values} faults={faults} names={headerNames} change={change} />
        <Field
          label="Further members of the request, as JSON"
          hint={'Such as {"top_p": 0.9}; for Bedrock {"region": "eu-central-1"}.'}
          error={faults.extra}
        >
          {(control) => (
            <textarea
              dir="auto"
              {...control}
              class="input connections-code"
              rows={3}
              spellcheck={false}
              value={values.extra}
              onInput={(event) => change({ extra: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

function Headers({ values, faults, names, change }: Omit<MoreProps, "headerNames"> & { names: readonly string[] }) {
  if (values.headers === null) {
    return (
      <div class="stack-small">
        <span class="legend">Headers</span>
        <p>
          {names.join(", ")} <span class="quiet small">Their values are kept and not shown.</span>
        </p>
        {faults.headers && (
          <p class="field-error" role="alert">
            {faults.headers}
          </p>
        )}
        <div>
          <Button size="small" onClick={() => change({ headers: "" })}>
            Write them anew
          </Button>
        </div>
      </div>
    );
  }
  return (
    <Field label="Headers" hint="Sent with every call; one line for each." error={faults.headers}>
      {(control) => (
        <textarea
          dir="auto"
          {...control}
          class="input connections-code"
          rows={2}
          spellcheck={false}
          placeholder="X-Team: legal"
          value={values.headers ?? ""}
          onInput={(event) => change({ headers: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}
