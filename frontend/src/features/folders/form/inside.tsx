/** What becomes of files that lie in other files: in archives, in mails. */

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

export function FilesInFiles({ values, change }: InsideProps) {
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
