/** What stands within lines of Markdown, as elements. Nothing of it is ever taken for HTML, and nothing is fetched. */

import type { Token, Tokens } from "marked";
import type { ComponentChildren } from "preact";

/** What is nested deeper is shown as it was written. */
export const DEEPEST = 20;

export const inlines = (tokens: Token[] | undefined, depth: number): ComponentChildren =>
  tokens?.map((token, number) => <Inline key={number} token={token} depth={depth} />);

function Inline({ token, depth }: { token: Token; depth: number }) {
  if (depth > DEEPEST) {
    return <>{token.raw}</>;
  }
  const inside = () => inlines((token as { tokens?: Token[] }).tokens, depth + 1);
  switch (token.type) {
    case "strong":
      return <strong>{inside()}</strong>;
    case "em":
      return <em>{inside()}</em>;
    case "del":
      return <del>{inside()}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Target href={decoded((token as Tokens.Link).href)}>{inside()}</Target>;
    case "image":
      // Shown by name: to fetch it would tell its server who reads this.
      return (
        <span class="quiet">
          [Picture: {decoded((token as Tokens.Image).text) || "without a name"}, {(token as Tokens.Image).href}]
        </span>
      );
    case "text":
      return (token as Tokens.Text).tokens ? <>{inside()}</> : <>{decoded((token as Tokens.Text).text)}</>;
    case "escape":
      return <>{(token as Tokens.Escape).text}</>;
    default:
      return <>{token.raw}</>;
  }
}

const FOLLOWED = new Set(["http:", "https:", "mailto:"]);

/** A link with its target beside it, since its text may say something else. */
function Target({ href, children }: { href: string; children: ComponentChildren }) {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (!url || !FOLLOWED.has(url.protocol)) {
    return (
      <>
        {children} <span class="quiet">({href})</span>
      </>
    );
  }
  return (
    <>
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>{" "}
      <span class="quiet markdown-target">({url.href})</span>
    </>
  );
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g, (all, tens?: string, hex?: string, name?: string) => {
    if (name) {
      return ENTITIES[name] ?? all;
    }
    const code = tens ? Number(tens) : parseInt(hex ?? "", 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
