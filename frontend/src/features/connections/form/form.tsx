/** Adds or changes a connection, and tests it before it is saved. */

import "./form.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, Problem, problemFrom } from "../../../shared/api/client";
import type { Connection } from "../../../shared/api/types";
import { useEdit } from "../../../shared/edits/edit";
import { useResource } from "../../../shared/resource";
import { Button, ErrorNotice, Skeleton } from "../../../shared/ui/basic";
import { Combobox } from "../../../shared/ui/combobox";
import { Field, useRefusals } from "../../../shared/ui/field";
import { type Faults, faultsOf, needsAddress } from "./faults";
import { KeyFields } from "./key";
import { useModels } from "./models";
import { MoreSettings } from "./more";
import { isBeside, ProviderPicker } from "./providers";
import { TestResult } from "./test";
import {
  bodyOf,
  type ConnectionValues,
  type Diagnosis,
  draftOf,
  FIELD_OF,
  keyOf,
  NEW_CONNECTION,
  type Provider,
  startOf,
  tellValues,
  valuesOf,
} from "./values";

interface ConnectionFormProps {
  /** The connection to change; a new one without it. */
  connection?: Connection | undefined;
  /** What is known of a new one already. */
  start?: Partial<ConnectionValues> | undefined;
  saved: (connection: Connection) => void;
  close: () => void;
}

interface Known {
  providers: Provider[];
  keys: string[];
}

/** The providers, and the names of the variables with keys. */
const loadKnown = async (signal: AbortSignal): Promise<Known> => {
  const [providers, detected] = await Promise.all([
    api.get("/api/connections/providers", { signal }),
    api.get("/api/connections/detect", { signal }),
  ]);
  return { providers, keys: detected.keys };
};

export function ConnectionForm(props: ConnectionFormProps) {
  const known = useResource("providers and keys", loadKnown);
  if (known.error) {
    return <ErrorNotice problem={known.error} retry={known.reload} />;
  }
  return known.data ? <Form {...props} known={known.data} /> : <Skeleton height="24rem" />;
}

const FIELDS = Object.keys(NEW_CONNECTION);
const SECRET_PROBLEM = "urn:docstage:problem:secret";

function Form({ connection, start, saved, close, known }: ConnectionFormProps & { known: Known }) {
  const find = (name: string | undefined) => known.providers.find((one) => one.name === name);
  const [first] = useState(() => startOf(find(start?.provider), known.keys, start));
  const [values, setValues] = useState(() => (connection ? valuesOf(connection) : first));
  const [picking, setPicking] = useState(!find(values.provider));
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState<"testing" | "saving">();
  const [tested, setTested] = useState<Diagnosis>();
  const edit = useEdit({
    thing: connection,
    load: (one) => api.get("/api/connections/{connection_id}", { path: { connection_id: one.id } }),
    values,
    start: first,
    valuesOf,
    take: setValues,
    tell: tellValues,
  });
  const form = useRef<HTMLFormElement>(null);
  const refusals = useRefusals(FIELDS, FIELD_OF);
  const provider = find(values.provider);
  const models = useModels(values, provider, connection);
  const faults: Faults = { ...refusals.fields, ...faultsOf(values, provider, all) };

  const change = (changes: Partial<ConnectionValues>) => {
    setValues((old) => ({ ...old, ...changes }));
    Object.keys(changes).forEach(refusals.clear);
    setTested(undefined);
  };
  const choose = (chosen: Provider) => {
    setPicking(false);
    if (chosen.name !== values.provider) {
      change({ provider: chosen.name, base_url: "", model: "", ...keyOf(chosen, known.keys) });
    }
  };
  useEffect(() => {
    if (!picking && !connection) {
      form.current?.querySelector<HTMLElement>("[data-first] input, [data-first] select")?.focus();
    }
  }, [picking]);
  const refused = (error: unknown) => {
    const problem: Problem = problemFrom(error);
    if (problem.type === SECRET_PROBLEM) {
      refusals.say("secret", problem.message);
    } else {
      refusals.take(problem);
    }
  };
  /** Run a step with values that have no faults; where there are any, show them all and go to the first. */
  const attempt = async (step: "testing" | "saving", act: () => Promise<void>) => {
    setAll(true);
    refusals.clear();
    if (Object.keys(faultsOf(values, provider, true)).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus());
      return;
    }
    setBusy(step);
    try {
      await act();
    } catch (error) {
      refused(error);
    }
    setBusy(undefined);
  };
  const test = () =>
    attempt("testing", async () => {
      setTested(undefined);
      setTested(await api.post("/api/connections/check", { body: draftOf(values, connection) }));
    });
  const save = () =>
    attempt("saving", async () => {
      const body = bodyOf(values);
      const stored = await edit.store((headers) =>
        connection
          ? api.patch("/api/connections/{connection_id}", { path: { connection_id: connection.id }, headers, body })
          : api.post("/api/connections", { body }),
      );
      if (stored) {
        saved(stored);
      }
    });

  if (picking || !provider) {
    return (
      <div class="stack">
        <ProviderPicker providers={known.providers} keys={known.keys} choose={choose} />
        <div class="dialog-buttons">
          <Button onClick={() => (provider ? setPicking(false) : edit.leave(close))}>Cancel</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      ref={form}
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="beside">
        <div class="stack">
          <div class="head connections-chosen">
            <div>
              <span class="legend">Provider</span>
              <p>
                <strong>{provider.title}</strong>
              </p>
            </div>
            <Button size="small" onClick={() => setPicking(true)}>
              Choose another
            </Button>
          </div>
          <div class="stack" data-first>
            {provider.name === "local" ? (
              <p class="quiet">{provider.hint}</p>
            ) : (
              <Field label="Address" hint={addressHint(provider)} error={faults.base_url}>
                {(control) => (
                  <input
                    dir="auto"
                    {...control}
                    class="input"
                    type="url"
                    autocomplete="off"
                    spellcheck={false}
                    placeholder={provider.default_base_url ?? (needsAddress(provider) ? "https://models.example.com/v1" : "")}
                    value={values.base_url}
                    onInput={(event) => change({ base_url: event.currentTarget.value })}
                  />
                )}
              </Field>
            )}
            {!isBeside(provider) && (
              <KeyFields
                values={values}
                provider={provider}
                kept={connection?.api_key}
                keys={known.keys}
                faults={faults}
                change={change}
                left={models.ask}
              />
            )}
            <Field label="Model" hint={<span role="status">{modelHint(provider, models.said)}</span>} error={faults.model}>
              {(control) => (
                <Combobox
                  control={control}
                  value={values.model}
                  change={(model) => change({ model })}
                  suggestions={models.suggestions}
                  focused={models.ask}
                  required
                />
              )}
            </Field>
            <Field label="Name" hint="What the connection is called here; empty: as the model." error={faults.name}>
              {(control) => (
                <input
                  dir="auto"
                  {...control}
                  class="input"
                  autocomplete="off"
                  maxLength={200}
                  placeholder={values.model}
                  value={values.name}
                  onInput={(event) => change({ name: event.currentTarget.value })}
                />
              )}
            </Field>
          </div>
        </div>
        <div class="stack">
          <MoreSettings values={values} faults={faults} headerNames={connection?.header_names ?? []} change={change} />
          <div class="row">
            <Button busy={busy !== undefined} onClick={() => void test()}>
              {busy === "testing" ? "Testing…" : "Test connection"}
            </Button>
            <span class="quiet small">One short call, as it stands in the form. Nothing is saved.</span>
          </div>
          <div role="status" class="connections-result">
            {tested && <TestResult diagnosis={tested} />}
          </div>
        </div>
      </div>
      {refusals.problem && <ErrorNotice problem={refusals.problem} />}
      {edit.notice}
      <div class="dialog-buttons">
        <Button onClick={() => edit.leave(close)}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy !== undefined}>
          {connection ? "Save" : "Add connection"}
        </Button>
      </div>
    </form>
  );
}

function modelHint(provider: Provider, said: string): string {
  if (provider.name === "simulated") {
    return `How it behaves; + puts names together. ${said}`;
  }
  if (provider.name === "local") {
    return `A model that comes with docstage, or the whole path of a .gguf file. ${said}`;
  }
  return said || "As the provider names it.";
}

function addressHint(provider: Provider): string {
  if (provider.name === "simulated") {
    return "Empty: docstage runs the simulator itself.";
  }
  return provider.default_base_url ? `Empty: ${provider.default_base_url}` : provider.hint;
}
