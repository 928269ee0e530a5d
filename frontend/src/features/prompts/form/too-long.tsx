/** What becomes of documents that are too long for a model. */

import { useId } from "preact/hooks";
import type { TooLong } from "../draft";

const WAYS: [TooLong, string, string][] = [
  ["refuse", "Do not send it", "The task fails before anything is paid; a staged batch says how many do."],
  [
    "first_parts",
    "Send the first parts that fit",
    "The model is told that the rest is missing, and every row says what was sent, such as pages 1 to 7 of 40.",
  ],
];

export const titleOf = (way: TooLong) => WAYS.find(([one]) => one === way)?.[1] ?? way;

export function LongDocuments({ value, change }: { value: TooLong; change: (way: TooLong) => void }) {
  const name = useId();
  return (
    <fieldset class="prompt-answer stack-small">
      <legend class="legend">A document that is too long for the model</legend>
      <div class="row">
        {WAYS.map(([way, title]) => (
          <label key={way} class="prompt-shape">
            <input type="radio" name={name} checked={value === way} onChange={() => change(way)} />
            {title}
          </label>
        ))}
      </div>
      <p class="quiet small">{WAYS.find(([way]) => way === value)?.[2]}</p>
    </fieldset>
  );
}
