/** What the answer looks like: free text, fields of one's choice, or a JSON Schema for those who know it. */

import { useId, useState } from "preact/hooks";
import { Button, Notice } from "../components/basic";
import { schemaText } from "./draft";
import { FIELD_TYPES, faultOfFields, fieldsOf, NEW_FIELD, schemaOf, type Field, type FieldType } from "./fields";
import { readSchema } from "./schema";
import { TextArea } from "./textarea";

type Shape = "text" | "fields" | "schema";

const SHAPES: [Shape, string, string][] = [
  ["text", "Free text", "The model answers as it likes."],
  ["fields", "Fields", "Every answer has the same fields: they become columns of the table and the export."],
  ["schema", "JSON Schema", "As fields, for those who want more than fields can say."],
];

interface AnswerProps {
  /** The schema's text, "" for free text. */
  value: string;
  change: (schema: string) => void;
  problem?: string | undefined;
}

/** What is shown of a schema's text at first. */
function shapeOf(text: string): Shape {
  if (!text.trim()) {
    return "text";
  }
  const { schema } = readSchema(text);
  return schema && fieldsOf(schema) ? "fields" : "schema";
}

const fieldsIn = (text: string): Field[] | null => {
  const { schema } = text.trim() ? readSchema(text) : { schema: null };
  return schema && fieldsOf(schema);
};

export function AnswerEditor({ value, change, problem }: AnswerProps) {
  const name = useId();
  const [shape, setShape] = useState(() => shapeOf(value));
  const [fields, setFields] = useState(() => fieldsIn(value) ?? [NEW_FIELD]);
  const [kept, setKept] = useState(value);
  const put = (next: Field[]) => {
    setFields(next);
    change(schemaText(schemaOf(next)));
  };
  const turn = (to: Shape) => {
    setShape(to);
    if (to === "text") {
      setKept(value);
      change("");
      return;
    }
    const text = value || kept;
    if (to === "fields") {
      put(fieldsIn(text) ?? fields);
    } else {
      change(text.trim() ? text : schemaText(schemaOf(fields)));
    }
  };
  const beyondFields = shape === "schema" && value.trim() !== "" && fieldsIn(value) === null;
  return (
    <fieldset class="prompt-answer stack-small">
      <legend class="legend">Answer</legend>
      <div class="row">
        {SHAPES.map(([one, title]) => (
          <label key={one} class="prompt-shape">
            <input
              type="radio"
              name={name}
              checked={shape === one}
              disabled={one === "fields" && beyondFields}
              onChange={() => turn(one)}
            />
            {title}
          </label>
        ))}
      </div>
      <p class="quiet small">{SHAPES.find(([one]) => one === shape)?.[2]}</p>
      {shape === "fields" && <FieldBuilder fields={fields} change={put} problem={problem} />}
      {shape === "schema" && <SchemaText value={value} change={change} problem={problem} beyondFields={beyondFields} />}
    </fieldset>
  );
}

interface SchemaTextProps extends AnswerProps {
  beyondFields: boolean;
}

function SchemaText({ value, change, problem, beyondFields }: SchemaTextProps) {
  const id = useId();
  const fault = (value.trim() ? readSchema(value).problem : "Write a JSON Schema, or choose free text.") ?? problem;
  return (
    <div class="field">
      <label for={id}>JSON Schema of the answer</label>
      <TextArea
        id={id}
        class="prompt-code"
        rows={8}
        spellcheck={false}
        autocapitalize="off"
        value={value}
        change={change}
        aria-invalid={fault ? true : undefined}
        aria-describedby={`${id}-state`}
      />
      <div id={`${id}-state`} aria-live="polite">
        {fault ? (
          <p class="field-error">{fault}</p>
        ) : (
          <p class="quiet small">
            This is a JSON Schema.{beyondFields && " It says more than fields can show, so it can be changed only here."}
          </p>
        )}
      </div>
    </div>
  );
}

interface BuilderProps {
  fields: Field[];
  change: (fields: Field[]) => void;
  problem?: string | undefined;
}

function FieldBuilder({ fields, change, problem }: BuilderProps) {
  // A field that was just added has no name yet: that is told when the prompt is saved.
  const fault = fields.every((field) => field.name.trim()) ? (faultOfFields(fields) ?? problem) : problem;
  const put = (index: number, part: Partial<Field>) =>
    change(fields.map((field, at) => (at === index ? { ...field, ...part } : field)));
  return (
    <div class="stack-small">
      <ol class="prompt-fields">
        {fields.map((field, index) => (
          <FieldRow
            key={index}
            number={index + 1}
            field={field}
            change={(part) => put(index, part)}
            remove={() => change(fields.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      <div class="row">
        <Button size="small" onClick={() => change([...fields, NEW_FIELD])}>
          Add a field
        </Button>
      </div>
      <div aria-live="polite">{fault && <Notice tone="warn">{fault}</Notice>}</div>
    </div>
  );
}

interface RowProps {
  number: number;
  field: Field;
  change: (part: Partial<Field>) => void;
  remove: () => void;
}

function FieldRow({ number, field, change, remove }: RowProps) {
  const what = field.name.trim() || `field ${number}`;
  return (
    <li class="prompt-field">
      <input
        class="input prompt-field-name"
        aria-label={`Name of field ${number}`}
        placeholder="Name, such as due_date"
        maxLength={100}
        value={field.name}
        onInput={(event) => change({ name: event.currentTarget.value })}
      />
      <select
        class="input"
        aria-label={`Type of ${what}`}
        value={field.type}
        onChange={(event) => change({ type: event.currentTarget.value as FieldType })}
      >
        {FIELD_TYPES.map(([type, title]) => (
          <option key={type} value={type}>
            {title}
          </option>
        ))}
      </select>
      <Button kind="plain" icon aria-label={`Remove ${what}`} onClick={remove}>
        ✕
      </Button>
      {field.type === "choice" && <Choices what={what} choices={field.choices} change={(choices) => change({ choices })} />}
      <input
        class="input prompt-field-about"
        aria-label={`Description of ${what}`}
        placeholder="What belongs here, told to the model"
        maxLength={1000}
        value={field.description}
        onInput={(event) => change({ description: event.currentTarget.value })}
      />
      <label class="prompt-field-required small">
        <input
          type="checkbox"
          checked={field.required}
          onChange={(event) => change({ required: event.currentTarget.checked })}
        />
        Required<span class="hidden">: {what}</span>
      </label>
    </li>
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
      class="input prompt-field-about"
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
