/** Files that the browser stores. */

import { send } from "./client";

/** Fetch a file and have it stored under the name that the server gives it. Throws Problem. */
export async function fetchFile(href: string): Promise<void> {
  const response = await send("get", href);
  const url = URL.createObjectURL(await response.blob());
  follow(url, fileName(response.headers.get("content-disposition") ?? "") ?? "export");
  URL.revokeObjectURL(url);
}

/** The name in the head of an answer: in any script, or in plain letters. */
export function fileName(disposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
  return encoded === undefined ? /filename="([^"]+)"/.exec(disposition)?.[1] : decodeURIComponent(encoded);
}

/** Have the browser store what is at an address. */
export function follow(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
