import assert from "node:assert/strict";
import { test } from "node:test";
import { type Faults, faultsOf } from "../../src/features/connections/form/faults";
import { freePrices, isFree } from "../../src/features/connections/form/free";
import {
  bodyOf,
  type ConnectionValues,
  draftOf,
  keyOf,
  NEW_CONNECTION,
  type Provider,
  startOf,
  tellValues,
  valuesOf,
} from "../../src/features/connections/form/values";
import { frozenInWords, settings } from "../../src/features/connections/settings";
import { connectionWith } from "../things";

const provider = (changes: Partial<Provider> = {}) =>
  ({ name: "acme", title: "Acme", default_base_url: "https://acme.example/v1", key_env: "ACME_KEY", needs_key: true, hint: "Ask them.", ...changes }) as Provider;
const GOOD: ConnectionValues = { ...NEW_CONNECTION, provider: "acme", model: "m-1", name: "Mine" };
const faults = (changes: Partial<ConnectionValues>, all = true, of = provider()): Faults => faultsOf({ ...GOOD, ...changes }, of, all);

test("what a connection has comes back unchanged when nothing was changed", () => {
  const kept = connectionWith({ temperature: 0, images_override: false, extra: { top_p: 0.5 }, prices: { input: 1, output: 2, cached: 0.5, cache_write: 1.25 } });
  const body = bodyOf(valuesOf(kept));
  assert.equal(body.temperature, 0, "nought is a temperature, and not none");
  assert.equal(body.images, false);
  assert.deepEqual(body.limits, kept.limits);
  assert.deepEqual(body.extra, { top_p: 0.5 });
  assert.deepEqual(body.prices, { input: 1, output: 2, cached: 0.5, cache_write: 1.25 });
});

test("a price that is only known of the model is not made the connection's own", () => {
  const known = valuesOf(connectionWith({ price: { input: 1, output: 2, cached: null, source: "genai-prices" } }));
  assert.deepEqual([known.price_input, known.price_output], ["", ""]);
  assert.equal(bodyOf(known).prices, null);
});

test("a key that is there is kept by leaving it out, and taken away by saying so", () => {
  const kept = valuesOf(connectionWith({ api_key: "stored" }));
  assert.equal(kept.key, "kept");
  assert.equal("api_key" in bodyOf(kept), false);
  assert.equal(bodyOf({ ...kept, key: "none" }).api_key, null);
  assert.equal(bodyOf({ ...kept, key: "env", secret: " ACME_KEY " }).api_key, "env:ACME_KEY");
  assert.equal(bodyOf({ ...kept, key: "file", secret: "/run/key" }).api_key, "file:/run/key");
  assert.equal(bodyOf({ ...kept, key: "typed", secret: "s3cret" }).api_key, "s3cret");
});

test("headers that nobody touched stay, and those that are typed are read a line each", () => {
  const kept = valuesOf(connectionWith({ header_names: ["X-Team"] }));
  assert.equal("headers" in bodyOf(kept), false);
  const typed = bodyOf({ ...kept, headers: "X-Team: legal\n\n  X-Url: http://a:1/b  \n" });
  assert.deepEqual(typed.headers, { "X-Team": "legal", "X-Url": "http://a:1/b" });
});

test("a connection without a name is called like its model, as far as a name may be long", () => {
  assert.equal(bodyOf({ ...GOOD, name: "  ", model: " m-1 " }).name, "m-1");
  assert.equal(bodyOf({ ...GOOD, name: "", model: "m".repeat(300) }).name?.length, 200);
});

test("a trial names the connection whose key it may use", () => {
  assert.equal(draftOf(GOOD, undefined).connection_id, null);
  assert.equal(draftOf(GOOD, connectionWith({ id: 9 })).connection_id, 9);
});

test("a new connection takes the key that the environment has, else asks for one where one is needed", () => {
  assert.deepEqual(keyOf(provider(), ["ACME_KEY"]), { key: "env", secret: "ACME_KEY" });
  assert.deepEqual(keyOf(provider(), []), { key: "typed", secret: "" });
  assert.deepEqual(keyOf(provider({ needs_key: false }), []), { key: "none", secret: "" });
  assert.deepEqual(startOf(undefined, ["ACME_KEY"]), NEW_CONNECTION);
  assert.equal(startOf(provider(), [], { model: "m-2" }).model, "m-2");
});

test("good values have no faults", () => {
  assert.deepEqual(faults({}), {});
  assert.deepEqual(faults({ temperature: "0", timeout: "0.5e1", requests_per_minute: " 60 " }), {});
});

test("what is still empty is told only when all is checked", () => {
  const empty: Partial<ConnectionValues> = { model: "", concurrency: "", key: "typed", secret: " " };
  assert.deepEqual(faults(empty, false), {});
  assert.deepEqual(Object.keys(faults(empty)).sort(), ["concurrency", "model", "secret"]);
  assert.match(faults({ key: "file" }).secret ?? "", /path of the file/);
});

test("numbers that are none, too large or broken are told at once", () => {
  for (const bad of ["0", "1001", "1.5", "-3", "many", "Infinity", "1e9"]) {
    assert.match(faults({ concurrency: bad }, false).concurrency ?? "", /whole number from 1 to 1,000/, bad);
  }
  assert.match(faults({ temperature: "2.01" }, false).temperature ?? "", /a number from 0 to 2/);
  assert.equal(faults({ temperature: "" }).temperature, undefined);
});

test("prices come in pairs", () => {
  assert.ok(faults({ price_input: "1" }).price_output);
  assert.ok(faults({ price_output: "1" }).price_input);
  assert.deepEqual(Object.keys(faults({ price_cached: "1" })).sort(), ["price_input", "price_output"]);
  assert.deepEqual(faults({ price_input: "1" }, false), {}, "not while they are typed");
});

test("an address has a scheme, a host and neither a user nor a question", () => {
  for (const good of ["http://localhost:8080/v1", "HTTPS://a.example", "http://[::1]:1/"]) {
    assert.equal(faults({ base_url: good }).base_url, undefined, good);
  }
  for (const bad of ["localhost:8080", "ftp://a", "http://me:pw@a/", "http://a/?q", "http://a/#b", "http:///x", "http://a b"]) {
    assert.match(faults({ base_url: bad }, false).base_url ?? "", /Write an address/, bad);
  }
});

test("an address is needed only of providers that have none of their own", () => {
  const bare = provider({ name: "openai-compatible", default_base_url: null });
  assert.match(faults({}, true, bare).base_url ?? "", /Acme needs an address. Ask them./);
  assert.equal(faults({}, false, bare).base_url, undefined);
  assert.equal(faults({}, true, provider({ default_base_url: null })).base_url, undefined);
});

test("headers and further members are checked as they are typed", () => {
  assert.match(faults({ headers: "X-Team: legal\nno header" }, false).headers ?? "", /“no header” is no header/);
  assert.match(faults({ headers: "X-Ü: a" }, false).headers ?? "", /is no header/);
  assert.equal(faults({ headers: null }).headers, undefined);
  assert.match(faults({ extra: "[1]" }, false).extra ?? "", /JSON object/);
  assert.match(faults({ extra: "null" }, false).extra ?? "", /JSON object/);
  assert.match(faults({ extra: "{" }, false).extra ?? "", /not JSON/);
  assert.equal(faults({ extra: '{"a": 1}' }).extra, undefined);
});

test("calls are free when both prices are nought, and cached ones are not dearer", () => {
  assert.equal(isFree({ ...GOOD, ...freePrices(true) }), true);
  assert.equal(isFree({ ...GOOD, ...freePrices(false) }), false);
  assert.equal(isFree({ ...GOOD, price_input: "0", price_output: "" }), false);
  assert.equal(isFree({ ...GOOD, price_input: "0", price_output: "0", price_cached: "0.1" }), false);
});

test("values in words never have a key in them", () => {
  const words = JSON.stringify(tellValues({ ...GOOD, key: "typed", secret: "s3cret" }));
  assert.equal(words.includes("s3cret"), false);
  assert.match(words, /a new one/);
});

test("each setting is in the form from what the connection has to what is saved", () => {
  const typed = Object.fromEntries(settings().map(([name, { from }], place) => [name, String(from + place / 10)]));
  const body = bodyOf({ ...GOOD, ...typed }) as Record<string, unknown>;
  for (const [name, { about }] of settings()) {
    const members = about === "limits" ? (body.limits as Record<string, unknown>) : body;
    assert.equal(members[name], Number(typed[name]), name);
    assert.equal(valuesOf(connectionWith({ [name]: 7, limits: { [name]: 7 } } as never))[name], "7", name);
  }
  const told = tellValues({ ...GOOD, ...typed });
  assert.deepEqual(settings().map(([, { label }]) => told[label]), Object.values(typed));
});

test("reasoning is a level or a number of tokens, or left to the provider", () => {
  const sent = (reasoning: string) => bodyOf({ ...GOOD, reasoning }).reasoning;
  assert.deepEqual([sent(""), sent(" Low "), sent("2048")], [null, "low", 2048]);
  assert.equal(draftOf({ ...GOOD, reasoning: "high" }, undefined).reasoning, "high");
  assert.deepEqual([valuesOf(connectionWith({ reasoning: 512 })).reasoning, valuesOf(connectionWith({ reasoning: null })).reasoning], ["512", ""]);
});

test("what answers depend on is tried before it is saved, and nothing else of the settings", () => {
  const draft = draftOf({ ...GOOD, timeout: "9", temperature: "0.5" }, undefined);
  assert.deepEqual([draft.timeout, draft.temperature], [60, 0.5]);
  assert.equal("limits" in draft || "max_output_tokens" in draft, false);
  assert.equal(frozenInWords(), "provider, model, reasoning and temperature");
});
