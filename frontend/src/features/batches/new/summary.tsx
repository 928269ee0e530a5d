/** What the choice comes to, and the two buttons. It stays in sight at the foot of the window. */

import type { Connection } from "../../../shared/api/types";
import { count, plural } from "../../../shared/format";
import { Button } from "../../../shared/ui/basic";
import type { Total } from "./counts";
import { isFree } from "./lines";

interface SummaryProps {
  documents: Total;
  connections: Connection[];
  prompts: number;
  form: string;
  busy: boolean;
}

export function Summary({ documents, connections, prompts, form, busy }: SummaryProps) {
  return (
    <div class="new-batch-bar">
      <div class="new-batch-sum">
        <Product documents={documents} models={connections.length} prompts={prompts} />
        <p class="quiet small">{costHint(connections)}</p>
      </div>
      <div class="row new-batch-buttons">
        <Button type="submit" form={form} name="then" value="save" busy={busy}>
          Save only
        </Button>
        <Button type="submit" form={form} name="then" value="stage" kind="primary" busy={busy}>
          Save &amp; stage
        </Button>
      </div>
    </div>
  );
}

function Product({ documents, models, prompts }: { documents: Total; models: number; prompts: number }) {
  const tasks = documents.count * models * prompts;
  const more = documents.complete ? "" : "at least ";
  return (
    <p class="new-batch-product" role="status" aria-busy={documents.counting}>
      <span>{documents.counting ? "… documents" : `${more}${plural(documents.count, "document")}`}</span>
      {" × "}
      <span>{plural(models, "model")}</span>
      {" × "}
      <span>{plural(prompts, "prompt")}</span>
      {" = "}
      <strong>{documents.counting ? "… tasks" : `${more}${count(tasks)} ${tasks === 1 ? "task" : "tasks"}`}</strong>
    </p>
  );
}

function costHint(connections: Connection[]): string {
  const unknown = connections.filter((one) => !one.price).map((one) => one.name);
  if (connections.length === 0) {
    return "Staging reads the documents and tells the cost. No model is called before you run the batch.";
  }
  if (unknown.length > 0) {
    return `The price of ${unknown.join(", ")} is unknown, so its cost cannot be told. Staging calls no model yet.`;
  }
  return connections.every((one) => one.price && isFree(one.price))
    ? "These models cost nothing. Staging tells which documents can be read, and calls no model yet."
    : "Staging tells which documents can be read and what it will cost, before anything is paid.";
}
