/** The values of a connection's form, as they are typed, and what the API takes of them. */

import type { components } from "../../../shared/api/schema";
import type { Connection } from "../../../shared/api/types";
import { type About, eachSetting, type Range, type SettingName, settingOf, settings, type Typed } from "../settings";

export type Provider = components["schemas"]["ProviderView"];
export type Diagnosis = components["schemas"]["DiagnosisView"];
type Input = components["schemas"]["ConnectionInput"];
type Change = components["schemas"]["ConnectionChange"];
type Draft = components["schemas"]["ConnectionDraft"];

/** Where the key comes from; `kept` is the one that the connection has already. */
export type KeyKind = "kept" | "none" | "typed" | "env" | "file";

/** Whether pictures are sent: as is known of the model, always or never. */
export type Images = "known" | "yes" | "no";

/** What is typed; settings under their names. */
export interface ConnectionValues extends Record<SettingName, string> {
  provider: string;
  name: string;
  model: string;
  base_url: string;
  key: KeyKind;
  /** The key, or the name of a variable or the path of a file, after what `key` says. */
  secret: string;
  images: Images;
  /** A level, or a number of tokens; empty leaves it to the provider. */
  reasoning: string;
  price_input: string;
  price_output: string;
  price_cached: string;
  price_cache_write: string;
  /** One `Name: value` a line; null keeps those that the connection has. */
  headers: string | null;
  extra: string;
}

export const NEW_CONNECTION: ConnectionValues = {
  provider: "",
  name: "",
  model: "",
  base_url: "",
  key: "none",
  secret: "",
  ...eachSetting((_, setting) => setting.start),
  images: "known",
  reasoning: "",
  price_input: "",
  price_output: "",
  price_cached: "",
  price_cache_write: "",
  headers: "",
  extra: "",
};

const text = (value: number | null | undefined) => (value == null ? "" : String(value));

export function valuesOf(connection: Connection): ConnectionValues {
  const own = connection.prices;
  const told = connection.images_override;
  return {
    provider: connection.provider,
    name: connection.name,
    model: connection.model,
    base_url: connection.base_url ?? "",
    key: connection.api_key ? "kept" : "none",
    secret: "",
    ...eachSetting((name) => text(settingOf(connection, name))),
    images: told === null ? "known" : told ? "yes" : "no",
    reasoning: connection.reasoning == null ? "" : String(connection.reasoning),
    price_input: text(own?.input),
    price_output: text(own?.output),
    price_cached: text(own?.cached),
    price_cache_write: text(own?.cache_write),
    headers: connection.header_names.length > 0 ? null : "",
    extra: Object.keys(connection.extra).length > 0 ? JSON.stringify(connection.extra, null, 2) : "",
  };
}

const KEYS_IN_WORDS: Record<KeyKind, string> = {
  kept: "the one it has",
  none: "none",
  typed: "a new one",
  env: "from a variable",
  file: "from a file",
};

/** The values in words; a key that was typed is not among them. */
export const tellValues = (values: ConnectionValues): Record<string, string> => ({
  Name: values.name,
  Provider: values.provider,
  Address: values.base_url,
  Model: values.model,
  Key: KEYS_IN_WORDS[values.key],
  ...Object.fromEntries(settings().map(([name, setting]) => [setting.label, values[name]])),
  Pictures: IMAGES_IN_WORDS[values.images],
  Reasoning: values.reasoning,
  Prices: [values.price_input, values.price_output, values.price_cached, values.price_cache_write].filter(Boolean).join(", "),
  Headers: values.headers ?? "those it has",
  "Further members of the request": values.extra,
});

const IMAGES_IN_WORDS: Record<Images, string> = { known: "as is known of the model", yes: "sent", no: "not sent" };

/** The values of a new connection, with a key where the environment has it. */
export function startOf(provider: Provider | undefined, keys: readonly string[], start: Partial<ConnectionValues> = {}): ConnectionValues {
  return { ...NEW_CONNECTION, ...(provider ? { provider: provider.name, ...keyOf(provider, keys) } : {}), ...start };
}

/** Where a provider's key comes from, as long as nobody says otherwise. */
export function keyOf(provider: Provider, keys: readonly string[]): { key: KeyKind; secret: string } {
  if (provider.key_env && keys.includes(provider.key_env)) {
    return { key: "env", secret: provider.key_env };
  }
  return { key: provider.needs_key ? "typed" : "none", secret: "" };
}

const PRICE: Range = { label: "The price", from: 0, to: 100_000, whole: false, optional: true };

export const RANGES: readonly [keyof ConnectionValues, Range][] = [
  ...settings().map(([name, setting]): [SettingName, Range] => [name, { ...setting, label: setting.short ?? setting.label }]),
  ["price_input", PRICE],
  ["price_output", PRICE],
  ["price_cached", PRICE],
  ["price_cache_write", PRICE],
];

const number = (typed: string) => (typed.trim() ? Number(typed) : null);

/** What is typed of settings, as the API takes it: what must be a number is one, for the values have no faults. */
const typedOf = <A extends About>(values: ConnectionValues, about: A) =>
  Object.fromEntries(settings(about).map(([name]) => [name, number(values[name])])) as Typed<A>;

/** The members that say how to reach the server; `api_key` is absent where it is kept. */
function reachOf(values: ConnectionValues) {
  const secret = values.secret.trim();
  const keys: Record<KeyKind, { api_key?: string | null }> = {
    kept: {},
    none: { api_key: null },
    typed: { api_key: secret },
    env: { api_key: `env:${secret}` },
    file: { api_key: `file:${secret}` },
  };
  return {
    provider: values.provider,
    model: values.model.trim(),
    base_url: values.base_url.trim() || null,
    ...(secret || values.key === "none" ? keys[values.key] : {}),
    ...typedOf(values, "answers"),
    reasoning: reasoningOf(values.reasoning),
    extra: (values.extra.trim() ? JSON.parse(values.extra) : {}) as Record<string, unknown>,
    ...(values.headers === null ? {} : { headers: headersOf(values.headers) }),
  };
}

/** A level, or tokens as a number; what is neither is told by the API. */
function reasoningOf(typed: string): Input["reasoning"] {
  const said = typed.trim().toLowerCase();
  return (/^\d+$/.test(said) ? Number(said) : said || null) as Input["reasoning"];
}

function headersOf(lines: string): Record<string, string> {
  const pairs = lines.split("\n").map((line) => line.trim()).filter(Boolean);
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]));
}

/** What can be tested without being saved. The values must have no faults. */
export const draftOf = (values: ConnectionValues, connection: Connection | undefined): Draft => ({
  timeout: 60,
  ...reachOf(values),
  connection_id: connection?.id ?? null,
});

/** What is saved, of a new connection as of a changed one. The values must have no faults. */
export function bodyOf(values: ConnectionValues): Input & Change {
  const price = number(values.price_input);
  const prices = price === null ? null : {
    input: price,
    output: Number(values.price_output),
    cached: number(values.price_cached),
    cache_write: number(values.price_cache_write),
  };
  return {
    ...reachOf(values),
    name: values.name.trim() || values.model.trim().slice(0, 200),
    limits: typedOf(values, "limits"),
    ...typedOf(values, "calls"),
    images: values.images === "known" ? null : values.images === "yes",
    prices,
  };
}

/** The form's fields by the names that the API gives them. */
export const FIELD_OF: Readonly<Record<string, keyof ConnectionValues>> = {
  api_key: "secret",
  ...Object.fromEntries(settings("limits").map(([name]) => [`limits.${name}`, name])),
  "prices.input": "price_input",
  "prices.output": "price_output",
  "prices.cached": "price_cached",
  "prices.cache_write": "price_cache_write",
};
