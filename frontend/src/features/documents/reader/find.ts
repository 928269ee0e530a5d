/** Words that are looked for in a document, by the server. */

import { useEffect, useState } from "preact/hooks";
import { api, type Problem, problemFrom } from "../../../shared/api/client";
import type { Hit } from "../../../shared/api/types";
import type { Source } from "./source";

const TYPING_MS = 200;
const MOST_HITS = 1_000;

export interface Finding {
  words: string;
  hits: readonly Hit[];
  /** Whether these are all hits. */
  complete: boolean;
  /** The answer to the present words is there. */
  done: boolean;
  error?: Problem;
}

const NOTHING: Finding = { words: "", hits: [], complete: true, done: true };

/** What is found of the words that are typed, a moment after they were. */
export function useFinding({ batch, run, id }: Source, typed: string): Finding {
  const [found, setFound] = useState(NOTHING);
  const words = typed.trim();
  useEffect(() => {
    if (!words) {
      setFound(NOTHING);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const path = { batch_id: batch, document_id: id };
      api
        .get("/api/batches/{batch_id}/documents/{document_id}/find", {
          path,
          query: { q: words, limit: MOST_HITS, run },
          signal: abort.signal,
        })
        .then(
          ({ hits, complete }) => setFound({ words, hits, complete, done: true }),
          (error: unknown) =>
            !abort.signal.aborted && setFound({ words, hits: [], complete: true, done: true, error: problemFrom(error) }),
        );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [batch, run, id, words]);
  return found.words === words ? found : { ...NOTHING, words, done: false };
}
