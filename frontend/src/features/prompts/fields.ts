/**
 * The fields of an answer, for people who never saw a JSON Schema, and the schema that says the same.
 *
 * Every field is always in the answer, one that is not required may be null: what providers' strict modes take.
 */

import { isObject, type Schema } from "./schema";

export type FieldType = "text" | "number" | "yes-no" | "date" | "choice" | "list";

export interface Field {
  /** As people call it. */
  name: string;
  /** What it is called in answers that exist already; without it that follows from the name. */
  key?: string | undefined;
  type: FieldType;
  description: string;
  /** A document must have it; otherwise the answer may leave it empty. */
  required: boolean;
  /** What can be chosen from; only for the type choice. */
  choices: string[];
}

export const FIELD_TYPES: [FieldType, string][] = [
  ["text", "Text"],
  ["number", "Number"],
  ["yes-no", "Yes or no"],
  ["date", "Date"],
  ["choice", "One of several"],
  ["list", "List of texts"],
];
export const NEW_FIELD: Field = { name: "", type: "text", description: "", required: true, choices: [] };

// How dates were asked for before; it means the same.
const OLD_DATE = "^\\d{4}-\\d{2}-\\d{2}$";
const JSON_TYPES: Record<FieldType, string> = {
  text: "string",
  number: "number",
  "yes-no": "boolean",
  date: "string",
  choice: "string",
  list: "array",
};
const SPELLED: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", Ä: "Ae", Ö: "Oe", Ü: "Ue", ß: "ss", æ: "ae", ø: "oe", å: "aa" };

/** What a field is called in answers and columns: its name without blanks, accents and signs, which some providers refuse. */
export function keyOf({ name, key }: Pick<Field, "name" | "key">): string {
  if (key !== undefined) {
    return key;
  }
  const spelled = name.trim().normalize("NFC").replace(/[äöüÄÖÜßæøå]/g, (letter) => SPELLED[letter] ?? letter);
  const plain = spelled.normalize("NFD").replace(/(\p{Script=Latin})\p{M}+/gu, "$1").normalize("NFC");
  return plain.replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, "_").replace(/^_+(?=.)|(?<=.)_+$/g, "");
}

/** Whether nothing was written of a field yet. */
const isBlank = ({ name, description, choices }: Field) => !name.trim() && !description.trim() && choices.length === 0;

/** The schema of an answer with these fields; those of which nothing is written are left out. */
export function schemaOf(fields: Field[]): Schema {
  const written = fields.filter((field) => !isBlank(field));
  return {
    type: "object",
    properties: Object.fromEntries(written.map((field) => [keyOf(field), propertyOf(field)])),
    required: written.map(keyOf),
    additionalProperties: false,
  };
}

function propertyOf(field: Field): Schema {
  const type = JSON_TYPES[field.type];
  const property: Schema = { type: field.required ? type : [type, "null"] };
  if (field.name.trim() !== keyOf(field)) {
    property["title"] = field.name.trim();
  }
  if (field.description.trim()) {
    property["description"] = field.description.trim();
  }
  if (field.type === "date") {
    property["format"] = "date";
  }
  if (field.type === "choice") {
    property["enum"] = field.required ? field.choices : [...field.choices, null];
  }
  if (field.type === "list") {
    property["items"] = { type: "string" };
  }
  return property;
}

/** The fields of a schema, or null when it says more than fields can show. */
export function fieldsOf(schema: Schema): Field[] | null {
  const { properties, required } = schema;
  if (!isObject(properties) || !Array.isArray(required)) {
    return null;
  }
  // A database may have changed the order of members, but not that of a list.
  const fields = required.map((key) => fieldOf(String(key), renewed(properties[String(key)])));
  if (fields.some((field) => field === null)) {
    return null;
  }
  const found = fields as Field[];
  const members = Object.entries(properties).map(([key, property]) => [key, renewed(property)]);
  return same(schemaOf(found), { ...schema, properties: Object.fromEntries(members) }) ? found : null;
}

/** A property with the present way of asking for a date. */
function renewed(property: unknown): unknown {
  if (!isObject(property) || property["pattern"] !== OLD_DATE) {
    return property;
  }
  const { pattern: _, ...rest } = property;
  return { ...rest, format: "date" };
}

function fieldOf(key: string, property: unknown): Field | null {
  if (!isObject(property)) {
    return null;
  }
  const types = [property["type"]].flat();
  const type = typeOf(types.find((one) => one !== "null"), property);
  const choices = Array.isArray(property["enum"]) ? property["enum"].filter((one) => typeof one === "string") : [];
  const text = (member: string) => (typeof property[member] === "string" ? property[member] : "");
  const name = text("title") || key;
  const own = keyOf({ name }) === key ? {} : { key };
  return type && { name, ...own, type, description: text("description"), required: !types.includes("null"), choices };
}

function typeOf(type: unknown, property: Schema): FieldType | null {
  if (type === "string") {
    return property["enum"] !== undefined ? "choice" : property["format"] === "date" ? "date" : "text";
  }
  return type === "number" ? "number" : type === "boolean" ? "yes-no" : type === "array" ? "list" : null;
}

/** Whether two JSON values are the same, whatever the order of their members. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  }
  return value;
}

/** The index of an earlier field with the same name in answers, or undefined. */
export function twinOf(fields: Field[], index: number): number | undefined {
  const key = fields[index] && keyOf(fields[index]);
  const found = key ? fields.findIndex((field) => keyOf(field) === key) : index;
  return found < index ? found : undefined;
}

/** Why fields cannot be saved as they are, or undefined. */
export function faultOfFields(fields: Field[]): string | undefined {
  const written = fields.filter((field) => !isBlank(field));
  if (written.length === 0) {
    return "Add at least one field, or choose free text.";
  }
  if (written.some((field) => keyOf(field) === "")) {
    return "Give every field a name.";
  }
  const twice = written.find((_, index) => twinOf(written, index) !== undefined);
  if (twice) {
    return `Two fields are called ${twice.name.trim()}.`;
  }
  const bare = written.find((field) => field.type === "choice" && field.choices.length < 2);
  return bare ? `Say what can be chosen from for ${bare.name.trim()}: at least two words.` : undefined;
}
