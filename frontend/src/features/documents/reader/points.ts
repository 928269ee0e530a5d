/** Text by its Unicode characters, as the API counts them; the browser counts halves of some. */

export interface Points {
  length: number;
  slice: (start: number, end: number) => string;
  /** The browser's index of a character. */
  unit: (at: number) => number;
}

export function pointsOf(text: string): Points {
  if (!/[\ud800-\udbff]/.test(text)) {
    return { length: text.length, slice: (start, end) => text.slice(start, end), unit: (at) => at };
  }
  const units: number[] = [];
  for (let unit = 0; unit < text.length; unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1) {
    units.push(unit);
  }
  const unit = (at: number) => (at < units.length ? (units[Math.max(0, at)] ?? 0) : text.length);
  return { length: units.length, unit, slice: (start, end) => text.slice(unit(start), unit(end)) };
}
