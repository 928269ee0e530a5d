/** Markdown as blocks, read in a worker that is ended when it takes too long. */

import type { Token } from "marked";

const MOST_MS = 3_000;

/** Longer texts are shown as they were written: nobody reads them rendered, and browsers lay them out slowly. */
export const MOST_CHARACTERS = 400_000;

/** Whether a text has marks of Markdown, so that rendering it would change anything. */
export const isMarkdown = (text: string) =>
  text.length <= MOST_CHARACTERS &&
  /(^|\n) {0,3}(#{1,6} \S|[-*+] \S|\d{1,9}[.)] \S|> ?\S|```|~~~|\|.*\|)|\*\*\S|__\S|`[^`\n]+`|\]\(|\|\s*:?-{3}/.test(text);

/** The blocks of a text. Rejects when reading it takes too long or fails. */
export function read(text: string, abort: AbortSignal): Promise<Token[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      worker.terminate();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error("took too long"))), MOST_MS);
    abort.addEventListener("abort", () => end(() => reject(new Error("not wanted any more"))));
    worker.onmessage = ({ data }: MessageEvent<Token[]>) => end(() => resolve(data));
    worker.onerror = (event) => {
      event.preventDefault();
      end(() => reject(new Error("could not be read")));
    };
    worker.postMessage(text);
  });
}
