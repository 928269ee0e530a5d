/** What keeps the values of a connection's form from being saved, by field. */

import type { Range } from "../settings";
import { type ConnectionValues, type KeyKind, type Provider, RANGES } from "./values";

export type Faults = Partial<Record<keyof ConnectionValues, string>>;

/** What keeps the values from being saved, by field. What is merely still empty is told only when all is checked. */
export function faultsOf(values: ConnectionValues, provider: Provider | undefined, all: boolean): Faults {
  const faults: Faults = {};
  for (const [name, range] of RANGES) {
    const fault = rangeFault(String(values[name] ?? ""), range, all);
    if (fault) {
      faults[name] = fault;
    }
  }
  Object.assign(faults, priceFaults(values, all), reachFaults(values, provider, all));
  if (values.headers) {
    faults.headers = headerFault(values.headers);
  }
  faults.extra = extraFault(values.extra);
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault)) as Faults;
}

function rangeFault(typed: string, { label, from, to, whole, optional }: Range, all: boolean): string | undefined {
  if (!typed.trim()) {
    return optional || !all ? undefined : `${label}: give a number.`;
  }
  const number = Number(typed);
  const fits = Number.isFinite(number) && number >= from && number <= to && (!whole || Number.isInteger(number));
  return fits ? undefined : `Give ${whole ? "a whole number" : "a number"} from ${from.toLocaleString()} to ${to.toLocaleString()}.`;
}

function priceFaults(values: ConnectionValues, all: boolean): Faults {
  if (!all || !(values.price_input || values.price_output || values.price_cached || values.price_cache_write)) {
    return {};
  }
  return {
    ...(values.price_input ? {} : { price_input: "Give both prices, or none." }),
    ...(values.price_output ? {} : { price_output: "Give both prices, or none." }),
  };
}

function reachFaults(values: ConnectionValues, provider: Provider | undefined, all: boolean): Faults {
  const faults: Faults = {};
  const url = values.base_url.trim();
  if (url && !/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(url)) {
    faults.base_url = "Write an address such as http://localhost:8080/v1, without a user name, ? or #.";
  } else if (all && !url && provider && needsAddress(provider)) {
    faults.base_url = `${provider.title} needs an address. ${provider.hint}`;
  }
  if (all && !values.model.trim()) {
    faults.model = "Name the model.";
  }
  if (all && ["typed", "env", "file"].includes(values.key) && !values.secret.trim()) {
    faults.secret = SECRET_WANTED[values.key];
  }
  return faults;
}

const SECRET_WANTED: Partial<Record<KeyKind, string>> = {
  typed: "Enter the key.",
  env: "Name the variable.",
  file: "Give the path of the file.",
};

export const needsAddress = (provider: Provider) => !provider.default_base_url && ["azure", "openai-compatible"].includes(provider.name);

function headerFault(lines: string): string | undefined {
  const bad = lines.split("\n").find((line) => line.trim() && !/^[A-Za-z0-9-]{1,100}:[\x20-\x7e]*$/.test(line.trim()));
  return bad === undefined ? undefined : `“${bad.trim()}” is no header. Write one line for each, such as X-Team: legal.`;
}

function extraFault(typed: string): string | undefined {
  if (!typed.trim()) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(typed);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? undefined : "Write a JSON object, in braces.";
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
