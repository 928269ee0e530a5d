import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Listing } from "../../src/features/results/listing";
import type { TasksQuery } from "../../src/features/results/query";
import { taskWith } from "../things";

const PAGE = 200;
const ALL: TasksQuery = {
  status: [],
  failure_kind: [],
  connection_id: [],
  prompt_id: [],
  search: "",
  unsendable: undefined,
  sort: "",
  run: undefined,
  whole_documents: undefined,
};

/** A server with so many tasks, numbered from 1 on. */
class Server {
  total: number;
  asked: URL[] = [];
  /** How many pages were on their way at once at most. */
  most = 0;
  broken = false;
  private underWay = 0;

  constructor(total: number) {
    this.total = total;
  }

  fetch = async (address: string, { signal }: RequestInit = {}): Promise<Response> => {
    const url = new URL(address, "http://docstage.test");
    const isPage = !url.pathname.endsWith("/pages");
    this.asked.push(url);
    this.underWay += isPage ? 1 : 0;
    this.most = Math.max(this.most, this.underWay);
    await new Promise((done) => setImmediate(done));
    this.underWay -= isPage ? 1 : 0;
    signal?.throwIfAborted();
    if (this.broken) {
      return Response.json({ title: "Out of order", detail: "Try again later." }, { status: 503 });
    }
    return Response.json(isPage ? this.page(url) : this.marks(url));
  };

  pagesAsked = () => this.asked.filter(({ pathname }) => !pathname.endsWith("/pages")).map(({ searchParams }) => Number(searchParams.get("cursor") ?? 0));

  private page({ searchParams }: URL) {
    const from = Number(searchParams.get("cursor") ?? 0) * PAGE;
    const ids = Array.from({ length: Math.max(0, Math.min(PAGE, this.total - from)) }, (_, n) => from + n + 1);
    return { items: ids.map((id) => taskWith(id)), next: from + PAGE < this.total ? "more" : null };
  }

  private marks({ searchParams }: URL) {
    const task = Number(searchParams.get("task_id"));
    const cursors = Array.from({ length: Math.max(0, Math.ceil(this.total / PAGE) - 1) }, (_, n) => String(n + 1));
    return { total: this.total, cursors, position: task > 0 && task <= this.total ? task - 1 : null };
  }
}

const real = globalThis.fetch;
let server: Server;
let listing: Listing | undefined;

function listingOf(total: number, query = ALL, expected?: number): Listing {
  server = new Server(total);
  globalThis.fetch = server.fetch as typeof fetch;
  listing = new Listing(7, query, expected);
  return listing;
}

/** Waits until something holds of the listing, which tells of every change. */
function until(list: Listing, holds: () => boolean): Promise<void> {
  return new Promise((done) => {
    const stop = list.version.subscribe(() => {
      if (holds()) {
        queueMicrotask(() => stop());
        done();
      }
    });
  });
}

beforeEach(() => void (listing = undefined));
afterEach(() => {
  listing?.close();
  globalThis.fetch = real;
});

test("the first rows are there before anything was counted", async () => {
  const list = listingOf(450, ALL, 450);
  await until(list, () => list.row(0) !== undefined);
  assert.equal(list.row(0)?.id, 1);
  assert.equal(list.total, 450, "as the batch says");
  assert.equal(list.row(200), undefined);
});

test("rows anywhere are fetched when they are wanted, and their neighbours with them", async () => {
  const list = listingOf(5_000);
  await until(list, () => list.total === 5_000);
  list.want(2_000, 2_020);
  await until(list, () => list.row(2_010) !== undefined && list.row(2_250) !== undefined && list.row(1_900) !== undefined);
  assert.equal(list.row(2_010)?.id, 2_011);
  assert.equal(server.pagesAsked().includes(20), false, "what nobody wants is not fetched");
});

test("pages that are there are not fetched again", async () => {
  const list = listingOf(300);
  await until(list, () => list.row(299) !== undefined);
  const before = server.asked.length;
  list.want(0, 20);
  list.want(280, 299);
  assert.equal(server.asked.length, before);
});

test("at most two pages are on their way at once", async () => {
  const list = listingOf(5_000);
  await until(list, () => list.total === 5_000);
  list.want(2_000, 3_999);
  await until(list, () => list.row(3_999) !== undefined && list.row(2_000) !== undefined);
  assert.equal(server.most, 2);
});

test("a task is found among the rows that are there, else asked for", async () => {
  const list = listingOf(5_000);
  await until(list, () => list.row(300) !== undefined);
  const before = server.asked.length;
  assert.equal(await list.locate(12), 11);
  assert.equal(server.asked.length, before);
  assert.equal(await list.locate(4_321), 4_320);
  assert.equal(await list.locate(9_999), undefined);
});

test("an order that results keep is brought up to date in its place", async () => {
  const list = listingOf(300);
  await until(list, () => list.row(299) !== undefined);
  server.asked = [];
  list.want(250, 260);
  list.refresh(300);
  await until(list, () => server.pagesAsked().includes(1));
  assert.equal(list.outdated, false);
  assert.ok(list.row(255), "what is shown stays until the new rows are there");
});

test("an order in which rows move is not changed under the reader's eyes", async () => {
  const list = listingOf(300, { ...ALL, sort: "-cost" });
  await until(list, () => list.row(299) !== undefined);
  list.want(250, 260);
  const before = server.asked.length;
  list.refresh(300);
  assert.equal(list.outdated, true);
  assert.equal(server.asked.length, before);
  list.reload();
  assert.equal(list.outdated, false);
  assert.ok(server.asked.length > before);
});

test("a listing that became shorter forgets the pages behind its end", async () => {
  const list = listingOf(450);
  await until(list, () => list.row(399) !== undefined && list.total === 450);
  list.want(400, 449);
  await until(list, () => list.row(449) !== undefined);
  server.total = 150;
  list.want(0, 20);
  list.reload();
  await until(list, () => list.total === 150);
  assert.equal(list.row(449), undefined);
});

test("why rows cannot be fetched is told, and a reload tries again", async () => {
  const list = listingOf(5_000);
  await until(list, () => list.row(300) !== undefined && list.total === 5_000);
  server.broken = true;
  list.want(2_000, 2_010);
  await until(list, () => list.problem !== undefined);
  assert.equal(list.problem?.message, "Try again later.");
  assert.ok(list.row(0), "what is there stays");
  server.broken = false;
  list.reload();
  await until(list, () => list.row(2_005) !== undefined);
  assert.equal(list.problem, undefined);
});

test("what is closed asks for nothing more and tells of nothing", async () => {
  const list = listingOf(5_000);
  await until(list, () => list.total === 5_000);
  list.close();
  const before = server.asked.length;
  list.want(4_000, 4_010);
  assert.equal(server.asked.length, before);
  assert.equal(list.problem, undefined);
});
