/** A first try without documents, keys or questions of one's own: a staged batch in one click. */

import { useRef, useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Batch, Connection, Prompt } from "../../shared/api/types";
import { navigate } from "../../shared/router";
import { Button } from "../../shared/ui/basic";
import { Link } from "../../shared/ui/link";
import { toastError } from "../../shared/ui/toasts";
import type { Draft } from "../prompts/draft";

/** The two ways to begin, where there is no batch yet. */
export function FirstSteps() {
  return (
    <>
      <p>docstage asks language models your questions about every document of a folder, and puts the answers into a table.</p>
      <div class="row">
        <Link href="/batches/new" class="button" data-kind="primary">
          Make the first batch
        </Link>
        <TrialButton />
      </div>
      <p class="quiet small">The samples use a simulated model: free, without a key, and nothing leaves this server.</p>
    </>
  );
}

/** Makes a batch of the sample documents and the simulated model, and goes to its page. */
export function TrialButton() {
  const under = useRef(false);
  const [busy, setBusy] = useState(false);
  const begin = async () => {
    if (under.current) {
      return;
    }
    under.current = true;
    setBusy(true);
    try {
      navigate(`/batches/${(await stageSamples()).id}`);
    } catch (error) {
      toastError(error);
    }
    under.current = false;
    setBusy(false);
  };
  return (
    <Button busy={busy} onClick={() => void begin()}>
      {busy ? "Staging the samples …" : "Try it with sample documents"}
    </Button>
  );
}

const ASKED = ["Summary", "Parties and dates"];

async function stageSamples(): Promise<Batch> {
  const [folder, connection, prompts] = await Promise.all([
    api.post("/api/folders/samples"),
    simulatedConnection(),
    samplePrompts(),
  ]);
  return api.post("/api/batches/stage", {
    body: {
      name: "First try with sample documents",
      description: "The model is simulated: its answers mean nothing, and nothing is paid for.",
      folder_ids: [folder.id],
      connection_ids: [connection.id],
      prompt_ids: prompts.map((one) => one.id),
    },
  });
}

const SIMULATED = "simulated-small";

/** The connection to the simulated model that the engine runs beside itself, made if there is none. */
async function simulatedConnection(): Promise<Connection> {
  const { items } = await api.get("/api/connections", { query: { search: SIMULATED, limit: 1000 } });
  const known = items.find((one) => one.provider === "simulated" && one.model === SIMULATED && one.base_url === null);
  if (known) {
    return known;
  }
  const name = freeName(SIMULATED, items);
  const usual = { limits: { concurrency: 8 }, max_output_tokens: 1024, timeout: 120 };
  return api.post("/api/connections", { body: { name, provider: "simulated", model: SIMULATED, ...usual } });
}

async function samplePrompts(): Promise<Prompt[]> {
  const { SAMPLES } = await import("../prompts/samples");
  const drafts = SAMPLES.map((sample) => sample.draft).filter((draft) => ASKED.includes(draft.name));
  return Promise.all(drafts.map(samplePrompt));
}

/** A sample as a prompt: the one that asks the same already, else a new one. */
export async function samplePrompt(draft: Draft): Promise<Prompt> {
  const { questionOf } = await import("../prompts/draft");
  const { items } = await api.get("/api/prompts", { query: { search: draft.name, limit: 1000 } });
  const known = items.find((one) => one.text === draft.text);
  return known ?? api.post("/api/prompts", { body: { name: freeName(draft.name, items), ...questionOf(draft), too_long: draft.tooLong } });
}

function freeName(name: string, taken: { name: string }[]): string {
  const names = new Set(taken.map((one) => one.name));
  let free = name;
  for (let number = 2; names.has(free); number += 1) {
    free = `${name} ${number}`;
  }
  return free;
}
