/**
 * The fields of an answer, for people who never saw a JSON Schema, and the schema that says the same.
 *
 * Every field is always in the answer, one that is not required may be null: what providers' strict modes take.
 */

import { isObject, type Schema } from "./schema";

export type FieldType = "text" | "number" | "yes-no" | "date" | "choice" | "list";

export interface Field {
  name: string;
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
export const NEW_FIELD: Field = { name: "", type: "text", description: "", required: false, choices: [] };

const DATE = "^\\d{4}-\\d{2}-\\d{2}$";
const JSON_TYPES: Record<FieldType, string> = {
  text: "string",
  number: "number",
  "yes-no": "boolean",
  date: "string",
  choice: "string",
  list: "array",
};

/** The schema of an answer with these fields. */
export function schemaOf(fields: Field[]): Schema {
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name.trim(), propertyOf(field)])),
    required: fields.map((field) => field.name.trim()),
    additionalProperties: false,
  };
}

function propertyOf(field: Field): Schema {
  const type = JSON_TYPES[field.type];
  const property: Schema = { type: field.required ? type : [type, "null"] };
  if (field.description.trim()) {
    property["description"] = field.description.trim();
  }
  if (field.type === "date") {
    property["pattern"] = DATE;
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
  const fields = required.map((name) => fieldOf(String(name), properties[String(name)]));
  if (fields.some((field) => field === null)) {
    return null;
  }
  const found = fields as Field[];
  return same(schemaOf(found), schema) ? found : null;
}

function fieldOf(name: string, property: unknown): Field | null {
  if (!isObject(property)) {
    return null;
  }
  const types = [property["type"]].flat();
  const type = typeOf(types.find((one) => one !== "null"), property);
  const choices = Array.isArray(property["enum"]) ? property["enum"].filter((one) => typeof one === "string") : [];
  const description = typeof property["description"] === "string" ? property["description"] : "";
  return type && { name, type, description, required: !types.includes("null"), choices };
}

function typeOf(type: unknown, property: Schema): FieldType | null {
  if (type === "string") {
    return property["enum"] !== undefined ? "choice" : property["pattern"] === DATE ? "date" : "text";
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

/** Why fields cannot be saved as they are, or undefined. */
export function faultOfFields(fields: Field[]): string | undefined {
  const names = fields.map((field) => field.name.trim());
  const twice = names.find((name, index) => name && names.indexOf(name) !== index);
  if (fields.length === 0) {
    return "Add at least one field, or choose free text.";
  }
  if (names.includes("")) {
    return "Give every field a name.";
  }
  if (twice) {
    return `Two fields are called ${twice}.`;
  }
  const bare = fields.find((field) => field.type === "choice" && field.choices.length < 2);
  return bare ? `Say what can be chosen from for ${bare.name.trim()}: at least two words.` : undefined;
}
