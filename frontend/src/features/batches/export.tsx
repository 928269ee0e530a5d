/** The results of a run as a file. */

import { useEffect } from "preact/hooks";
import { api, token } from "../../shared/api/client";
import { fetchFile, follow } from "../../shared/api/download";
import type { Batch } from "../../shared/api/types";
import { capital } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Menu, type MenuItem } from "../../shared/ui/menu";
import { toastError } from "../../shared/ui/toasts";
import { exportFormats, exportsOf } from "./exports";

/** What can be exported, as entries of a menu: what the table shows, where that is not all, and all. */
export function exportItems(batch: Batch, run: number | undefined, prefix = ""): MenuItem[] {
  const files = exportsOf(batch, run);
  const choice = files.length > exportFormats.value.length;
  return files.map(({ name, what, hint, href }) => ({
    name: choice ? `${prefix}${name}: ${what}` : `${prefix}${name}`,
    hint: choice ? hint : `${capital(what)}. ${hint}`,
    act: () => download(href),
  }));
}

/** Asks the server which formats it has. */
export function ExportFormats() {
  const formats = useResource("formats", (signal) => api.get("/api/export-formats", { signal })).data;
  useEffect(() => void (exportFormats.value = formats ?? []), [formats]);
  return null;
}

interface ExportProps {
  batch: Batch;
  /** An earlier run; undefined means the current one. */
  run: number | undefined;
  kind?: "primary" | "soft" | undefined;
  size?: "small" | undefined;
}

export function ExportButton({ batch, run, kind, size }: ExportProps) {
  return <Menu text="Export" label={size ? `Export ${batch.name}` : "Export"} items={exportItems(batch, run)} kind={kind} size={size} />;
}

/** Have the browser store a file. With a token it is fetched first, since a link cannot carry one. */
function download(href: string): void {
  if (token.value) {
    fetchFile(href).catch(toastError);
  } else {
    follow(href, "");
  }
}
