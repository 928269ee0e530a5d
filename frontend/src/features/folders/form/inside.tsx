/** What becomes of what lies in files: of files in archives and mails, of words in pictures. */

import { Field } from "../../../shared/ui/field";
import type { FolderValues } from "./values";

interface InsideProps {
  values: FolderValues;
  change: (changes: Partial<FolderValues>) => void;
}

const ARCHIVES: Record<FolderValues["archives"], string> = {
  open: "Each file in them is a document",
  skip: "Leave archives out",
};

const ATTACHMENTS: Record<FolderValues["attachments"], string> = {
  in_place: "Read with their document",
  apart: "Each is a document of its own",
  leave_out: "Leave them out",
};

const OCR: Record<FolderValues["ocr"], string> = {
  when_needed: "For models that take no pictures",
  always: "For all models",
  never: "Do not read them",
};

export function InsideFiles({ values, change }: InsideProps) {
  return (
    <div class="columns">
      <Choice
        label="Archives and mailboxes"
        hint="Such as ZIP files. Without this, a mailbox is one document."
        options={ARCHIVES}
        value={values.archives}
        choose={(archives) => change({ archives })}
      />
      <Choice
        label="Attachments"
        hint="Of mails, PDFs and Office documents."
        options={ATTACHMENTS}
        value={values.attachments}
        choose={(attachments) => change({ attachments })}
      />
      <Choice
        label="Words in pictures"
        hint="Of scanned pages and photos, read by OCR on this computer."
        options={OCR}
        value={values.ocr}
        choose={(ocr) => change({ ocr })}
      />
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  hint: string;
  options: Record<Value, string>;
  value: Value;
  choose: (value: Value) => void;
}

function Choice<Value extends string>({ label, hint, options, value, choose }: ChoiceProps<Value>) {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <select {...control} class="input" value={value} onChange={(event) => choose(event.currentTarget.value as Value)}>
          {Object.entries<string>(options).map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
