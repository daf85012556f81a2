// The outputs of a cell: one component per kind.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { ansiToHTML, TerminalText } from "./ansi";
import { mountChart } from "./chart";
import { config } from "./config";
import { GraphView } from "./graph";
import { math, renderMarkdown, sanitize } from "./markdown";
import type { CellModel, OutputModel } from "./model";
import { chartMime, graphMime, tableMime, textMime, type Json, type JsonObject, type Place } from "./protocol";
import { Table } from "./table";

interface Props {
  output: OutputModel;
  cell: CellModel;
  index: number;
  path: string;
  goTo: (p: Place) => void;
}

/** The kinds of data that are shown, the best first. */
const order = [
  chartMime, graphMime, tableMime, "text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg",
  "image/gif", "image/webp", "application/json", textMime, "text/plain",
];

export function OutputView(p: Props): JSX.Element {
  void p.output.rev.value;
  const o = p.output.value;
  const size = Number(o.extra?.truncated ?? 0);
  return (
    <div class={`output output-${o.output_type}`} data-output={o.output_type}>
      <OutputBody {...p} />
      {size > 0 && (
        <p class="notice">
          This output has {(size / 1e6).toFixed(1)} MB; the page shows a part.{" "}
          <a href={`${config.base}api/notebooks/output?${new URLSearchParams({
            path: p.path, cell: p.cell.id, index: String(p.index),
          })}`}>Download all of it</a>
        </p>
      )}
    </div>
  );
}

// A component whose properties are the same renders again only for signals that it reads itself.
function OutputBody(p: Props): JSX.Element | null {
  void p.output.rev.value;
  const o = p.output.value;
  if (o.output_type === "stream") return <Stream output={p.output} />;
  if (o.output_type === "error") return <ErrorOutput {...p} />;
  const data = o.data ?? {};
  const mime = order.find((m) => m in data);
  if (!mime) {
    const names = Object.keys(data).join(", ");
    return names ? <p class="notice">No viewer for {names}</p> : null;
  }
  const value = data[mime];
  switch (mime) {
    case chartMime: return <Chart output={p.output} />;
    case graphMime: return <GraphView data={value as JsonObject} />;
    case tableMime: return <Table data={value as JsonObject} />;
    case "text/html": return <HTML html={String(value)} />;
    case "text/markdown": return <Fragment make={() => renderMarkdown(String(value))} of={value} class="prose" />;
    case "text/latex": return <Fragment make={() => latex(String(value))} of={value} class="prose" />;
    case "application/json": return <div class="json"><Tree value={value} open /></div>;
    case textMime:
    case "text/plain": return <Plain text={String(value)} />;
    default: return <Image mime={mime} value={String(value)} meta={o.metadata?.[mime] as JsonObject | undefined} alt={String(data["text/plain"] ?? "output image")} />;
  }
}

function latex(source: string): DocumentFragment {
  const body = source.trim().replace(/^\$\$?|\$\$?$/g, "").replace(/^\\[[(]|\\[\])]$/g, "");
  return sanitize(math(body, true));
}

function Fragment({ make, of, class: name }: { make: () => DocumentFragment; of: unknown; class: string }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => { box.current?.replaceChildren(make()); }, [of]);
  return <div class={name} ref={box} />;
}

/** How many characters of a text are shown before somebody asks for the rest. */
const longText = 20000;

function Plain({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const long = text.length > longText;
  // A cut between the halves of a character would show as a replacement character.
  const cut = long && !all ? text.slice(0, longText).replace(/[\uD800-\uDBFF]$/, "") : text;
  return (
    <>
      <pre class="text" dangerouslySetInnerHTML={{ __html: ansiToHTML(cut) }} />
      {long && (
        <p class="notice">
          {!all && `… ${(text.length - cut.length).toLocaleString("en")} of ${text.length.toLocaleString("en")} characters left out `}
          <button class="link" onClick={() => setAll(!all)}>{all ? "Show less" : "Show all"}</button>
        </p>
      )}
    </>
  );
}

const tallLines = 30;

function Stream({ output }: { output: OutputModel }) {
  void output.rev.value;
  const box = useRef<HTMLPreElement>(null);
  const terminal = useRef<TerminalText | null>(null);
  const [all, setAll] = useState(false);
  const text = output.value.text ?? "";
  const tall = text.length > 20000 || text.split("\n", tallLines + 1).length > tallLines;
  useLayoutEffect(() => {
    const pre = box.current;
    if (!pre) return;
    terminal.current ??= new TerminalText(pre);
    const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 24;
    terminal.current.update(text);
    if (atEnd) pre.scrollTop = pre.scrollHeight;
  }, [text]);
  return (
    <div class={`stream stream-${output.value.name} ${tall && !all ? "tall" : ""}`}>
      <pre class="text" ref={box} tabIndex={tall ? 0 : -1} />
      {tall && (
        <button class="link" onClick={() => setAll(!all)}>{all ? "Show less" : "Show all"}</button>
      )}
    </div>
  );
}

function ErrorOutput({ output, goTo }: Props) {
  const o = output.value;
  const lines = o.traceback ?? [];
  const place = o.lathe;
  // The head says what went wrong; a traceback that starts with the same line need not.
  const trace = lines.join("\n").split("\n");
  const first = (trace[0] ?? "").replace(/\x1b\[[\d;]*m/g, "").trim();
  if (first === o.evalue?.trim() || first === `${o.ename}: ${o.evalue}`) trace.shift();
  const text = trace.join("\n");
  return (
    <div class="error" role="alert">
      <p class="error-head">
        <strong>{o.ename}</strong> <span>{o.evalue}</span>
        {place && (
          <button class="link" onClick={() => goTo(place)}>line {place.line}</button>
        )}
      </p>
      {text.trim() && <pre class="text" dangerouslySetInnerHTML={{ __html: ansiToHTML(text) }} />}
    </div>
  );
}

function Image({ mime, value, meta, alt }: { mime: string; value: string; meta?: JsonObject; alt: string }) {
  const src = mime === "image/svg+xml"
    ? "data:image/svg+xml;charset=utf-8," + encodeURIComponent(value)
    : `data:${mime};base64,${value.replace(/\s/g, "")}`;
  const size = (v: Json | undefined) => (typeof v === "number" ? v : undefined);
  return <img class={`image ${mime === "image/svg+xml" ? "" : "raster"}`} src={src} width={size(meta?.width)} height={size(meta?.height)} alt={alt} />;
}

const active = /<\s*(script|iframe|object|embed|form|style|link|meta)\b|\son\w+\s*=|javascript:/i;

/** HTML that only shows things is sanitised into the page; HTML that does things gets a sandbox. */
function HTML({ html }: { html: string }) {
  if (active.test(html)) return <Sandbox html={html} />;
  return <Fragment make={() => sanitize(html)} of={html} class="html" />;
}

function Sandbox({ html }: { html: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(120);
  useEffect(() => {
    const hear = (m: MessageEvent) => {
      const f = frame.current;
      if (!f || m.source !== f.contentWindow) return;
      const data = m.data as { ready?: boolean; height?: number };
      if (data.ready) f.contentWindow?.postMessage({ html }, "*");
      if (typeof data.height === "number") setHeight(Math.min(Math.max(data.height, 20), 2000));
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, [html]);
  return (
    <iframe class="sandbox" ref={frame} sandbox="allow-scripts" src={config.base + "sandbox"}
      style={{ height: height + "px" }} title="HTML output" referrerpolicy="no-referrer" />
  );
}

function Chart({ output }: { output: OutputModel }) {
  const box = useRef<HTMLDivElement>(null);
  const bundle = output.value.data?.[chartMime] as JsonObject | undefined;
  const height = typeof bundle?.height === "number" ? Math.min(Math.max(bundle.height, 80), 2000) : 360;
  useEffect(() => (box.current ? mountChart(box.current, output) : undefined), [output]);
  return <div class="chart" ref={box} style={{ height: height + "px" }} role="img"
    aria-label={String(output.value.data?.["text/plain"] ?? "chart")} />;
}

function Tree({ name, value, open = false }: { name?: string; value: Json; open?: boolean }) {
  const [shown, setShown] = useState(open);
  const [limit, setLimit] = useState(100);
  const label = name !== undefined && <span class="json-key">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return <div class="json-leaf">{label}<span class={`json-${typeof value}`}>{JSON.stringify(value)}</span></div>;
  }
  const entries = Object.entries(value);
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  return (
    <div class="json-node">
      <button class="json-toggle" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {label}{start}{shown ? "" : `… ${entries.length} ${entries.length === 1 ? "item" : "items"} ${end}`}
      </button>
      {shown && (
        <div class="json-items">
          {entries.slice(0, limit).map(([k, v]) => <Tree key={k} name={k} value={v} />)}
          {entries.length > limit && (
            <button class="link" onClick={() => setLimit(limit + 1000)}>{entries.length - limit} more</button>
          )}
        </div>
      )}
      {shown && <span>{end}</span>}
    </div>
  );
}
