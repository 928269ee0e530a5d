/** Numbers, money, times and durations as people read them, in the user's own language and time zone. */

const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const brief = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const briefWithYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const DASH = "–";
const SMALLEST_SUM = 0.000_05;

export const count = (value: number | null | undefined) => (value == null ? DASH : whole.format(value));

export const rate = (value: number) => (value >= 10 ? whole.format(Math.round(value)) : short.format(value));

/** US dollars; small sums keep four digits, so that they are not all "$0.00". */
export function money(value: number | null | undefined): string {
  if (value == null) {
    return "unknown";
  }
  if (value > 0 && value < SMALLEST_SUM) {
    return "under $0.0001";
  }
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
  return `$${value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

const COST_SOURCES: Record<string, string> = {
  provider: "what the provider said",
  connection: "the connection's prices",
  "genai-prices": "the public price list",
  free: "free, as you said",
  local: "a machine of your own",
  simulator: "the simulator",
};

/** How the cost of a call is known. */
export const costSource = (source: string) => COST_SOURCES[source] ?? source;

/** A sum in which something is missing, when it is: then it is a least. */
export const least = (value: number | null | undefined, isPart: boolean) =>
  isPart && value ? `at least ${money(value)}` : money(isPart && !value ? null : value);

type Costs = { cost: number | null; unpriced_calls: number; possible_cost?: number };

/** What calls cost; those of unknown cost are missing in the sum, and told at their most. */
export function costOf({ cost, unpriced_calls: unknown, possible_cost: possible = 0 }: Costs): string {
  if (!unknown || !possible) {
    return least(cost, unknown > 0);
  }
  return cost ? `${least(cost, true)}, up to ${money(possible)} more possibly` : `up to ${money(possible)} possibly`;
}

/** Likewise, and a dash where nothing has been called. */
export const costSoFar = (sums: Costs & { calls: number }) =>
  sums.calls || sums.unpriced_calls ? costOf(sums) : DASH;

/** A price or a round sum in US dollars, with no more digits than it has. */
export const dollars = (value: number) => `$${value.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;

/** Prices for a million tokens. */
export const prices = ({ input, output }: { input: number; output: number }) => `${dollars(input)} in, ${dollars(output)} out`;

/** A share from 0 to 1; never 100 % before all is done. */
export function percent(share: number): string {
  const value = share < 1 ? Math.min(99, Math.floor(share * 100)) : 100;
  return `${value} %`;
}

/** Seconds as the two largest units. */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) {
    return DASH;
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 60) {
    return `${short.format(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

export const milliseconds = (value: number | null | undefined) => duration(value == null ? value : value / 1000);

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${short.format(amount)} ${units[unit]}`;
}

export const time = (value: string | null | undefined) => (value ? moment.format(new Date(value)) : DASH);

/** Day and time to the minute, with the year where it is another one. */
export function shortTime(value: string | null | undefined): string {
  if (!value) {
    return DASH;
  }
  const at = new Date(value);
  return at.getFullYear() === new Date().getFullYear() ? brief.format(at) : briefWithYear.format(at);
}

/** A moment with its day, unless that is today. */
export function briefTime(value: string): string {
  const at = new Date(value);
  return at.toDateString() === new Date().toDateString() ? clock.format(at) : shortTime(value);
}

/** How long ago, in words; "now" within the last minute. */
export function ago(value: string): string {
  const seconds = (Date.parse(value) - Date.now()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) {
      return relative.format(Math.round(seconds / size), unit);
    }
  }
  return relative.format(0, "second");
}

/** "1 document", "2 documents". */
export const plural = (value: number, one: string, many = `${one}s`) => `${whole.format(value)} ${value === 1 ? one : many}`;

/** An enumeration's name as words: `rate_limited` becomes "rate limited". */
export const words = (name: string) => name.replaceAll("_", " ").toLowerCase();

/** The time of day of a moment in milliseconds. */
export const shortClock = (moment: number) => clock.format(moment);

/** A text with its first letter in upper case. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
