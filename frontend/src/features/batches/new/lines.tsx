/** What a folder, a connection and a prompt are, in a line. */

import { Problem } from "../../../shared/api/client";
import type { Connection, Folder, Prompt } from "../../../shared/api/types";
import { plural, prices } from "../../../shared/format";
import type { FolderCount } from "./counts";

export function FolderLine({ folder, count }: { folder: Folder; count: FolderCount | undefined }) {
  const rules = [
    folder.include.length > 0 && `only ${folder.include.join(", ")}`,
    folder.exclude.length > 0 && `without ${folder.exclude.join(", ")}`,
    !folder.recursive && "without the folders below it",
  ].filter(Boolean);
  return (
    <>
      <span class="new-batch-path">{folder.path}</span>
      {rules.length > 0 && <span>{rules.join("; ")}</span>}
      {count && <FolderCountLine count={count} />}
    </>
  );
}

function FolderCountLine({ count }: { count: FolderCount }) {
  if (count === "counting") {
    return <span>Counting documents …</span>;
  }
  if (count instanceof Problem) {
    return <span class="field-error">{count.message}</span>;
  }
  if (count.count === 0) {
    return <span class="field-error">{count.complete ? "No documents in it" : "No documents found in three seconds"}</span>;
  }
  return (
    <span>
      {count.complete ? "" : "At least "}
      {plural(count.count, "document")}
      {count.complete ? "" : "; counting was stopped"}
    </span>
  );
}

export function connectionText(connection: Connection): string {
  const model = connection.model === connection.name ? "" : ` ${connection.model}`;
  return `${connection.provider}${model}`;
}

export function ConnectionLine({ connection }: { connection: Connection }) {
  return (
    <>
      <span>
        {connectionText(connection)} · {priceText(connection)}
      </span>
      {connection.lane?.held_reason && <span class="field-error">{connection.lane.held_reason}</span>}
    </>
  );
}

function priceText({ price }: Connection): string {
  if (!price) {
    return "price unknown";
  }
  return isFree(price) ? "free" : `${prices(price)} per million tokens`;
}

export const isFree = (price: NonNullable<Connection["price"]>) => price.input === 0 && price.output === 0;

export function PromptLine({ prompt }: { prompt: Prompt }) {
  return (
    <>
      <span class="new-batch-text">{prompt.text}</span>
      {prompt.schema && <span>Answers in columns</span>}
    </>
  );
}
