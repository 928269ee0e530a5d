import type { components } from "../api/schema";

type PriceView = components["schemas"]["PriceView"];

const FREE: Readonly<Record<string, string>> = { simulator: "free, simulated", local: "free, on your own machine" };

// Prices differ in tenths of a cent, sums of money do not: no rounding to the cent.
const dollars = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", maximumFractionDigits: 4 });

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
      {dollars.format(price.input)} in, {dollars.format(price.output)} out
      <span class="hidden"> for a million tokens</span>
    </span>
  );
}
