/** The numbers that a connection has, each said once: for its form, for what the API takes and for what runs say of it. */

import type { components } from "../../shared/api/schema";
import type { Connection } from "../../shared/api/types";

/** What a number may be, and what it is called where it is not that. */
export interface Range {
  label: string;
  from: number;
  to: number;
  whole: boolean;
  optional: boolean;
}

/** Answers depend on it, so that runs have it as it was; it is about single calls; or it limits how many there are. */
export type About = "answers" | "calls" | "limits";

interface Setting extends Omit<Range, "label"> {
  label: string;
  hint: string;
  /** What the empty field shows. */
  placeholder?: string;
  /** What the field has in a new connection. */
  start: string;
  /** In the middle of a sentence. */
  inWords: string;
  /** What it is called in front of what is wrong with it; else its label. */
  short?: string;
  about: About;
}

type Member = keyof components["schemas"]["ConnectionInput"] | keyof components["schemas"]["Limits"];

/** In the order of the form. */
export const SETTINGS = {
  concurrency: {
    label: "Calls at once",
    hint: "From 1 to 1,000.",
    start: "8",
    inWords: "calls at once",
    about: "limits",
    from: 1,
    to: 1_000,
    whole: true,
    optional: false,
  },
  requests_per_minute: {
    label: "Requests a minute",
    hint: "As your plan allows.",
    placeholder: "no limit",
    start: "",
    inWords: "requests a minute",
    about: "limits",
    from: 1,
    to: 10_000_000,
    whole: true,
    optional: true,
  },
  tokens_per_minute: {
    label: "Tokens a minute",
    hint: "As your plan allows.",
    placeholder: "no limit",
    start: "",
    inWords: "tokens a minute",
    about: "limits",
    from: 1,
    to: 10_000_000_000,
    whole: true,
    optional: true,
  },
  max_output_tokens: {
    label: "Longest answer, in tokens",
    hint: "What is longer is cut off.",
    start: "1024",
    inWords: "output limit",
    short: "Longest answer",
    about: "calls",
    from: 1,
    to: 1_000_000,
    whole: true,
    optional: false,
  },
  context_tokens: {
    label: "Context, in tokens",
    hint: "What the model takes in all; documents that are longer are not sent. Empty: as its server says.",
    placeholder: "as the server says",
    start: "",
    inWords: "context",
    short: "Context",
    about: "calls",
    from: 256,
    to: 100_000_000,
    whole: true,
    optional: true,
  },
  timeout: {
    label: "Timeout, in seconds",
    hint: "For one call; empty: 120, or 600 for servers of your own.",
    placeholder: "120, or 600",
    start: "",
    inWords: "timeout",
    short: "Timeout",
    about: "calls",
    from: 1,
    to: 3_600,
    whole: false,
    optional: true,
  },
  temperature: {
    label: "Temperature",
    hint: "0 to 2; empty: the provider's.",
    placeholder: "provider's own",
    start: "",
    inWords: "temperature",
    about: "answers",
    from: 0,
    to: 2,
    whole: false,
    optional: true,
  },
} satisfies Partial<Record<Member, Setting>>;

type Names<A extends About> = { [N in keyof typeof SETTINGS]: (typeof SETTINGS)[N]["about"] extends A ? N : never }[keyof typeof SETTINGS];
export type SettingName = Names<About>;

/** What the API takes of settings, by their names. */
export type Typed<A extends About> = Pick<components["schemas"]["ConnectionInput"] & components["schemas"]["Limits"], Names<A>>;

/** Each setting with its name, in the order of the form. */
export const settings = (about?: About): [SettingName, Setting][] =>
  (Object.entries(SETTINGS) as [SettingName, Setting][]).filter(([, one]) => !about || one.about === about);

/** A value for each setting. */
export const eachSetting = <T>(value: (name: SettingName, setting: Setting) => T) =>
  Object.fromEntries(settings().map(([name, setting]) => [name, value(name, setting)])) as Record<SettingName, T>;

/** What a connection has under the name, null or nothing where it says none. */
export const settingOf = (connection: Connection, name: SettingName): number | null | undefined =>
  ({ ...connection, ...connection.limits })[name];

/** What holds from the next run on when it is changed, such as "provider, model and temperature". */
export function frozenInWords(): string {
  const names = ["provider", "model", "reasoning", ...settings("answers").map(([, one]) => one.inWords)];
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
