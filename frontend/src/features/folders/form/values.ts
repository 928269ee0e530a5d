/** What a folder takes: the values of its form, presets of patterns, and both in words. */

import type { Folder } from "../../../shared/api/types";

export interface FolderValues {
  path: string;
  name: string;
  recursive: boolean;
  hidden: boolean;
  include: string[];
  exclude: string[];
  archives: Folder["archives"];
  attachments: Folder["attachments"];
  ocr: Folder["ocr"];
}

export const NEW_FOLDER: FolderValues = {
  path: "",
  name: "",
  recursive: true,
  hidden: false,
  include: [],
  exclude: [],
  archives: "open",
  attachments: "in_place",
  ocr: "when_needed",
};

export const valuesOf = ({ path, name, recursive, hidden, include, exclude, archives, attachments, ocr }: Folder): FolderValues => ({
  path,
  name,
  recursive,
  hidden,
  include,
  exclude,
  archives,
  attachments,
  ocr,
});

/** The body of a request; without a name the server takes the last part of the path. */
export const bodyOf = (values: FolderValues) => ({
  ...values,
  path: values.path.trim(),
  name: values.name.trim() || null,
});

export interface Preset {
  name: string;
  globs: string[];
}

const endings = (text: string) => text.split(" ").map((ending) => `*.${ending}`);

export const PRESETS: Preset[] = [
  { name: "PDF", globs: endings("pdf") },
  { name: "Office", globs: endings("docx doc rtf odt xlsx xls ods pptx ppt odp") },
  { name: "Images", globs: endings("png jpg jpeg tif tiff webp heic gif bmp") },
  { name: "Mail", globs: endings("eml msg mbox") },
  { name: "Text and data", globs: endings("txt md rst csv tsv json jsonl xml") },
  { name: "Web and e-books", globs: endings("html htm xhtml epub") },
];

export const isOn = (preset: Preset, globs: readonly string[]) => preset.globs.every((glob) => globs.includes(glob));

/** The patterns that belong to no preset which is on as a whole. */
export function ownGlobs(globs: readonly string[]): string[] {
  const covered = new Set(PRESETS.filter((preset) => isOn(preset, globs)).flatMap((preset) => preset.globs));
  return globs.filter((glob) => !covered.has(glob));
}

/** What a folder takes, such as "PDF, *.log; not drafts/**; without sub-folders". */
export function takesText(folder: FolderValues | Folder): string {
  const kinds = [...PRESETS.filter((preset) => isOn(preset, folder.include)).map(({ name }) => name), ...ownGlobs(folder.include)];
  const parts = [kinds.length > 0 ? kinds.join(", ") : "All files"];
  if (folder.exclude.length > 0) {
    parts.push(`not ${folder.exclude.join(", ")}`);
  }
  if (!folder.recursive) {
    parts.push("without sub-folders");
  }
  if (folder.hidden) {
    parts.push("hidden ones too");
  }
  if (folder.archives === "skip") {
    parts.push("without archives");
  }
  if (folder.attachments !== "in_place") {
    parts.push(folder.attachments === "apart" ? "attachments apart" : "without attachments");
  }
  if (folder.ocr !== "when_needed") {
    parts.push(folder.ocr === "always" ? "words in pictures read for all models" : "without words in pictures");
  }
  return parts.join("; ");
}
