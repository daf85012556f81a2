// A table of texts: sorted by a click on the head of a column, shown in pages.

import { useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { JsonObject } from "./protocol";

const pageRows = 20;
const longCell = 60;

interface Order {
  column: number;
  down: boolean;
}

/** Numbers by size with what is none at the end, anything else as text; equal rows keep their order. */
function sorted(rows: string[][], order: Order | null, numeric: boolean): string[][] {
  if (!order) return rows;
  const { column, down } = order;
  const sign = down ? -1 : 1;
  const number = (r: string[]) => {
    const text = r[column];
    const value = text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
    return text === "" ? NaN : value;
  };
  return rows.slice().sort((a, b) => {
    if (!numeric) return sign * (a[column] < b[column] ? -1 : a[column] > b[column] ? 1 : 0);
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x < y ? -1 : x > y ? 1 : 0);
  });
}

export function Table({ data }: { data: JsonObject }): JSX.Element {
  const columns = data.columns as string[];
  const rows = data.rows as string[][];
  const numeric = data.numeric as boolean[];
  const total = Number(data.total), left = Number(data.left ?? 0);
  const [order, setOrder] = useState<Order | null>(null);
  const [page, setPage] = useState(0);
  const shown = useMemo(() => sorted(rows, order, order !== null && numeric[order.column]), [rows, order]);
  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const at = Math.min(page, pages - 1);
  const from = at * pageRows, to = Math.min(from + pageRows, rows.length);
  // Up, down, as it was.
  const sort = (column: number) => {
    setPage(0);
    setOrder(order?.column !== column ? { column, down: false } : order.down ? null : { column, down: true });
  };
  const count = (n: number) => n.toLocaleString("en");
  return (
    <div class="html table-view">
      <table>
        <thead>
          <tr>
            {columns.map((name, i) => (
              <th key={i} class={numeric[i] ? "" : "words"}
                aria-sort={order?.column !== i ? "none" : order.down ? "descending" : "ascending"}>
                <button onClick={() => sort(i)}>{name}<span aria-hidden="true">{order?.column !== i ? "" : order.down ? " ▾" : " ▴"}</span></button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.slice(from, to).map((r, k) => (
            <tr key={from + k}>{r.map((text, i) => <td key={i} class={numeric[i] ? "" : "words"}><Value text={text} /></td>)}</tr>
          ))}
        </tbody>
      </table>
      {(pages > 1 || total > rows.length || left > 0) && (
        <p class="notice table-foot">
          {pages > 1 && <button class="link" disabled={at === 0} onClick={() => setPage(at - 1)}>Previous</button>}
          <span>
            {count(from + 1)}–{count(to)} of {count(rows.length)} rows
            {total > rows.length && `, the first of ${count(total)}`}
            {left > 0 && `; ${count(left)} columns left out`}
          </span>
          {pages > 1 && <button class="link" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>Next</button>}
        </p>
      )}
    </div>
  );
}

function Value({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  if (text.length <= longCell) return <>{text}</>;
  return (
    <>
      {all ? text : [...text.slice(0, 2 * longCell)].slice(0, longCell).join("") + "…"}{" "}
      <button class="link" onClick={() => setAll(!all)}>{all ? "show less" : "show all"}</button>
    </>
  );
}
