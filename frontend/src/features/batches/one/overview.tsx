/** A batch at a glance, beside the picture of its life: what it is made of, what it brought, what it cost. */

import type { Batch, Counts } from "../../../shared/api/types";
import { costSoFar, count, duration, money, plural, time } from "../../../shared/format";
import { Figures } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { failuresText } from "../status";
import { type Tab, tabAddress } from "./tabs";
import { reachedAt } from "./timeline/lifecycle";

export function Overview({ batch }: { batch: Batch }) {
  const { counts, progress } = batch;
  const unusable = counts.unreadable + counts.skipped;
  return (
    <div class="columns">
      <Card title="What it is made of" tab="details" link="Details" batch={batch}>
        {[
          ["Folders", count(batch.folder_ids.length)],
          ["Connections", count(batch.connection_ids.length)],
          ["Prompts", count(batch.prompt_ids.length)],
          ["Made", time(batch.created_at)],
        ]}
      </Card>
      {counts.documents > 0 && (
        <Card title="Documents" tab="documents" link="Documents" batch={batch}>
          {[
            ["Found", count(counts.documents)],
            ["Can be used", count(counts.encoded)],
            ...(unusable > 0 ? [["Cannot be used", count(unusable)] as [string, string]] : []),
          ]}
        </Card>
      )}
      {counts.tasks > 0 && (
        <Card title="Tasks" tab="results" link="Results" batch={batch}>
          {[
            ["In all", count(counts.tasks)],
            ["Completed", count(counts.completed)],
            ["Without an answer", withoutAnswer(counts) || "none"],
            ["Took", took(batch)],
          ]}
        </Card>
      )}
      {progress.calls > 0 && (
        <Card title="What it took" tab="progress" link="Progress" batch={batch}>
          {[
            ["Cost", costSoFar(progress)],
            ["Budget", batch.budget === null ? "none" : money(batch.budget)],
            ["Calls", count(progress.calls)],
            ["Tokens", `${count(progress.input_tokens)} in, ${count(progress.output_tokens)} out`],
          ]}
        </Card>
      )}
      {counts.tasks === 0 && counts.documents === 0 && (
        <p class="quiet">
          {plural(batch.connection_ids.length * batch.prompt_ids.length, "task")} for every document, once it is staged.
        </p>
      )}
    </div>
  );
}

const withoutAnswer = (counts: Counts) =>
  [failuresText(counts), counts.cancelled > 0 && `${count(counts.cancelled)} cancelled`].filter(Boolean).join(", ");

interface CardProps {
  title: string;
  tab: Tab;
  link: string;
  batch: Batch;
  children: [string, string][];
}

function Card({ title, tab, link, batch, children }: CardProps) {
  return (
    <section class="card stack-small" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <Link class="small" href={tabAddress(batch, tab, undefined)} aria-label={`${title}: open ${link}`}>
          {link}
        </Link>
      </div>
      <Figures items={children} />
    </section>
  );
}

/** From the first call to the end, where there is one. */
function took(batch: Batch): string {
  const begun = reachedAt(batch, "ANALYZING");
  const end = batch.status === "COMPLETED" || batch.status === "FAILED" ? reachedAt(batch, batch.status) : null;
  return begun && end ? duration((Date.parse(end) - Date.parse(begun)) / 1_000) : "–";
}
