import assert from "node:assert/strict";
import { test } from "node:test";
import type { Choice } from "../../src/features/batches/one/details/choice";
import { connectionNews, type FrozenConnection, GONE } from "../../src/features/batches/one/details/snapshot";
import { connectionWith } from "../things";

const WAS: FrozenConnection = {
  id: 5,
  name: "Local",
  provider: "openai-compatible",
  model: "qwen",
  base_url: "http://localhost:8080/v1",
  images: null,
  concurrency: 4,
  requests_per_minute: null,
  tokens_per_minute: 60_000,
  max_output_tokens: 1024,
  timeout: 120,
  temperature: null,
  context_tokens: null,
};
const news = (...connections: ReturnType<typeof connectionWith>[]) => connectionNews(WAS, { connections } as unknown as Choice);

test("a connection that is as it was has no news, and one that is gone is told", () => {
  assert.equal(news(connectionWith()), "");
  assert.equal(news(connectionWith({ id: 6 })), GONE);
});

test("what was edited since is told: first what decides answers, then calls, pictures and limits", () => {
  const limits = { concurrency: 5, requests_per_minute: 1, tokens_per_minute: null };
  const now = connectionWith({ model: "llama", temperature: 0, max_output_tokens: 1, timeout: 1, images_override: true, limits });
  const told = "model, temperature, output limit, timeout, pictures, calls at once, requests a minute, tokens a minute";
  assert.equal(news(now), `Edited since: ${told}.`);
});
