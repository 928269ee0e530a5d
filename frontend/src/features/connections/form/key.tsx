/** Where the key of a connection is. A key that was stored is never shown again. */

import { Combobox } from "../../../shared/ui/combobox";
import { Field } from "../../../shared/ui/field";
import type { Faults } from "./faults";
import type { ConnectionValues, KeyKind, Provider } from "./values";

interface KeyFieldsProps {
  values: ConnectionValues;
  provider: Provider;
  /** Where the key is now, as the API tells it. */
  kept: string | null | undefined;
  keys: readonly string[];
  faults: Faults;
  change: (changes: Partial<ConnectionValues>) => void;
  left: () => void;
}

export function KeyFields({ values, provider, kept, keys, faults, change, left }: KeyFieldsProps) {
  const kinds: [KeyKind, string][] = [
    ...(kept ? ([["kept", `Keep the present one (${keyLocation(kept)})`]] as [KeyKind, string][]) : []),
    ["typed", "Enter it; it is kept sealed"],
    ["env", "In an environment variable"],
    ["file", "In a file"],
    ...(provider.needs_key ? [] : ([["none", "No key"]] as [KeyKind, string][])),
  ];
  // What is wrong with a key that is kept or absent can only be said of the choice.
  const chosenFault = values.key === "kept" || values.key === "none" ? faults.secret : undefined;
  const secret = (label: string, hint: string) => ({ label, hint, error: faults.secret });
  return (
    <div class="columns">
      <Field label="Key" error={chosenFault} hint={values.key === "typed" && provider.needs_key ? provider.hint : undefined}>
        {(control) => (
          <select
            {...control}
            class="input"
            value={values.key}
            onChange={(event) => {
              const key = event.currentTarget.value as KeyKind;
              change({ key, secret: key === "env" ? (provider.key_env ?? "") : "" });
            }}
          >
            {kinds.map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {values.key === "typed" && (
        <Field {...secret("The key itself", "It is sealed on the server and never shown again.")}>
          {(control) => (
            <input
              {...control}
              class="input"
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={values.secret}
              onInput={(event) => change({ secret: event.currentTarget.value })}
              onBlur={left}
            />
          )}
        </Field>
      )}
      {values.key === "env" && (
        <Field {...secret("Name of the variable", keys.includes(values.secret) ? "It is set where docstage runs." : "It must be set where docstage runs.")}>
          {(control) => (
            <Combobox
              control={control}
              value={values.secret}
              change={(name) => change({ secret: name })}
              suggestions={keys.map((name) => ({ value: name, hint: "set" }))}
              placeholder={provider.key_env ?? "MODEL_API_KEY"}
            />
          )}
        </Field>
      )}
      {values.key === "file" && (
        <Field {...secret("Path of the file", "On the computer that docstage runs on; it holds nothing but the key.")}>
          {(control) => (
            <input
              dir="auto"
              {...control}
              class="input"
              autocomplete="off"
              spellcheck={false}
              placeholder="/run/secrets/model-key"
              value={values.secret}
              onInput={(event) => change({ secret: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** Where a key is, in words. */
export function keyLocation(location: string | null): string {
  if (location === null) {
    return "no key";
  }
  if (location === "stored") {
    return "stored, sealed";
  }
  return location.startsWith("env:") ? `variable ${location.slice(4)}` : `file ${location.slice(5)}`;
}
