/** The models that the server of a form's connection offers, asked for when what leads to it has changed. */

import { useEffect, useRef, useState } from "preact/hooks";
import { api, problemFrom } from "../../../shared/api/client";
import type { Connection } from "../../../shared/api/types";
import { count, plural } from "../../../shared/format";
import type { Suggestion } from "../../../shared/ui/combobox";
import { faultsOf } from "./faults";
import { type ConnectionValues, draftOf, type Provider } from "./values";

export interface Models {
  suggestions: Suggestion[];
  /** How the asking went, in words; empty when nothing was asked. */
  said: string;
  /** Ask now, if it was not asked since something changed. */
  ask: () => void;
}

const NOTHING = { suggestions: [], said: "" };
const REACH = ["base_url", "secret", "headers", "extra"] as const;

export function useModels(values: ConnectionValues, provider: Provider | undefined, connection: Connection | undefined): Models {
  const [state, setState] = useState<{ suggestions: Suggestion[]; said: string }>(NOTHING);
  const key = JSON.stringify([values.provider, values.key, ...REACH.map((name) => values[name])]);
  const asked = useRef("");
  const abort = useRef<AbortController | undefined>(undefined);
  const faults = faultsOf(values, provider, true);
  const ready = provider !== undefined && REACH.every((name) => !faults[name]);
  const ask = () => {
    if (!ready || asked.current === key) {
      return;
    }
    asked.current = key;
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setState({ suggestions: [], said: "Asking the server for its models…" });
    api.post("/api/connections/models", { body: draftOf(values, connection), signal: mine.signal }).then(
      (models) =>
        setState({
          suggestions: models.map(({ name, about, context_tokens: tokens }) => ({
            value: name,
            hint: about ?? (tokens ? `${count(tokens)} tokens` : undefined),
          })),
          said: models.length > 0 ? `The server offers ${plural(models.length, "model")}.` : "The server lists none; type the name.",
        }),
      (error: unknown) => !mine.signal.aborted && setState({ suggestions: [], said: `No list: ${problemFrom(error).message}` }),
    );
  };
  useEffect(() => {
    abort.current?.abort();
    setState(NOTHING);
    asked.current = "";
    // A key that is being typed is not sent before it is whole, which only leaving its field tells.
    if (values.key !== "typed") {
      const timer = setTimeout(ask, 500);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [key, provider]);
  useEffect(() => () => abort.current?.abort(), []);
  return { ...state, ask };
}
