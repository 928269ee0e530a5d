/** With which connection and document prompts are tried: kept while the tab is open, also from prompt to prompt. */

export interface Choice {
  connection: number | undefined;
  folder: number | undefined;
  path: string;
}

const KEY = "docstage.try";
const NOTHING: Choice = { connection: undefined, folder: undefined, path: "" };

export function lastChoice(): Choice {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Choice>) };
  } catch {
    return NOTHING;
  }
}

export function rememberChoice(choice: Choice): void {
  sessionStorage.setItem(KEY, JSON.stringify(choice));
}
