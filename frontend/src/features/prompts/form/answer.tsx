/** What the answer looks like: free text, fields of one's choice, or a JSON Schema for those who know it. */

import { useId, useState } from "preact/hooks";
import { schemaText } from "../draft";
import { fieldsOf, NEW_FIELD, schemaOf, type Field } from "../fields";
import { readSchema } from "../schema";
import { FieldList } from "./field-list";
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
      {shape === "fields" && <FieldList fields={fields} change={put} problem={problem} />}
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
