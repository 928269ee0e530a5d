/** JSON Schemas of answers: read while they are typed, checked as far as a page can. The server checks the rest. */

export type Schema = Record<string, unknown>;

interface Read {
  schema: Schema | null;
  /** Why the text is no usable schema. */
  problem?: string;
}

const TYPES = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);
const NAMED = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];
const LISTS = ["anyOf", "allOf", "oneOf", "prefixItems"];
const SINGLE = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];

/** The schema that a text holds. */
export function readSchema(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { schema: null, problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}.` };
  }
  if (!isObject(value)) {
    return { schema: null, problem: "A JSON Schema is an object: it begins with { and ends with }." };
  }
  const problem = fault(value, "the top level");
  return problem ? { schema: null, problem } : { schema: value };
}

export const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

function fault(node: unknown, at: string): string | undefined {
  if (typeof node === "boolean") {
    return undefined;
  }
  if (!isObject(node)) {
    return `At ${at}: a schema must be an object, or true or false.`;
  }
  return faultOfType(node, at) ?? faultOfRequired(node, at) ?? faultOfReference(node, at) ?? faultBelow(node, at);
}

function faultOfType(node: Schema, at: string): string | undefined {
  const type = node["type"];
  const names = isTexts(type) ? type : [type];
  const strange = names.find((name) => name !== undefined && !TYPES.has(String(name)));
  if (strange !== undefined) {
    return `At ${at}: there is no type ${JSON.stringify(strange)}. Types are ${[...TYPES].join(", ")}.`;
  }
  return node["enum"] !== undefined && !Array.isArray(node["enum"]) ? `At ${at}: enum must be a list.` : undefined;
}

function faultOfRequired(node: Schema, at: string): string | undefined {
  const required = node["required"];
  if (required === undefined) {
    return undefined;
  }
  if (!isTexts(required)) {
    return `At ${at}: required must be a list of names.`;
  }
  const named = isObject(node["properties"]) ? node["properties"] : {};
  const missing = required.find((name) => !(name in named));
  return missing !== undefined && node["properties"] !== undefined
    ? `At ${at}: ${JSON.stringify(missing)} is required, but properties does not have it.`
    : undefined;
}

function faultOfReference(node: Schema, at: string): string | undefined {
  const target = node["$ref"];
  return target !== undefined && !(typeof target === "string" && target.startsWith("#"))
    ? `At ${at}: $ref may refer only to this schema itself (#...).`
    : undefined;
}

function faultBelow(node: Schema, at: string): string | undefined {
  const below = (name: string) => (at === "the top level" ? name : `${at}/${name}`);
  for (const keyword of NAMED) {
    const members = node[keyword];
    if (members !== undefined && !isObject(members)) {
      return `At ${at}: ${keyword} must be an object.`;
    }
    for (const [name, member] of Object.entries(members ?? {})) {
      const found = fault(member, below(`${keyword}/${name}`));
      if (found) {
        return found;
      }
    }
  }
  return faultInLists(node, at, below);
}

function faultInLists(node: Schema, at: string, below: (name: string) => string): string | undefined {
  for (const keyword of LISTS) {
    const members = node[keyword];
    if (members !== undefined && !Array.isArray(members)) {
      return `At ${at}: ${keyword} must be a list.`;
    }
    for (const [number, member] of (members ?? []).entries()) {
      const found = fault(member, below(`${keyword}/${number}`));
      if (found) {
        return found;
      }
    }
  }
  for (const keyword of SINGLE) {
    const found = node[keyword] === undefined ? undefined : fault(node[keyword], below(keyword));
    if (found) {
      return found;
    }
  }
  return undefined;
}
