/** A receipt in words: what of a document models are given, and what not. */

import type { DocumentPart, Receipt } from "../../../shared/api/types";
import { capital, count, plural } from "../../../shared/format";

const MOST_NUMBERS = 8;

/** What a part is called, such as "Page 3" or "offer.xlsx · Sheet 1: Costs". */
export function partName({ kind, number, name, within }: DocumentPart): string {
  const own = `${capital(kind)} ${count(number)}${name ? `: ${name}` : ""}`;
  return within ? `${within} · ${own}` : own;
}

/** How many parts there are, such as "12 pages, 3 of them as pictures · 1,200 characters". */
export function sizeInWords({ parts, characters, images }: Receipt): string {
  const kinds = new Map<string, DocumentPart[]>();
  parts.forEach((one) => kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]));
  const counted = isOnePiece(parts) ? [] : [...kinds].map(([kind, some]) => ofKind(kind, some));
  return [...counted, images > 0 && plural(images, "picture"), characters > 0 && `${count(characters)} characters`]
    .filter(Boolean)
    .join(" · ");
}

function ofKind(kind: string, parts: DocumentPart[]): string {
  const pictured = parts.filter((one) => one.pictured).length;
  const told = pictured === parts.length ? "as pictures" : `${count(pictured)} of them as pictures`;
  return plural(parts.length, kind) + (pictured > 0 ? `, ${pictured === 1 && parts.length === 1 ? "as a picture" : told}` : "");
}

/** Whether a document has no parts that a reader would tell apart. */
export const isOnePiece = (parts: readonly DocumentPart[]) =>
  parts.length === 1 && parts[0]?.kind === "section" && !parts[0].name && !parts[0].within;

/** Everything that is left out, a sentence each; what several parts share is told once, with their numbers. */
export function lossesInWords({ parts, left_out }: Receipt): string[] {
  const shared = new Map<string, DocumentPart[]>();
  for (const part of parts) {
    for (const sentence of part.left_out) {
      const key = JSON.stringify([part.within, part.kind, sentence]);
      shared.set(key, [...(shared.get(key) ?? []), part]);
    }
  }
  return [...left_out, ...[...shared].map(([key, some]) => `${placesOf(some)}: ${String((JSON.parse(key) as unknown[])[2])}`)];
}

function placesOf(parts: DocumentPart[]): string {
  const [first] = parts;
  if (!first || parts.length === 1) {
    return first ? partName(first) : "";
  }
  const more = parts.length - MOST_NUMBERS;
  const numbers = parts.slice(0, MOST_NUMBERS).map((one) => count(one.number)).join(", ");
  const within = first.within ? `${first.within} · ` : "";
  return `${within}${capital(first.kind)}s ${numbers}${more > 0 ? ` and ${count(more)} more` : ""}`;
}
