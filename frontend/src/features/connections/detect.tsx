/** What could be connected to: servers that answer, keys in the environment, models that docstage runs, the simulator. */

import "./form/form.css";
import { useState } from "preact/hooks";
import { api, Problem } from "../../shared/api/client";
import type { Connection } from "../../shared/api/types";
import { plural } from "../../shared/format";
import { useResource } from "../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../shared/ui/basic";
import { toast, toastError } from "../../shared/ui/toasts";
import type { ConnectionValues, Provider } from "./form/values";

interface OffersProps {
  /** Connections that exist; what they reach is not offered again. */
  existing: readonly Connection[];
  added: (connection: Connection) => void;
  /** Go on in the form with what is known. */
  open: (start: Partial<ConnectionValues>) => void;
}

interface Offer {
  key: string;
  title: string;
  about: string;
  /** Can be added as it is. */
  ready?: { provider: string; model: string; base_url: string | null };
  /** Needs more; the form begins with this. */
  start: Partial<ConnectionValues>;
}

const SIMULATED = ["simulated-small", "simulated-large"];
const FEW_MODELS = 5;

const load = async (signal: AbortSignal) => {
  const [detected, providers] = await Promise.all([
    api.get("/api/connections/detect", { signal }),
    api.get("/api/connections/providers", { signal }),
  ]);
  return { detected, providers };
};

export function Offers({ existing, added, open }: OffersProps) {
  const found = useResource("detect", load);
  const [busy, setBusy] = useState("");
  if (found.error) {
    return <ErrorNotice problem={found.error} retry={found.reload} />;
  }
  if (!found.data) {
    return <Skeleton height="12rem" />;
  }
  const { detected, providers } = found.data;
  const add = async (offer: Offer) => {
    if (!offer.ready) {
      open(offer.start);
      return;
    }
    setBusy(offer.key);
    try {
      const connection = await create(offer.ready, titleOf(providers, offer.ready.provider));
      toast(`${connection.name} was added.`);
      added(connection);
    } catch (error) {
      toastError(error);
    }
    setBusy("");
  };
  const offers = [...servers(detected.servers, providers), ...keys(detected.keys, providers), ...local(detected.local_models), ...simulated()];
  const isThere = ({ ready }: Offer) =>
    ready !== undefined &&
    existing.some((one) => one.provider === ready.provider && one.model === ready.model && one.base_url === ready.base_url);
  const nothing = detected.servers.length === 0 && detected.keys.length === 0;
  return (
    <div class="stack-small">
      <div class="head">
        <h2>Found here</h2>
        <Button size="small" onClick={found.reload}>
          Look again
        </Button>
      </div>
      {nothing && (
        <p class="quiet">
          No model server answers on the computer that docstage runs on (Ollama, LM Studio, vLLM, llama.cpp at their usual
          addresses), and no provider's key is in its environment.
        </p>
      )}
      <ul class="connections-offers">
        {offers.map((offer) => (
          <li key={offer.key} class="connections-offer">
            <div>
              <strong>{offer.title}</strong>
              <div class="quiet small">{offer.about}</div>
            </div>
            {isThere(offer) ? (
              <span class="quiet">Added</span>
            ) : (
              <Button
                size="small"
                busy={busy === offer.key}
                aria-label={`${offer.ready ? "Add" : "Choose a model of"} ${offer.title}`}
                onClick={() => void add(offer)}
              >
                {offer.ready ? "Add" : "Choose a model…"}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

const titleOf = (providers: readonly Provider[], name: string) => providers.find((one) => one.name === name)?.title ?? name;

function servers(found: { provider: string; base_url: string; models: string[] }[], providers: readonly Provider[]): Offer[] {
  return found.flatMap(({ provider, base_url: url, models }): Offer[] => {
    const title = titleOf(providers, provider);
    if (models.length === 0 || models.length > FEW_MODELS) {
      const about = models.length === 0 ? "It answers and lists no models" : `It offers ${plural(models.length, "model")}`;
      return [{ key: url, title: `${title} at ${url}`, about, start: { provider, base_url: url } }];
    }
    return models.map((model) => ({
      key: `${url} ${model}`,
      title: model,
      about: `${title} at ${url}`,
      ready: { provider, model, base_url: url },
      start: {},
    }));
  });
}

const keys = (found: string[], providers: readonly Provider[]): Offer[] =>
  found.flatMap((key) =>
    providers
      .filter((one) => one.key_env === key)
      .map((one) => ({ key: `${one.name} ${key}`, title: one.title, about: `Its key is in ${key}`, start: { provider: one.name } })),
  );

const local = (models: { name: string; about?: string | null }[]): Offer[] =>
  models.map(({ name, about }) => ({
    key: name,
    title: name,
    about: `${about ?? "A real language model."} docstage runs it on this computer: no key, no cost, nothing leaves it.`,
    ready: { provider: "local", model: name, base_url: null },
    start: {},
  }));

const simulated = (): Offer[] =>
  SIMULATED.map((model) => ({
    key: model,
    title: model,
    about: "A simulated model: invented answers, no key, no cost, nothing to start. Good for a rehearsal.",
    ready: { provider: "simulated", model, base_url: null },
    start: {},
  }));

/** Add it under the model's name, or with the provider's beside it where that is taken. */
async function create(ready: NonNullable<Offer["ready"]>, title: string): Promise<Connection> {
  const body = (name: string) => ({ ...ready, name: name.slice(0, 200), limits: { concurrency: 8 }, max_output_tokens: 1024 });
  try {
    return await api.post("/api/connections", { body: body(ready.model) });
  } catch (error) {
    if (error instanceof Problem && error.status === 409) {
      return api.post("/api/connections", { body: body(`${ready.model} (${title})`) });
    }
    throw error;
  }
}
