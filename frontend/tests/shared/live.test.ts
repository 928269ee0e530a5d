import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Link } from "../../src/shared/live/link";
import type { FromWorker } from "../../src/shared/live/messages";
import { readEvents, type ServerEvent } from "../../src/shared/live/reader";
import { isMarkdown, MOST_CHARACTERS } from "../../src/shared/markdown/read";

const bodyOf = (...parts: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      parts.forEach((part) => controller.enqueue(part));
      controller.close();
    },
  });

async function read(body: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const found: ServerEvent[] = [];
  for await (const event of readEvents(body)) {
    found.push(event);
  }
  return found;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const STREAM = 'id: 4\nevent: batch\ndata: {"name": "Grüße 契約"}\n\n: heartbeat\n\nid: 5\nevent: event\ndata: {}\n\n';

test("events are read whole, however their bytes are cut", async () => {
  const whole = await read(bodyOf(bytes(STREAM)));
  assert.deepEqual(whole[0], { id: "4", name: "batch", data: '{"name": "Grüße 契約"}' });
  assert.equal(whole.length, 3, "heartbeats are events too: they tell that the connection lives");
  for (let size = 1; size < 9; size += 1) {
    const all = bytes(STREAM);
    const parts = Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
    assert.deepEqual(await read(bodyOf(...parts)), whole, `in parts of ${size} bytes`);
  }
});

test("an event that was cut off at the end is not one", async () => {
  assert.deepEqual(await read(bodyOf(bytes("id: 4\nevent: batch\ndata: {"))), []);
  assert.deepEqual(await read(bodyOf()), []);
});

const real = globalThis.fetch;
afterEach(() => void (globalThis.fetch = real));

/** A link to a server that gives these answers, one for each connection; then it is silent. */
function linkTo(answers: (() => Response)[]) {
  const asked: Record<string, string>[] = [];
  const told: FromWorker[] = [];
  globalThis.fetch = ((_: string, request: RequestInit) => {
    asked.push(request.headers as Record<string, string>);
    const answer = answers.shift();
    const { signal } = request;
    return answer ? Promise.resolve(answer()) : new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));
  }) as typeof fetch;
  return { asked, told, link: new Link((message) => told.push(message)) };
}

/** Lets all that waits for nothing but its turn go on. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((done) => setImmediate(done));
  }
};

test("a connection that is lost is opened again from where it was", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, told, link } = linkTo([() => new Response(bodyOf(bytes(STREAM)))]);
  link.start("");
  await settled();
  assert.deepEqual(told.map((one) => (one.kind === "state" ? one.state : one.kind)), ["open", "batch", "event", "reconnecting"]);
  assert.equal(asked.length, 1, "not at once");
  context.mock.timers.tick(2_000);
  await settled();
  assert.equal(asked.length, 2);
  assert.equal(asked[1]?.["last-event-id"], "5");
  link.stop();
});

test("pauses grow as long as the server is away", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, link } = linkTo(Array.from({ length: 20 }, () => () => new Response("", { status: 503 })));
  link.start("");
  await settled();
  const within = async (milliseconds: number) => {
    const before = asked.length;
    for (let passed = 0; passed < milliseconds; passed += 250) {
      context.mock.timers.tick(250);
      await settled();
    }
    return asked.length - before;
  };
  const early = await within(10_000);
  const late = await within(10_000);
  assert.ok(early > late, `${early} tries, then ${late}`);
  link.stop();
});

test("a refusal ends it until another token is given", async () => {
  const { asked, told, link } = linkTo([() => new Response("", { status: 401 })]);
  link.start("wrong");
  await settled();
  assert.deepEqual(link.current, { kind: "state", state: "refused" });
  assert.equal(asked.length, 1);
  link.start("right");
  await settled();
  assert.equal(asked[1]?.["authorization"], "Bearer right");
  assert.ok(told.length > 0);
  link.stop();
});

test("the same token does not open a second connection", async () => {
  const { asked, link } = linkTo([]);
  link.start("one");
  link.start("one");
  await settled();
  assert.equal(asked.length, 1);
  assert.equal(link.hasToken, true);
  link.stop();
});

test("texts are rendered only where Markdown would change anything", () => {
  for (const plain of ["", "A sentence.", "2 * 3 * 4", "5 - 3", "a_b_c", "#no heading", "1.5 million", "-", "C:\\dir"]) {
    assert.equal(isMarkdown(plain), false, plain);
  }
  for (const marked of ["# Title", "text\n- one", "1. one", "> said", "**bold**", "`code`", "[a](b)", "|a|b|\n|---|---|", "   * three blanks"]) {
    assert.equal(isMarkdown(marked), true, marked);
  }
  assert.equal(isMarkdown(`# ${"x".repeat(MOST_CHARACTERS)}`), false, "nobody reads that rendered");
});
