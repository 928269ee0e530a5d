/** Chooses a provider, from groups and by searching. */

import { useState } from "preact/hooks";
import type { Provider } from "./values";

interface PickerProps {
  providers: Provider[];
  /** The names of the variables with keys that the server has. */
  keys: readonly string[];
  choose: (provider: Provider) => void;
}

/** Models that docstage runs beside itself: they need neither an address nor a key. */
export const isBeside = (provider: Provider) => provider.name === "simulated" || provider.name === "local";

const GROUPS: [string, (provider: Provider) => boolean][] = [
  ["To try it out, free", isBeside],
  ["Servers of your own", (one) => isOwn(one) && !isBeside(one)],
  ["Services", (one) => !isOwn(one)],
];

const isOwn = (provider: Provider) => provider.local || provider.name === "openai-compatible";

export function ProviderPicker({ providers, keys, choose }: PickerProps) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = providers.filter((one) => `${one.title} ${one.name}`.toLowerCase().includes(wanted));
  return (
    <div class="stack" role="group" aria-label="Provider">
      <input
        dir="auto"
        class="input"
        type="search"
        aria-label="Search the providers"
        placeholder="Search the providers"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [only] = shown;
          if (event.key === "Enter") {
            event.preventDefault();
            if (only && shown.length === 1) {
              choose(only);
            }
          }
        }}
      />
      {GROUPS.map(([name, isIn]) => (
        <Group key={name} name={name} providers={shown.filter(isIn)} keys={keys} choose={choose} />
      ))}
      {shown.length === 0 && (
        <p class="quiet">No provider is named like that. Many servers speak OpenAI's language: choose “OpenAI-compatible server”.</p>
      )}
    </div>
  );
}

function Group({ name, providers, keys, choose }: PickerProps & { name: string }) {
  if (providers.length === 0) {
    return null;
  }
  return (
    <div class="stack-small">
      <p class="legend" aria-hidden="true">
        {name}
      </p>
      <ul class="connections-providers" aria-label={name}>
        {providers.map((one) => (
          <li key={one.name}>
            <button type="button" class="connections-provider" onClick={() => choose(one)}>
              <strong>{one.title}</strong>
              <span class="quiet small">{about(one, keys)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Where it is and what it needs, in a few words. */
function about(provider: Provider, keys: readonly string[]): string {
  if (provider.name === "simulated") {
    return "Invented answers, no cost; behaves like real providers";
  }
  if (provider.name === "local") {
    return "A real language model on this computer, no key, no cost";
  }
  if (provider.key_env && keys.includes(provider.key_env)) {
    return `Key found: ${provider.key_env}`;
  }
  if (provider.default_base_url) {
    const { host } = new URL(provider.default_base_url);
    return provider.needs_key ? `${host}, needs a key` : host;
  }
  return provider.needs_key ? "Needs an address and a key" : isOwn(provider) ? "Any address" : "Needs a region or a key";
}
