/** Markdown, rendered: made of elements alone, so that whatever a model writes stays text. */

import "./markdown.css";
import type { Token, Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { DEEPEST, inlines } from "./inline";
import { read } from "./read";

/** So many blocks are drawn at once; more follow when their end comes near. */
const STEP = 60;
const ITEMS = 100;
const ROWS = 200;

interface ViewProps {
  text: string;
  /** What is shown until it is read, and where it cannot be. */
  raw: ComponentChildren;
}

export default function Markdown({ text, raw }: ViewProps) {
  const [tokens, setTokens] = useState<Token[] | "failed">();
  useEffect(() => {
    const abort = new AbortController();
    setTokens(undefined);
    read(text, abort.signal).then(setTokens, () => !abort.signal.aborted && setTokens("failed"));
    return () => abort.abort();
  }, [text]);
  if (tokens === "failed") {
    return (
      <>
        <p class="quiet small">This text is too intricate to be rendered. Here it is as it was written:</p>
        {raw}
      </>
    );
  }
  return tokens ? <Blocks tokens={tokens} /> : <>{raw}</>;
}

function Blocks({ tokens }: { tokens: Token[] }) {
  const blocks = useMemo(() => tokens.flatMap(pieces), [tokens]);
  const [shown, setShown] = useState(STEP);
  return (
    <div class="markdown" dir="auto">
      {blocks.slice(0, shown).map((token, number) => (
        <Block key={number} token={token} depth={0} />
      ))}
      {shown < blocks.length && <Rest key={shown} near={() => setShown(shown + STEP)} />}
    </div>
  );
}

/** The end of what is drawn. */
function Rest({ near }: { near: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && near(), { rootMargin: "1000px" });
    if (mark.current) {
      watch.observe(mark.current);
    }
    return () => watch.disconnect();
  }, []);
  return <div ref={mark} class="markdown-rest" />;
}

/** Long lists and tables in parts, so that no block is large. */
function pieces(token: Token): Token[] {
  if (token.type === "list") {
    const list = token as Tokens.List;
    return parts(list.items, ITEMS).map((items, number) => ({
      ...list,
      items,
      start: list.ordered ? Number(list.start || 1) + number * ITEMS : list.start,
    }));
  }
  if (token.type === "table") {
    const table = token as Tokens.Table;
    return parts(table.rows, ROWS).map((rows) => ({ ...table, rows }));
  }
  return [token];
}

function parts<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

function Block({ token, depth }: { token: Token; depth: number }) {
  if (depth > DEEPEST) {
    return <p>{token.raw}</p>;
  }
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      // No heading of the page: its order is not the answer's.
      return (
        <p class="markdown-heading" data-level={(token as Tokens.Heading).depth} dir="auto">
          {inlines(token.tokens, depth)}
        </p>
      );
    case "code":
      return <pre dir="auto">{(token as Tokens.Code).text}</pre>;
    case "blockquote":
      return (
        <blockquote>
          {token.tokens?.map((one, number) => (
            <Block key={number} token={one} depth={depth + 1} />
          ))}
        </blockquote>
      );
    case "list":
      return <List list={token as Tokens.List} depth={depth} />;
    case "table":
      return <Table table={token as Tokens.Table} depth={depth} />;
    case "hr":
      return <hr />;
    case "paragraph":
      return <p dir="auto">{inlines(token.tokens, depth)}</p>;
    case "text":
      return <>{inlines([token], depth)}</>;
    default:
      return (
        <p class="markdown-raw" dir="auto">
          {token.raw.trimEnd()}
        </p>
      );
  }
}

function List({ list, depth }: { list: Tokens.List; depth: number }) {
  const items = list.items.map((item, number) => (
    <li key={number} dir="auto">
      {item.task && (item.checked ? "☑ " : "☐ ")}
      {item.tokens.map((one, index) => one.type !== "checkbox" && <Block key={index} token={one} depth={depth + 1} />)}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start || 1)}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table, depth }: { table: Tokens.Table; depth: number }) {
  return (
    <div class="table-frame" role="region" aria-label="Table in the answer" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            {table.header.map((cell, number) => (
              <th key={number} scope="col" dir="auto">
                {inlines(cell.tokens, depth)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, index) => (
                <td key={index} dir="auto">
                  {inlines(cell.tokens, depth)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
