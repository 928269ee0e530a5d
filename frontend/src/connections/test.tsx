/** What a test of a connection found, in plain words. */

import { Badge, type Tone } from "../components/basic";
import { milliseconds, plural } from "../format";
import type { FailureKind } from "../api/types";
import type { Diagnosis } from "./values";

const TITLES: Partial<Record<FailureKind, string>> = {
  auth: "The key is not accepted",
  connection: "The server cannot be reached",
  timeout: "The server does not answer in time",
  unknown_model: "The server does not have this model",
  quota: "The account has no credit left",
  rate_limited: "The provider asks to wait",
  overloaded: "The provider is overloaded",
};

export const titleOf = (diagnosis: Diagnosis) =>
  diagnosis.ok ? "It works" : ((diagnosis.kind && TITLES[diagnosis.kind]) ?? "The test failed");

export function TestResult({ diagnosis }: { diagnosis: Diagnosis }) {
  const tone: Tone = diagnosis.ok ? "good" : "bad";
  const facts = [
    diagnosis.latency_ms == null ? "" : `answered in ${milliseconds(diagnosis.latency_ms)}`,
    diagnosis.context_tokens == null ? "" : `takes ${plural(diagnosis.context_tokens, "token")}`,
  ].filter(Boolean);
  return (
    <div class="notice stack-small" data-tone={tone}>
      <div>
        <Badge tone={tone}>{titleOf(diagnosis)}</Badge>
      </div>
      <p>{diagnosis.message}</p>
      {facts.length > 0 && <p class="quiet small">{facts.join(", ")}</p>}
    </div>
  );
}
