/** What came of trying a prompt: the answer beside the document that was asked about. */

import type { components } from "../../../shared/api/schema";
import { count, milliseconds, money, plural, words } from "../../../shared/format";
import { Figures, Notice } from "../../../shared/ui/basic";
import { isObject } from "../schema";

export type Trial = components["schemas"]["PromptTrialView"];

interface ResultProps {
  trial: Trial;
  /** The prompt was changed since. */
  stale: boolean;
}

export function TrialResult({ trial, stale }: ResultProps) {
  return (
    <div class="stack prompt-trial">
      {stale && <p class="quiet small">The prompt has changed since. Try again to see what it brings now.</p>}
      <div class="prompt-trial-sides">
        <div class="stack-small">
          <h3>Answer</h3>
          <Answer trial={trial} />
          <Figures items={figures(trial)} />
        </div>
        <div class="stack-small">
          <h3>Document</h3>
          <ShownDocument document={trial.document} />
        </div>
      </div>
    </div>
  );
}

function Answer({ trial }: { trial: Trial }) {
  if (trial.ok) {
    return (
      <>
        <AnswerBox value={trial.value} text={trial.text ?? ""} />
        {trial.message && <p class="quiet">{trial.message}</p>}
        <Thoughts text={trial.thoughts} />
      </>
    );
  }
  if (!trial.failure_kind) {
    return (
      <Notice tone="warn">
        <strong>The document cannot be used</strong>
        <p>{trial.message} The model was not asked, and nothing was spent.</p>
      </Notice>
    );
  }
  return (
    <>
      <div class="notice stack-small" data-tone="bad" role="alert">
        <strong>No usable answer: {words(trial.failure_kind)}</strong>
        <p>{trial.message}</p>
        {trial.way_forward && <p>{trial.way_forward}</p>}
      </div>
      {trial.text && (
        <>
          <h4>What the model said</h4>
          <TextBox name="What the model said" text={trial.text} />
        </>
      )}
      <Thoughts text={trial.thoughts} />
    </>
  );
}

/** What the model wrote before its answer. */
function Thoughts({ text }: { text: string | null | undefined }) {
  return (
    text && (
      <details>
        <summary>Thoughts of the model</summary>
        <TextBox name="Thoughts of the model" text={text} />
      </details>
    )
  );
}

/** A structured answer as a table, anything else as text. */
function AnswerBox({ value, text }: { value: unknown; text: string }) {
  if (isObject(value)) {
    return (
      <dl class="prompt-box prompt-members">
        {Object.entries(value).map(([name, one]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value value={one} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <TextBox name="Text of the answer" text={value == null ? text : JSON.stringify(value, null, 2)} />;
}

function Value({ value }: { value: unknown }) {
  if (value === null) {
    return <span class="quiet">not said</span>;
  }
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    return value.length === 0 ? (
      <span class="quiet">none</span>
    ) : (
      <ul>
        {value.map((one, index) => (
          <li key={index}>{String(one)}</li>
        ))}
      </ul>
    );
  }
  if (typeof value === "boolean") {
    return <>{value ? "yes" : "no"}</>;
  }
  return typeof value === "object" ? <pre>{JSON.stringify(value, null, 2)}</pre> : <>{String(value)}</>;
}

function TextBox({ name, text }: { name: string; text: string }) {
  return (
    <div class="prompt-box prompt-box-text" role="region" aria-label={name} tabIndex={0} dir="auto">
      {text}
    </div>
  );
}

function ShownDocument({ document }: { document: Trial["document"] }) {
  const cut = document.characters > document.text.length || document.images > document.pictures.length;
  return (
    <>
      <p class="quiet small">{sizeOf(document)}</p>
      {document.status === "ENCODED" && document.detail && <Notice>{document.detail}</Notice>}
      {document.pictures.length > 0 && (
        <div class="prompt-box prompt-pictures" role="region" aria-label="Pictures of the document" tabIndex={0}>
          {document.pictures.map((picture, index) => (
            <img
              key={index}
              alt={`Picture ${index + 1} of ${document.images} that the model is shown`}
              src={`data:${picture.media_type};base64,${picture.data}`}
            />
          ))}
        </div>
      )}
      {document.text && <TextBox name="Text of the document" text={document.text} />}
      {cut && <p class="quiet small">The beginning is shown; the model gets all of it.</p>}
    </>
  );
}

function sizeOf(document: Trial["document"]): string {
  const parts = [
    document.path,
    document.media_type,
    document.pages !== null && plural(document.pages, "page"),
    document.images > 0 && plural(document.images, "picture"),
    document.characters > 0 && plural(document.characters, "character"),
  ];
  return parts.filter(Boolean).join(" · ");
}

function figures(trial: Trial): [string, string][] {
  const encoding: [string, string] = [
    trial.document.reused ? "Encoding (known before)" : "Encoding",
    milliseconds(trial.document.encoding_ms),
  ];
  if (trial.latency_ms == null) {
    return [encoding];
  }
  const cached = trial.cached_tokens ? ` (${count(trial.cached_tokens)} cached)` : "";
  return [
    ["Cost", money(trial.cost)],
    ["Input tokens", `${count(trial.input_tokens)}${cached}`],
    ["Output tokens", count(trial.output_tokens)],
    ["Answer after", milliseconds(trial.latency_ms)],
    encoding,
    ["Model", trial.model ?? "not told"],
    ["Ended with", trial.finish_reason ?? "not told"],
  ];
}
