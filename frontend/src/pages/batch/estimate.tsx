/** What a run will take, before it costs anything. */

import { api } from "../../api/client";
import type { Batch } from "../../api/types";
import { ErrorNotice, Figures, Notice, Skeleton } from "../../components/basic";
import { TableFrame } from "../../components/table";
import { count, money, plural, words } from "../../format";
import { useResource } from "../../resource";
import { Link, withQuery } from "../../router";

export function EstimateView({ batch }: { batch: Batch }) {
  const estimate = useResource(`estimate ${batch.id} ${batch.run} ${batch.staged_at} ${batch.budget}`, (signal) =>
    api.get("/api/batches/{batch_id}/estimate", { path: { batch_id: batch.id }, signal }),
  );
  if (estimate.error) {
    return <ErrorNotice problem={estimate.error} retry={estimate.reload} />;
  }
  if (!estimate.data) {
    return <Skeleton height="16rem" />;
  }
  const { data } = estimate;
  return (
    <section class="stack" aria-labelledby="estimate">
      <h2 id="estimate">Estimate</h2>
      <div class="card">
        <Figures
          items={[
            ["Documents", count(data.documents)],
            ["Tasks", count(data.tasks)],
            ["Input tokens", count(data.input_tokens)],
            ["Expected cost", money(data.cost)],
            ["At most", money(data.max_cost)],
            ["Budget", data.budget === null ? "none" : money(data.budget)],
          ]}
        />
      </div>
      {data.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {data.unusable.length > 0 && (
        <Notice tone="warn">
          <Link href={withQuery({ tab: "documents", status: null })}>
            {plural(data.unusable.reduce((sum, one) => sum + one.documents, 0), "document")} cannot be used
          </Link>
          : {data.unusable.map((one) => `${one.documents} × ${words(one.reason)}`).join(", ")}.
        </Notice>
      )}
      <TableFrame label="Estimate by connection">
        <thead>
          <tr>
            <th scope="col">Connection</th>
            {["Tasks", "Input tokens", "Output tokens", "Price in / out per 1M", "Expected cost", "At most"].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.connections.map((one) => (
            <tr key={one.connection_id}>
              <th scope="row">{one.connection}</th>
              <td class="number">{count(one.tasks)}</td>
              <td class="number">{count(one.input_tokens)}</td>
              <td class="number">{count(one.output_tokens)}</td>
              <td class="number">{one.price ? `${money(one.price.input)} / ${money(one.price.output)}` : "unknown"}</td>
              <td class="number">{money(one.cost)}</td>
              <td class="number">{money(one.max_cost)}</td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p class="quiet small">
        Tokens are estimated from the length of the texts. The expected cost counts answers of a usual length and no discount
        for cached input; the other figure is what it costs if every answer is as long as allowed.
      </p>
    </section>
  );
}
