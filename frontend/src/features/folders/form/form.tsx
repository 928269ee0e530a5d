/** Adds or changes a folder on the machine that docstage runs on; tells at once what would be found in it. */

import "./form.css";
import { useId, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Folder } from "../../../shared/api/types";
import { useEdit } from "../../../shared/edits/edit";
import { Button, ErrorNotice } from "../../../shared/ui/basic";
import { Field, useRefusals } from "../../../shared/ui/field";
import { BrowseDialog, lastPart } from "./browse";
import { FoundDocuments, useLook } from "./documents";
import { GlobField, Presets } from "./globs";
import { InsideFiles } from "./inside";
import { bodyOf, type FolderValues, NEW_FOLDER, takesText, valuesOf } from "./values";

interface FolderFormProps {
  /** The folder to change; a new one without it. */
  folder?: Folder | undefined;
  saved: (folder: Folder) => void;
  close: () => void;
}

const FIELDS = ["path", "name", "recursive", "hidden", "include", "exclude", "archives", "attachments", "ocr"] as const;

export function FolderForm({ folder, saved, close }: FolderFormProps) {
  const [values, setValues] = useState<FolderValues>(folder ? valuesOf(folder) : NEW_FOLDER);
  const [search, setSearch] = useState("");
  const [browsing, setBrowsing] = useState(false);
  const [busy, setBusy] = useState(false);
  const edit = useEdit({
    thing: folder,
    load: (one) => api.get("/api/folders/{folder_id}", { path: { folder_id: one.id } }),
    values,
    start: NEW_FOLDER,
    valuesOf,
    take: setValues,
    tell,
  });
  const refusals = useRefusals(FIELDS);
  const look = useLook(values, search);
  const change = (changes: Partial<FolderValues>) => {
    setValues((old) => ({ ...old, ...changes }));
    Object.keys(changes).forEach(refusals.clear);
  };
  const errors = { ...fieldErrors(look.problem?.errors), ...refusals.fields };
  const elsewhere = look.problem && look.problem.errors.length === 0 ? look.problem : undefined;
  const submit = async () => {
    setBusy(true);
    try {
      const body = bodyOf(values);
      const stored = await edit.store((headers) =>
        folder
          ? api.patch("/api/folders/{folder_id}", {
              path: { folder_id: folder.id },
              headers,
              body: { ...body, name: body.name ?? lastPart(body.path) },
            })
          : api.post("/api/folders", { body }),
      );
      if (stored) {
        saved(stored);
      }
    } catch (error) {
      refusals.take(error);
    }
    setBusy(false);
  };
  return (
    <>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="beside">
          <div class="stack">
            <Field label="Path" hint="The full path on the computer that docstage runs on." error={errors["path"]}>
              {(control) => (
                <div class="folders-path">
                  <input
                    dir="auto"
                    {...control}
                    class="input"
                    autocomplete="off"
                    spellcheck={false}
                    required
                    placeholder="/data/contracts"
                    value={values.path}
                    onInput={(event) => change({ path: event.currentTarget.value })}
                  />
                  <Button onClick={() => setBrowsing(true)}>Browse…</Button>
                </div>
              )}
            </Field>
            <Field label="Name" hint="What the folder is called here." error={errors["name"]}>
              {(control) => (
                <input
                  dir="auto"
                  {...control}
                  class="input"
                  autocomplete="off"
                  maxLength={200}
                  placeholder={lastPart(values.path.trim())}
                  value={values.name}
                  onInput={(event) => change({ name: event.currentTarget.value })}
                />
              )}
            </Field>
            <Presets globs={values.include} change={(include) => change({ include })} />
            <div class="columns">
              <GlobField
                label="Only files like"
                hint="Such as *.pdf or reports/**. Empty takes every file."
                placeholder="*.pdf"
                globs={values.include}
                change={(include) => change({ include })}
                error={errors["include"]}
              />
              <GlobField
                label="But not files like"
                hint="Stronger than what is taken. A folder's name covers all that is in it."
                placeholder="drafts/**"
                globs={values.exclude}
                change={(exclude) => change({ exclude })}
                error={errors["exclude"]}
              />
            </div>
            <div class="row">
              <Check label="Also take the folders below it" checked={values.recursive} change={(recursive) => change({ recursive })} />
              <Check
                label="Also take hidden files, whose names begin with a dot"
                checked={values.hidden}
                change={(hidden) => change({ hidden })}
              />
            </div>
            <InsideFiles values={values} change={change} />
          </div>
          {values.path.trim() ? (
            <FoundDocuments look={look} search={search} setSearch={setSearch} />
          ) : (
            <p class="folders-found quiet">The documents that are found are listed here as soon as there is a path.</p>
          )}
        </div>
        {(refusals.problem ?? elsewhere) && <ErrorNotice problem={(refusals.problem ?? elsewhere)!} />}
        {edit.notice}
        <div class="dialog-buttons">
          <Button onClick={() => edit.leave(close)}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !values.path.trim()}>
            {folder ? "Save" : "Add folder"}
          </Button>
        </div>
      </form>
      {browsing && (
        <BrowseDialog
          start={look.problem ? "" : values.path.trim()}
          choose={(path) => {
            change({ path });
            setBrowsing(false);
          }}
          close={() => setBrowsing(false)}
        />
      )}
    </>
  );
}

const tell = (values: FolderValues) => ({ Name: values.name, Path: values.path, Takes: takesText(values) });

const fieldErrors = (errors: { field: string; message: string }[] = []) =>
  Object.fromEntries(errors.map(({ field, message }) => [field.split(".")[0] ?? field, message]));

interface CheckProps {
  label: string;
  checked: boolean;
  change: (checked: boolean) => void;
}

function Check({ label, checked, change }: CheckProps) {
  const id = useId();
  return (
    <label class="folders-check" for={id}>
      <input id={id} type="checkbox" checked={checked} onChange={(event) => change(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
