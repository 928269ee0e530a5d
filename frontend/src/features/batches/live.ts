/** Lists of batches that follow the stream. */

import type { Batch, Page } from "../../shared/api/types";
import { useLive } from "../../shared/live/stream";
import type { Resource } from "../../shared/resource";

/** Put changed batches into the page that is shown; take deleted ones out; `arrived` is told of batches that are not in it. */
export function useLiveBatches(list: Resource<Page<Batch>>, arrived: () => void): void {
  useLive({
    batch: (batch) => {
      if (list.data?.items.some((one) => one.id === batch.id)) {
        list.set((page) => replaced(page, batch));
      } else {
        arrived();
      }
    },
    event: (event) => {
      if (event.action === "delete") {
        list.set((page) => ({ ...page, items: page.items.filter((one) => one.id !== event.batch_id) }));
      }
    },
  });
}

/** The page with the batch in its new form. */
export function replaced(page: Page<Batch>, batch: Batch): Page<Batch> {
  return { ...page, items: page.items.map((one) => (one.id === batch.id ? batch : one)) };
}
