/** The sample prompts, to start from one of them. */

import "./gallery.css";
import type { Draft } from "./draft";
import { fieldsOf } from "./fields";
import { SAMPLES, type Sample } from "./samples";
import { readSchema } from "./schema";

export function SampleGallery({ choose }: { choose: (draft: Draft) => void }) {
  return (
    <ul class="prompt-samples">
      {SAMPLES.map((sample) => (
        <li key={sample.draft.name}>
          <button type="button" class="prompt-sample" onClick={() => choose(sample.draft)}>
            <span class="quiet small">
              {sample.field} · {answerOf(sample)}
            </span>
            <strong>{sample.draft.name}</strong>
            <span class="small">{sample.about}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function answerOf(sample: Sample): string {
  if (!sample.draft.schema) {
    return "free text";
  }
  const fields = fieldsOf(readSchema(sample.draft.schema).schema ?? {});
  return `${fields?.length ?? 0} fields`;
}
