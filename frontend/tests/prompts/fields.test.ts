import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintsAbout, draftOf, EMPTY, questionOf, schemaText, tokensOf } from "../../src/features/prompts/draft";
import { type Field, FIELD_TYPES, faultOfFields, fieldsOf, keyOf, NEW_FIELD, schemaOf, twinOf } from "../../src/features/prompts/fields";
import { SAMPLES } from "../../src/features/prompts/samples";
import { readSchema, type Schema } from "../../src/features/prompts/schema";
import type { Prompt } from "../../src/shared/api/types";

const field = (changes: Partial<Field> = {}): Field => ({ ...NEW_FIELD, name: "Sender", ...changes });
const key = (name: string) => keyOf({ name });

test("names of fields become keys that every provider takes", () => {
  assert.equal(key("Date of the letter"), "Date_of_the_letter");
  assert.equal(key("  Größe (m²) "), "Groesse_m²");
  assert.equal(key("Café crème"), "Cafe_creme");
  assert.equal(key("Cafe\u0301"), "Cafe", "accents that are characters of their own go too");
  assert.equal(key("契約日"), "契約日");
  assert.equal(key("คำถาม"), "คำถาม", "marks that are no accents stay");
  assert.equal(key("???"), "_");
  assert.equal(key("   "), "");
});

test("a key that answers have already stays when the field is called otherwise", () => {
  assert.equal(keyOf({ name: "Sender of it", key: "sender" }), "sender");
});

test("fields of every type come back from their schema as they were", () => {
  const fields = FIELD_TYPES.flatMap(([type], index) =>
    [true, false].map((required) =>
      field({ name: `Field ${index} ${required}`, type, required, description: "What it says.", choices: type === "choice" ? ["a", "b"] : [] }),
    ),
  );
  const found = fieldsOf(JSON.parse(JSON.stringify(schemaOf(fields))) as Schema);
  assert.deepEqual(found?.map(({ key: _, ...rest }) => rest), fields);
});

test("every field is in the answer; one that is not required may be null", () => {
  const schema = schemaOf([field(), field({ name: "Paid", type: "choice", required: false, choices: ["yes", "no"] })]);
  assert.deepEqual(schema["required"], ["Sender", "Paid"]);
  assert.equal(schema["additionalProperties"], false);
  assert.deepEqual((schema["properties"] as Schema)["Paid"], { type: ["string", "null"], enum: ["yes", "no", null] });
});

test("fields of which nothing is written are left out", () => {
  assert.deepEqual(schemaOf([field(), field({ name: " " })])["required"], ["Sender"]);
});

test("the order of fields is that of the required ones: databases keep no other", () => {
  const schema = schemaOf([field({ name: "B" }), field({ name: "A" })]);
  const properties = Object.fromEntries(Object.entries(schema["properties"] as Schema).reverse());
  assert.deepEqual(fieldsOf({ ...schema, properties })?.map(({ name }) => name), ["B", "A"]);
});

test("a schema that says more than fields can is not shown as fields", () => {
  const plain = schemaOf([field()]);
  const property = { type: "string" };
  assert.ok(fieldsOf(plain));
  assert.equal(fieldsOf({ ...plain, additionalProperties: true }), null);
  assert.equal(fieldsOf({ ...plain, title: "Letter" }), null);
  assert.equal(fieldsOf({ ...plain, properties: { Sender: { ...property, minLength: 1 } } }), null);
  assert.equal(fieldsOf({ ...plain, properties: { Sender: property, Other: property } }), null, "one that is not required");
  assert.equal(fieldsOf({ ...plain, properties: { Sender: { type: "object" } } }), null);
  assert.equal(fieldsOf({ type: "string" }), null);
});

test("dates as they were asked for before are dates", () => {
  const schema = schemaOf([field({ name: "Date" })]);
  const old = { ...schema, properties: { Date: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" } } };
  assert.equal(fieldsOf(old)?.[0]?.type, "date");
});

test("two fields that are the same in answers are told, the later of them", () => {
  const fields = [field({ name: "Sent on" }), field({ name: "To" }), field({ name: "Sent  on" })];
  assert.equal(twinOf(fields, 0), undefined);
  assert.equal(twinOf(fields, 2), 0);
  assert.match(faultOfFields(fields) ?? "", /Two fields are called Sent {2}on/);
  assert.equal(twinOf([field({ name: "" }), field({ name: "" })], 1), undefined, "empty ones are no twins");
});

test("fields cannot be saved without a name, or with nothing to choose from", () => {
  assert.match(faultOfFields([]) ?? "", /at least one field/);
  assert.match(faultOfFields([field({ name: "" })]) ?? "", /at least one field/);
  assert.match(faultOfFields([field({ name: "", description: "Who?" })]) ?? "", /Give every field a name/);
  assert.match(faultOfFields([field({ type: "choice", choices: ["one"] })]) ?? "", /at least two words/);
  assert.equal(faultOfFields([field(), field({ name: "" })]), undefined);
});

test("schemas are checked as far as a page can, and the fault has its place", () => {
  const problem = (schema: unknown) => readSchema(JSON.stringify(schema)).problem ?? "";
  assert.match(readSchema("{").problem ?? "", /not JSON yet/);
  assert.match(problem([]), /begins with \{/);
  assert.match(problem({ type: "text" }), /At the top level: there is no type "text"/);
  assert.match(problem({ type: "object", properties: { a: { type: "strng" } } }), /At properties\/a: there is no type/);
  assert.match(problem({ required: ["b"], properties: { a: {} } }), /"b" is required/);
  assert.match(problem({ anyOf: [{}, { $ref: "http://a" }] }), /At anyOf\/1: \$ref may refer only/);
  assert.match(problem({ items: { not: { enum: "a" } } }), /At items\/not: enum must be a list/);
  assert.match(problem({ properties: { a: 3 } }), /a schema must be an object/);
  assert.equal(problem({ properties: { a: true }, $defs: { b: {} }, items: { $ref: "#/$defs/b" } }), "");
  assert.equal(problem({ required: ["a"] }), "", "what is not described may be required");
});

test("a prompt comes back as it was saved, and empty texts as none", () => {
  const prompt = { name: "P", text: "What?", system: null, schema: schemaOf([field()]) } as unknown as Prompt;
  const draft = draftOf(prompt);
  assert.deepEqual(questionOf(draft), { text: "What?", system: null, schema: prompt.schema });
  assert.deepEqual(questionOf({ ...draft, schema: " ", system: "  " }), { text: "What?", system: null, schema: null });
});

test("what keeps a prompt from being saved is told by field", () => {
  assert.deepEqual(Object.keys(complaintsAbout(EMPTY)).sort(), ["name", "text"]);
  const draft = { ...EMPTY, name: "P", text: "What?" };
  assert.deepEqual(complaintsAbout(draft), {});
  assert.match(complaintsAbout({ ...draft, schema: "{" }).schema ?? "", /not JSON/);
  const twins = schemaText({ ...schemaOf([field({ type: "choice", choices: ["a"] })]) });
  assert.match(complaintsAbout({ ...draft, schema: twins }).schema ?? "", /at least two words/);
});

test("every sample can be saved, and its fields edited as fields", () => {
  assert.ok(SAMPLES.length > 0);
  for (const { draft } of SAMPLES) {
    assert.deepEqual(complaintsAbout(draft), {}, draft.name);
    assert.ok(!draft.schema || fieldsOf(readSchema(draft.schema).schema ?? {}), draft.name);
  }
});

test("tokens are estimated by four characters, and by each where scripts have no spaces", () => {
  assert.equal(tokensOf(""), 0);
  assert.equal(tokensOf("abcde"), 2);
  assert.equal(tokensOf("契約日"), 3);
  assert.equal(tokensOf("契約 abc"), 3);
});
