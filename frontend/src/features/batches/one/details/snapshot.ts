/** What a run is made of: its folders, connections and prompts as they were when it began, and what is different now. */

import { api } from "../../../../shared/api/client";
import type { Batch, Connection, Folder, Prompt } from "../../../../shared/api/types";
import { type Resource, useResource } from "../../../../shared/resource";
import { type About, type SettingName, settingOf, settings } from "../../../connections/settings";
import type { Choice } from "./choice";

export interface FrozenFolder {
  id: number;
  name: string;
  path: string;
  recursive: boolean;
  hidden: boolean;
  include: string[];
  exclude: string[];
  /** Runs of earlier versions say nothing of these. */
  archives?: string;
  attachments?: string;
  ocr?: string;
}

export interface FrozenConnection extends Record<SettingName, number | null> {
  id: number;
  name: string;
  provider: string;
  model: string;
  base_url: string | null;
  images: boolean | null;
  /** A level or a number of tokens; runs of earlier versions say nothing of it. */
  reasoning?: string | null;
}

export interface FrozenPrompt {
  id: number;
  name: string;
  version: number;
  text: string;
  system: string | null;
  schema: unknown;
}

export interface Snapshot {
  run: number;
  folders: FrozenFolder[];
  connections: FrozenConnection[];
  prompts: FrozenPrompt[];
}

/** The snapshot of a run; undefined means the current one. */
export function useSnapshot(batch: Batch, run: number | undefined): Resource<Snapshot> {
  return useResource(
    `snapshot ${batch.id} ${run ?? batch.run}`,
    async (signal) =>
      (await api.get("/api/batches/{batch_id}/snapshot", { path: { batch_id: batch.id }, query: { run }, signal })) as unknown as Snapshot,
  );
}

/** What has become of a part of the run since, in a sentence; "" where it is as it was. */
export const GONE = "Deleted since.";

export function folderNews(was: FrozenFolder, { folders }: Choice): string {
  const now = folders.find((one) => one.id === was.id);
  return now ? edited(FOLDER, was, now) : GONE;
}

export function connectionNews(was: FrozenConnection, { connections }: Choice): string {
  const now = connections.find((one) => one.id === was.id);
  return now ? edited(CONNECTION, was, now) : GONE;
}

export function promptNews(was: FrozenPrompt, { prompts }: Choice): string {
  const now: Prompt | undefined = prompts.find((one) => one.id === was.id);
  if (!now) {
    return GONE;
  }
  const name = now.name === was.name ? "" : ` It is called ${now.name} now.`;
  return now.version > was.version ? `There is a newer version, ${now.version}, which was not used.${name}` : name.trim();
}

type Members<Was, Now> = [string, (was: Was) => unknown, (now: Now) => unknown][];

const FOLDER: Members<FrozenFolder, Folder> = [
  ["name", (was) => was.name, (now) => now.name],
  ["path", (was) => was.path, (now) => now.path],
  ["subfolders", (was) => was.recursive, (now) => now.recursive],
  ["hidden files", (was) => was.hidden, (now) => now.hidden],
  ["files taken", (was) => was.include, (now) => now.include],
  ["files left out", (was) => was.exclude, (now) => now.exclude],
  ["archives", (was) => was.archives ?? "open", (now) => now.archives],
  ["attachments", (was) => was.attachments ?? "in_place", (now) => now.attachments],
  ["words in pictures", (was) => was.ocr ?? "when_needed", (now) => now.ocr],
];

const settingsNow = (about: About): Members<FrozenConnection, Connection> =>
  settings(about).map(([name, setting]) => [setting.inWords, (was) => was[name], (now) => settingOf(now, name)]);

const CONNECTION: Members<FrozenConnection, Connection> = [
  ["name", (was) => was.name, (now) => now.name],
  ["provider", (was) => was.provider, (now) => now.provider],
  ["model", (was) => was.model, (now) => now.model],
  ["address", (was) => was.base_url, (now) => now.base_url],
  ["reasoning", (was) => was.reasoning, (now) => now.reasoning?.toString()],
  ...settingsNow("answers"),
  ...settingsNow("calls"),
  ["pictures", (was) => was.images, (now) => now.images_override],
  ...settingsNow("limits"),
];

function edited<Was, Now>(members: Members<Was, Now>, was: Was, now: Now): string {
  const names = members
    .filter(([, before, after]) => JSON.stringify(before(was) ?? null) !== JSON.stringify(after(now) ?? null))
    .map(([name]) => name);
  return names.length > 0 ? `Edited since: ${names.join(", ")}.` : "";
}
