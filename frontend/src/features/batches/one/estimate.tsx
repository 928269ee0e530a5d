/** What a run will take, before it costs anything. */

import { api } from "../../../shared/api/client";
import type { Batch, Estimate } from "../../../shared/api/types";
import { count, least, money, plural, prices, words } from "../../../shared/format";
import { useResource } from "../../../shared/resource";
import { Empty, ErrorNotice, Figures, Notice, Skeleton } from "../../../shared/ui/basic";
import { Link } from "../../../shared/ui/link";
import { TableFrame } from "../../../shared/ui/table";
import { DocumentBadge } from "../badges";
import { tabAddress } from "./tabs";

const SHOWN = 20;

export function EstimateTab({ batch }: { batch: Batch }) {
  if (batch.run === null || batch.status === "STAGING" || batch.status === "FAILED_STAGING") {
    return (
      <Empty title="There is no estimate yet">
        <p>{batch.status === "STAGING" ? "It is made when all documents have been read." : "It is made when the batch is staged."}</p>
      </Empty>
    );
  }
  return <Estimated batch={batch} />;
}

function Estimated({ batch }: { batch: Batch }) {
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
      <h2 id="estimate" class="hidden">
        Estimate
      </h2>
      <div class="card">
        <Figures
          items={[
            ["Documents", count(data.documents)],
            ["Tasks", count(data.tasks)],
            ["Input tokens", count(data.input_tokens)],
            ["Expected cost", least(data.cost, data.unpriced_connections.length > 0)],
            ["At most", money(data.unpriced_connections.length > 0 ? null : data.max_cost)],
            ["Budget", data.budget === null ? "none" : money(data.budget)],
          ]}
        />
      </div>
      {data.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {data.notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
      <TableFrame label="Estimate by connection" cards>
        <thead>
          <tr>
            <th scope="col">Connection</th>
            {["Tasks", "Input tokens", "Output tokens", "Price per million tokens", "Expected cost", "At most"].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.connections.map((one) => (
            <tr key={one.connection_id}>
              <th scope="row" dir="auto">
                {one.connection}
              </th>
              <td class="number" data-name="Tasks">
                {count(one.tasks)}
              </td>
              <td class="number" data-name="Input tokens">
                {count(one.input_tokens)}
              </td>
              <td class="number" data-name="Output tokens">
                {count(one.output_tokens)}
              </td>
              <td class="number" data-name="Price per million tokens">
                {one.price ? prices(one.price) : "unknown"}
              </td>
              <td class="number" data-name="Expected cost">
                {money(one.cost)}
              </td>
              <td class="number" data-name="At most">
                {money(one.max_cost)}
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p class="quiet small">
        {countedBy(data.connections)} The expected cost counts answers of a usual length and no discount for cached input;
        the other figure is what it costs at most, with any tokenizer and if every answer is as long as allowed.
      </p>
      {data.partly_read.length > 0 && <PartlyRead batch={batch} counts={data.partly_read} />}
      {data.unusable.length > 0 && <Unusable batch={batch} reasons={data.unusable} />}
    </section>
  );
}

/** What the numbers of tokens rest on. */
function countedBy(connections: Estimate["connections"]): string {
  const known = connections.filter((one) => one.calibration_calls > 0);
  const calls = known.map((one) => `${plural(one.calibration_calls, "call")} of ${one.connection}`);
  const script = "Tokens are estimated by the scripts of the texts";
  if (known.length === 0) {
    return `${script}.`;
  }
  const counted = `corrected by what ${calls.join(", ")} really took`;
  return known.length === connections.length ? `${script}, ${counted}.` : `${script}; where calls were made, ${counted}.`;
}

/** Documents of which models are not given everything, since whoever starts the run should know. */
function PartlyRead({ batch, counts }: { batch: Batch; counts: Estimate["partly_read"] }) {
  const number = sum(counts);
  return (
    <Notice tone="warn">
      <div class="stack-small">
        <p>
          <strong>{number === 1 ? "1 document is" : `${count(number)} documents are`} not whole</strong>:{" "}
          {counts.map((one) => `${count(one.documents)} × ${one.media_type ?? "of unknown type"}`).join(", ")}. Models are asked about
          what was read of {number === 1 ? "it" : "them"}; the receipt of each document tells what is left out.
        </p>
        <div>
          <Link class="button" data-size="small" href={`${tabAddress(batch, "documents", undefined)}&whole=false`}>
            Show {number === 1 ? "it" : "them"}
          </Link>
        </div>
      </div>
    </Notice>
  );
}

/** The documents that the run leaves out, since whoever starts it should know. */
function Unusable({ batch, reasons }: { batch: Batch; reasons: Estimate["unusable"] }) {
  const list = useResource(`unusable ${batch.id} ${batch.run} ${batch.staged_at}`, (signal) =>
    api.get("/api/batches/{batch_id}/documents", {
      path: { batch_id: batch.id },
      query: { status: ["UNREADABLE", "SKIPPED"], limit: SHOWN },
      signal,
    }),
  );
  const all = `${tabAddress(batch, "documents", undefined)}&status=UNREADABLE&status=SKIPPED`;
  return (
    <section class="stack-small" aria-labelledby="unusable">
      <div class="head">
        <h2 id="unusable">{plural(sum(reasons), "document")} cannot be used</h2>
        <Link href={all}>Show them among the documents</Link>
      </div>
      <p class="quiet">{reasons.map((one) => `${count(one.documents)} × ${words(one.reason)}`).join(", ")}. The run leaves them out.</p>
      {list.data && (
        <TableFrame label="Documents that cannot be used" cards>
          <thead>
            <tr>
              <th scope="col">Document</th>
              <th scope="col">Status</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {list.data.items.map((one) => (
              <tr key={one.id}>
                <th scope="row" class="batch-path">
                  <bdi>{one.path}</bdi>
                </th>
                <td>
                  <DocumentBadge status={one.status} />
                </td>
                <td>{one.detail ?? words(one.reason ?? "")}</td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
      {list.data?.next && <p class="quiet small">These are the first {SHOWN}.</p>}
    </section>
  );
}

const sum = (reasons: { documents: number }[]) => reasons.reduce((total, one) => total + one.documents, 0);
