/** One field of an answer: what it is called and what it holds; what is told the model of it unfolds. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../shared/ui/basic";
import { FIELD_TYPES, keyOf, type Field, type FieldType } from "../fields";

interface RowProps {
  id: number;
  number: number;
  /** How many fields there are. */
  last: number;
  field: Field;
  /** The index of an earlier field that is called the same. */
  twin: number | undefined;
  change: (part: Partial<Field>) => void;
  remove: () => void;
  /** Go on to the next field. */
  next: () => void;
  /** Move it by so many positions. */
  move: (by: number) => void;
}

export function FieldRow({ id, number, last, field, twin, change, remove, next, move }: RowProps) {
  const notes = useId();
  const [open, setOpen] = useState(field.type === "choice" && field.choices.length < 2);
  const what = field.name.trim() || `field ${number}`;
  const key = keyOf(field);
  const renamed = key !== "" && key !== field.name.trim();
  const pressed = (event: KeyboardEvent) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (event.altKey && by !== 0) {
      event.preventDefault();
      move(by);
    }
  };
  return (
    <li class="prompt-field" data-row={id} onKeyDown={pressed}>
      <input
        dir="auto"
        class="input prompt-field-name"
        aria-label={`Name of field ${number}`}
        aria-describedby={renamed || twin !== undefined ? notes : undefined}
        aria-invalid={twin !== undefined || undefined}
        aria-keyshortcuts="Enter Alt+ArrowUp Alt+ArrowDown"
        placeholder="Name, such as Due date"
        maxLength={100}
        value={field.name}
        onInput={(event) => change({ name: event.currentTarget.value, key: undefined })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            next();
          }
        }}
      />
      <select
        class="input"
        aria-label={`Type of ${what}`}
        value={field.type}
        onChange={(event) => {
          const type = event.currentTarget.value as FieldType;
          change({ type });
          setOpen(open || type === "choice");
        }}
      >
        {FIELD_TYPES.map(([type, title]) => (
          <option key={type} value={type}>
            {title}
          </option>
        ))}
      </select>
      <label class="prompt-field-required small" title="Every answer must have it; otherwise a model may leave it empty">
        <input type="checkbox" checked={field.required} onChange={(event) => change({ required: event.currentTarget.checked })} />
        Required<span class="hidden">: {what}</span>
      </label>
      <Button
        kind="plain"
        size="small"
        icon
        class="prompt-field-unfold"
        aria-expanded={open}
        aria-label={`Details of ${what}`}
        title={field.description || "Description and place"}
        onClick={() => setOpen(!open)}
      >
        ▾
      </Button>
      <Button kind="plain" size="small" icon aria-label={`Remove ${what}`} onClick={remove}>
        ✕
      </Button>
      {(renamed || twin !== undefined) && (
        <p class="prompt-field-note small quiet" id={notes}>
          {twin !== undefined ? (
            <span class="field-error">Field {twin + 1} is called the same.</span>
          ) : (
            <>
              In answers and columns: <code>{key}</code>
            </>
          )}
        </p>
      )}
      {open && <Details what={what} field={field} change={change} first={number === 1} last={number === last} move={move} />}
    </li>
  );
}

interface DetailsProps extends Pick<RowProps, "field" | "change" | "move"> {
  what: string;
  first: boolean;
  last: boolean;
}

function Details({ what, field, change, first, last, move }: DetailsProps) {
  return (
    <div class="prompt-field-details">
      {field.type === "choice" && <Choices what={what} choices={field.choices} change={(choices) => change({ choices })} />}
      <input
        dir="auto"
        class="input"
        aria-label={`Description of ${what}`}
        placeholder="What belongs here, told to the model"
        maxLength={1000}
        value={field.description}
        onInput={(event) => change({ description: event.currentTarget.value })}
      />
      <div class="row">
        <Button size="small" aria-disabled={first || undefined} aria-label={`Move ${what} up`} onClick={() => move(-1)}>
          ↑ Up
        </Button>
        <Button size="small" aria-disabled={last || undefined} aria-label={`Move ${what} down`} onClick={() => move(1)}>
          ↓ Down
        </Button>
      </div>
    </div>
  );
}

interface ChoicesProps {
  what: string;
  choices: string[];
  change: (choices: string[]) => void;
}

const split = (text: string) => [...new Set(text.split(",").map((one) => one.trim()))].filter((one) => one !== "");

/** Choices as one line, kept as it is typed: a comma at its end is no choice yet. */
function Choices({ what, choices, change }: ChoicesProps) {
  const [text, setText] = useState(choices.join(", "));
  return (
    <input
      dir="auto"
      class="input"
      aria-label={`Choices for ${what}, separated by commas`}
      placeholder="Choices, separated by commas"
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        change(split(event.currentTarget.value));
      }}
    />
  );
}
