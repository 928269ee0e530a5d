import type { components } from "../../shared/api/schema";
import { prices } from "../../shared/format";

type PriceView = components["schemas"]["PriceView"];

const FREE: Readonly<Record<string, string>> = { simulator: "free, simulated", local: "free, on your own machine", free: "free, on your own machine" };

/** What a million tokens cost, in and out; unknown is said as such, never as zero. */
export function Price({ price }: { price: PriceView | null }) {
  if (price === null) {
    return <span>unknown</span>;
  }
  const free = FREE[price.source];
  if (free) {
    return <span>{free}</span>;
  }
  return (
    <span class="nowrap" title="US dollars for a million tokens">
      {prices(price)}
      <span class="hidden"> for a million tokens</span>
    </span>
  );
}
