/** How many documents lie in the chosen folders now. */

import { useEffect, useState } from "preact/hooks";
import { api, Problem, problemFrom } from "../../../shared/api/client";
import type { Folder } from "../../../shared/api/types";

/** Of one folder: being counted, counted, or why it cannot be. */
export type FolderCount = "counting" | { count: number; complete: boolean } | Problem;

export interface Total {
  count: number;
  /** False when counting was given up: there are more. */
  complete: boolean;
  counting: boolean;
}

/** Counts each chosen folder once, and again when it was changed. */
export function useCounts(folders: Folder[]): (folder: Folder) => FolderCount {
  const [counts, setCounts] = useState<ReadonlyMap<string, FolderCount>>(new Map());
  const missing = folders.filter((folder) => !counts.has(version(folder)));
  useEffect(() => {
    if (missing.length === 0) {
      return;
    }
    setCounts((old) => new Map([...old, ...missing.map((folder) => [version(folder), "counting"] as const)]));
    for (const folder of missing) {
      void counted(folder).then((count) => setCounts((old) => new Map([...old, [version(folder), count]])));
    }
  }, [missing.map(version).join()]);
  return (folder) => counts.get(version(folder)) ?? "counting";
}

const version = (folder: Folder) => `${folder.id} ${folder.updated_at}`;

async function counted(folder: Folder): Promise<FolderCount> {
  try {
    const found = await api.get("/api/folders/{folder_id}/documents", { path: { folder_id: folder.id } });
    return { count: found.count, complete: found.complete };
  } catch (error) {
    return problemFrom(error);
  }
}

/** All of them together; folders that cannot be read add nothing. */
export function total(counts: FolderCount[]): Total {
  const sum: Total = { count: 0, complete: true, counting: false };
  for (const one of counts) {
    if (one === "counting") {
      sum.counting = true;
    } else if (!(one instanceof Problem)) {
      sum.count += one.count;
      sum.complete &&= one.complete;
    }
  }
  return sum;
}
