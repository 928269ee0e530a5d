/** Calls of the docstage API, typed by its OpenAPI document (`schema.d.ts`, made by `generate_types.py`). */

import { signal } from "@preact/signals";
import type { paths } from "./schema";

type Method = "get" | "post" | "patch" | "delete";
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never;
}[keyof paths];
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][M]>;
type Parameters<O> = O extends { parameters: infer All } ? All : never;
type In<O, Location extends string> = Parameters<O> extends { [K in Location]?: infer Values } ? NonNullable<Values> : never;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer Value } } } ? Value : undefined;
type Good = 200 | 201 | 202;
type Answer<O> = O extends { responses: infer All }
  ? { [S in keyof All & Good]: All[S] extends { content: { "application/json": infer Value } } ? Value : void }[keyof All &
      Good]
  : never;

/**
 * What a call may carry. `path` fills the braces of the address, `headers` are the endpoint's own; undefined and empty
 * values of `query` are left out.
 */
export interface Options<O> {
  path?: In<O, "path">;
  query?: In<O, "query">;
  headers?: In<O, "header">;
  body?: Body<O>;
  signal?: AbortSignal;
}

/** A value that the server did not accept, by the name of its field. */
export interface FieldError {
  field: string;
  message: string;
}

/** What the server answered instead of the wanted thing (RFC 9457), or that it could not be reached (`status` 0). */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly type: string;
  readonly errors: FieldError[];
  /** Ids of the batches that use what should be deleted. */
  readonly usedBy: number[];

  constructor(status: number, document: Record<string, unknown>) {
    super(String(document["detail"] ?? document["title"] ?? "The server gave no reason."));
    this.status = status;
    this.title = String(document["title"] ?? "The request failed");
    this.type = String(document["type"] ?? "about:blank");
    this.errors = Array.isArray(document["errors"]) ? (document["errors"] as FieldError[]) : [];
    this.usedBy = Array.isArray(document["used_by"]) ? (document["used_by"] as number[]) : [];
  }
}

const TOKEN_KEY = "docstage.token";

/** The token that this tab presents, "" for none. It is forgotten when the tab is closed. */
export const token = signal(sessionStorage.getItem(TOKEN_KEY) ?? "");

/** Whether the server refused the last call for want of a token. */
export const tokenWanted = signal(false);

/** Keep a token for this tab. */
export function setToken(value: string): void {
  sessionStorage.setItem(TOKEN_KEY, value);
  token.value = value;
  tokenWanted.value = false;
}

/** Call the API. Throws Problem; an aborted call throws the browser's AbortError. */
export async function send(
  method: string,
  url: string,
  body?: unknown,
  abort?: AbortSignal,
  more: object = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...more };
  if (token.value) {
    headers["authorization"] = `Bearer ${token.value}`;
  }
  const request: RequestInit = { method: method.toUpperCase(), headers, cache: "no-store" };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  if (abort) {
    request.signal = abort;
  }
  const response = await reach(url, request);
  if (!response.ok) {
    tokenWanted.value = tokenWanted.value || response.status === 401;
    throw new Problem(response.status, await problemOf(response));
  }
  return response;
}

/** What was thrown, as a Problem. */
export const problemFrom = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, { detail: String(error) });

/** Whether the server takes this token. Throws Problem when it does not answer. */
export async function isRightToken(text: string): Promise<boolean> {
  const response = await reach("/api", { headers: { authorization: `Bearer ${text}` }, cache: "no-store" });
  return response.status !== 401;
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Problem(0, {
      title: "docstage does not answer",
      detail: "The server cannot be reached. Start it with `docstage serve`; this page goes on by itself then.",
    });
  }
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return { title: `The server answered ${response.status}` };
  }
}

/** The address with its braces filled and its query appended; lists repeat their name. */
export function address(pattern: string, path: object = {}, query: object = {}): string {
  const values = path as Record<string, unknown>;
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") {
        search.append(name, String(one));
      }
    }
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

async function call<M extends Method, P extends keyof paths>(
  method: M,
  pattern: P,
  options: Options<Operation<M, P>>,
): Promise<Answer<Operation<M, P>>> {
  const url = address(pattern, options.path, options.query);
  const response = await send(method, url, options.body, options.signal, options.headers);
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  const tag = response.headers.get("etag");
  if (tag && typeof answer === "object" && answer !== null) {
    tags.set(answer, tag);
  }
  return answer as Answer<Operation<M, P>>;
}

const tags = new WeakMap<object, string>();

/** The header by which a request holds only for a resource in the state that was answered; copies have none. */
export function onlyIfUnchanged(resource: object): { "if-match"?: string } {
  const tag = tags.get(resource);
  return tag ? { "if-match": tag } : {};
}

export const api = {
  get: <P extends PathsWith<"get">>(pattern: P, options: Options<Operation<"get", P>> = {}) =>
    call("get", pattern, options),
  post: <P extends PathsWith<"post">>(pattern: P, options: Options<Operation<"post", P>> = {}) =>
    call("post", pattern, options),
  patch: <P extends PathsWith<"patch">>(pattern: P, options: Options<Operation<"patch", P>> = {}) =>
    call("patch", pattern, options),
  delete: <P extends PathsWith<"delete">>(pattern: P, options: Options<Operation<"delete", P>> = {}) =>
    call("delete", pattern, options),
};
