import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { address, api, isRightToken, Problem, problemFrom, setToken, token, tokenWanted } from "../../src/shared/api/client";

const real = globalThis.fetch;
let asked: [url: string, request: RequestInit][] = [];

function answering(answer: () => Response | Promise<Response>): void {
  asked = [];
  globalThis.fetch = ((url: string, request: RequestInit) => {
    asked.push([url, request]);
    return Promise.resolve().then(answer);
  }) as typeof fetch;
}

afterEach(() => {
  globalThis.fetch = real;
  setToken("");
});

test("addresses are filled in so that nothing in a value changes where they lead", () => {
  assert.equal(address("/api/batches/{batch_id}/runs/{run}", { batch_id: 7, run: "../x?y" }), "/api/batches/7/runs/..%2Fx%3Fy");
});

test("lists repeat their name, and what is empty is left out", () => {
  assert.equal(address("/api/batches", {}, { status: ["PAUSED", "FAILED"], search: "", limit: undefined, sort: null, run: 0, all: false }), "/api/batches?status=PAUSED&status=FAILED&run=0&all=false");
  assert.equal(address("/api/batches", {}, { search: "a&b=c d" }), "/api/batches?search=a%26b%3Dc+d");
  assert.equal(address("/api/batches", {}, { status: [] }), "/api/batches");
});

test("the token goes with every call, and only where there is one", async () => {
  answering(() => Response.json({ items: [] }));
  await api.get("/api/batches", {});
  setToken("secret");
  await api.get("/api/batches", {});
  const sent = asked.map(([, { headers }]) => (headers as Record<string, string>)["authorization"]);
  assert.deepEqual(sent, [undefined, "Bearer secret"]);
  assert.equal(sessionStorage.getItem("docstage.token"), "secret");
});

test("what the server refuses is a problem with its words, and a missing token is asked for", async () => {
  answering(() => Response.json({ title: "Wrong", detail: "No such name.", errors: [{ field: "name", message: "taken" }], used_by: [3] }, { status: 401 }));
  const problem = await api.get("/api/batches", {}).then(() => assert.fail("it was answered"), problemFrom);
  assert.deepEqual([problem.status, problem.message, problem.errors[0]?.field, problem.usedBy], [401, "No such name.", "name", [3]]);
  assert.equal(tokenWanted.value, true);
  setToken("other");
  assert.equal(tokenWanted.value, false);
});

test("an answer that is no problem document still says something", async () => {
  answering(() => new Response("<html>", { status: 502 }));
  const problem = await api.get("/api/batches", {}).then(() => assert.fail("it was answered"), problemFrom);
  assert.equal(problem.status, 502);
  assert.match(problem.message, /502/);
});

test("a server that is away is told from a call that was given up", async () => {
  answering(() => Promise.reject(new TypeError("failed to fetch")));
  const away = await api.get("/api/batches", {}).then(() => assert.fail("it was answered"), problemFrom);
  assert.equal(away.status, 0);
  assert.match(away.message, /docstage serve/);
  answering(() => Promise.reject(new DOMException("given up", "AbortError")));
  await assert.rejects(api.get("/api/batches", {}), { name: "AbortError" });
});

test("whatever is thrown can be shown", () => {
  assert.match(problemFrom("odd").message, /odd/);
  const problem = new Problem(409, {});
  assert.equal(problemFrom(problem), problem);
  assert.equal(problem.message, "The server gave no reason.");
});

test("a token is tried without being taken", async () => {
  answering(() => Response.json({}, { status: 401 }));
  assert.equal(await isRightToken("wrong"), false);
  answering(() => Response.json({}));
  assert.equal(await isRightToken("right"), true);
  assert.equal(token.value, "");
});
