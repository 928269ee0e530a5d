/** What a test of a connection found, in plain words. */

import type { FailureKind } from "../../../shared/api/types";
import { milliseconds, plural } from "../../../shared/format";
import { Badge, type Tone } from "../../../shared/ui/basic";
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

const ADVICE: Partial<Record<FailureKind, string>> = {
  auth: "Check the key, and what it is allowed to do.",
  timeout: "Raise the timeout under More settings, or look after the server.",
  unknown_model: "Choose a model that the server offers.",
  quota: "Add credit with the provider, or wait for the new period.",
  rate_limited: "Wait a little, then test again.",
  overloaded: "Wait a little, then test again.",
};

/** What is wrong with a connection, in a few words. */
export const faultTitle = (kind: FailureKind | null | undefined) => (kind && TITLES[kind]) ?? "The call failed";

export const titleOf = (diagnosis: Diagnosis) => (diagnosis.ok ? "It works" : faultTitle(diagnosis.kind));

/** Text in which what stands between backticks is to be typed as it is. */
export function WithCode({ text }: { text: string }) {
  return <>{text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}

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
      <p>
        <WithCode text={diagnosis.message} />
      </p>
      {diagnosis.kind && ADVICE[diagnosis.kind] && <p>{ADVICE[diagnosis.kind]}</p>}
      {facts.length > 0 && <p class="quiet small">{facts.join(", ")}</p>}
    </div>
  );
}
