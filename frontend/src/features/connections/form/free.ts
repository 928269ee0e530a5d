/** Prices of a connection's form that say that calls cost nothing. */

import type { ConnectionValues } from "./values";

/** Whether the prices say that calls cost nothing. */
export const isFree = (values: ConnectionValues) =>
  [values.price_input, values.price_output].every((price) => price.trim() !== "" && Number(price) === 0) && !Number(values.price_cached) && !Number(values.price_cache_write);

/** Prices that say that calls cost nothing, or none of one's own. */
export const freePrices = (free: boolean): Partial<ConnectionValues> => ({
  price_input: free ? "0" : "",
  price_output: free ? "0" : "",
  price_cached: "",
  price_cache_write: "",
});
