// A tensor in the debugger: what it is, how its values are spread, a slice of them, where it came from.

import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Debugger } from "./debug";
import { Icon } from "./icons";
import { show } from "./margin";
import type { JsonObject } from "./protocol";

type Num = number | string;

interface Stats { min?: number; max?: number; mean?: number; std?: number; nan: number; inf: number; zero: number }
interface Grid { axes: number[]; index: number[]; rows: [number, number]; columns: [number, number]; values: Num[][] }
interface View {
  dtype: string; shape: number[]; strides: number[]; device: string; requiresGrad: boolean; numel: number; op?: string;
  stats: Stats; histogram?: { min: number; max: number; counts: number[] }; grid: Grid; grad?: View;
}
interface TapeNode { id: number; op: string; type: string; inputs: number[]; leaf?: boolean; more?: boolean; path?: string; line?: number; cell?: string; function?: string }

const span = 40; // rows and columns that are shown at a time

export function TensorView({ d }: { d: Debugger }): JSX.Element | null {
  const what = d.tensor.value!;
  const [view, setView] = useState<View | null>(null);
  const [tape, setTape] = useState<TapeNode[]>([]);
  const [error, setError] = useState("");
  const [tab, setTab] = useState<"values" | "gradient" | "image" | "origin">("values");
  const [axes, setAxes] = useState<number[] | null>(null);
  const [index, setIndex] = useState<number[]>([]);
  const [at, setAt] = useState<[number, number]>([0, 0]);
  useEffect(() => { setAxes(null); setIndex([]); setAt([0, 0]); setTab("values"); }, [what.expression]);
  const frame = d.frame.value?.id ?? 0;
  useEffect(() => {
    const count = tab === "image" ? 200 : span;
    const args: JsonObject = { expression: what.expression, frameId: frame, rows: [at[0], count], columns: [at[1], count], bins: 32 };
    if (axes) args.axes = axes;
    if (index.length > 0) args.index = index;
    void (async () => {
      try {
        if (tab === "origin") setTape((await d.request("latheTape", { expression: what.expression, frameId: frame, depth: 8 })).nodes as unknown as TapeNode[]);
        setView(await d.request("latheTensor", args) as unknown as View);
        setError("");
      } catch (e) {
        setError((e as Error).message);
      }
    })();
  }, [what, frame, d.moment.value, tab, axes, index, at]);
  const shown = tab === "gradient" ? view?.grad : view;
  return (
    <section class="tensor" data-tensor={what.expression}>
      <header>
        <b>{what.expression}</b>
        {view && <span class="tensor-type">{`${view.dtype} [${view.shape.join(" ")}] ${view.device}${view.requiresGrad ? " · requires grad" : ""}${view.op ? ` · ${view.op}` : ""}`}</span>}
        <button class="tool" aria-label="Close the tensor" onClick={() => { d.tensor.value = null; }}><Icon name="cross" size={12} /></button>
      </header>
      {error && <p class="debug-error">{error}</p>}
      {view && (
        <>
          <div class="tabs" role="tablist">
            {(["values", "image", "gradient", "origin"] as const).map((t) => (
              <button key={t} role="tab" aria-selected={tab === t} disabled={t === "gradient" && !view.grad} onClick={() => setTab(t)}>{t}</button>
            ))}
          </div>
          {tab === "origin" ? <Tape d={d} nodes={tape} /> : shown && (
            <>
              <StatsLine s={shown.stats} strides={shown.strides} />
              {shown.histogram && tab !== "image" && <Histogram h={shown.histogram} />}
              <Axes view={view} axes={axes ?? view.grid.axes} index={index.length > 0 ? index : view.grid.index} setAxes={setAxes} setIndex={setIndex} />
              {tab === "image" ? <Picture grid={shown.grid} stats={shown.stats} /> : <Values grid={shown.grid} stats={shown.stats} shape={view.shape} at={at} setAt={setAt} />}
            </>
          )}
        </>
      )}
    </section>
  );
}

function brief(v: Num | undefined): string {
  if (typeof v !== "number") return v === undefined ? "–" : v === "Infinity" ? "∞" : v === "-Infinity" ? "−∞" : String(v);
  if (Number.isInteger(v) && Math.abs(v) < 1e6) return String(v);
  const a = Math.abs(v);
  return a >= 1e5 || a < 1e-4 ? v.toExponential(2) : v.toPrecision(4);
}

function StatsLine({ s, strides }: { s: Stats; strides?: number[] }) {
  const bad = s.nan > 0 || s.inf > 0;
  return (
    <dl class="stats">
      {([["min", s.min], ["max", s.max], ["mean", s.mean], ["std", s.std]] as const).map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{brief(v)}</dd></div>)}
      <div class={bad ? "bad" : ""}><dt>NaN</dt><dd data-nan={s.nan}>{s.nan}</dd></div>
      <div class={bad ? "bad" : ""}><dt>Inf</dt><dd>{s.inf}</dd></div>
      <div><dt>zero</dt><dd>{s.zero}</dd></div>
      {strides && <div><dt>strides</dt><dd>{strides.join(" ") || "–"}</dd></div>}
    </dl>
  );
}

function Histogram({ h }: { h: { min: number; max: number; counts: number[] } }) {
  const most = Math.max(1, ...h.counts);
  return (
    <div class="histogram" title={`${brief(h.min)} … ${brief(h.max)}`}>
      <svg viewBox={`0 0 ${h.counts.length} 100`} preserveAspectRatio="none" aria-hidden="true">
        {h.counts.map((c, i) => <rect key={i} x={i + 0.08} width={0.84} y={100 - 100 * c / most} height={100 * c / most} />)}
      </svg>
      <span>{brief(h.min)}</span><span>{brief(h.max)}</span>
    </div>
  );
}

/** Which axes are rows and columns, and where the slice lies on the others. */
function Axes({ view, axes, index, setAxes, setIndex }: { view: View; axes: number[]; index: number[]; setAxes: (a: number[]) => void; setIndex: (i: number[]) => void }) {
  const { shape } = view;
  if (shape.length < 3) return null;
  const pick = (which: 0 | 1, axis: number) => {
    const next = [...axes];
    if (next[1 - which] === axis) next[1 - which] = axes[which];
    next[which] = axis;
    setAxes(next);
  };
  const select = (which: 0 | 1, label: string) => (
    <label>{label}
      <select value={String(axes[which])} aria-label={label} onChange={(e) => pick(which, Number(e.currentTarget.value))}>
        {shape.map((n, a) => <option key={a} value={String(a)}>{`axis ${a} (${n})`}</option>)}
      </select>
    </label>
  );
  return (
    <div class="axes">
      {select(0, "rows")}{select(1, "columns")}
      {shape.map((n, a) => (axes.includes(a) ? null : (
        <label key={a}>{`axis ${a}: ${index[a] ?? 0}`}
          <input type="range" min={0} max={Math.max(0, n - 1)} value={index[a] ?? 0} aria-label={`position on axis ${a}`}
            onInput={(e) => { const next = shape.map((_, k) => index[k] ?? 0); next[a] = Number(e.currentTarget.value); setIndex(next); }} />
        </label>
      )))}
    </div>
  );
}

/** The heat of a value between the extremes: blue below zero, red above. */
function heat(v: Num, s: Stats): string {
  if (typeof v !== "number") return "var(--bad)";
  const m = Math.max(Math.abs(s.min ?? 0), Math.abs(s.max ?? 0)) || 1;
  const p = Math.round(Math.min(1, Math.abs(v) / m) * 60);
  return `color-mix(in srgb, ${v < 0 ? "#3b6fd6" : "#d6553b"} ${p}%, transparent)`;
}

function Values({ grid, stats, shape, at, setAt }: { grid: Grid; stats: Stats; shape: number[]; at: [number, number]; setAt: (a: [number, number]) => void }) {
  const rows = grid.axes[0] >= 0 ? shape[grid.axes[0]] : 1;
  const cols = grid.axes[1] >= 0 ? shape[grid.axes[1]] : 1;
  const walk = (which: 0 | 1, total: number, label: string) => total > span && (
    <span class="walk">{label}
      <button class="tool" disabled={at[which] === 0} aria-label={`earlier ${label}`} onClick={() => { const n: [number, number] = [...at]; n[which] = Math.max(0, n[which] - span); setAt(n); }}>‹</button>
      {`${at[which]}–${Math.min(total, at[which] + span) - 1} of ${total}`}
      <button class="tool" disabled={at[which] + span >= total} aria-label={`later ${label}`} onClick={() => { const n: [number, number] = [...at]; n[which] += span; setAt(n); }}>›</button>
    </span>
  );
  return (
    <>
      <div class="walks">{walk(0, rows, "rows")}{walk(1, cols, "columns")}</div>
      <div class="values"><table>
        <thead><tr><th />{grid.values[0]?.map((_, j) => <th key={j}>{grid.columns[0] + j}</th>)}</tr></thead>
        <tbody>{grid.values.map((row, i) => (
          <tr key={i}><th>{grid.rows[0] + i}</th>{row.map((v, j) => <td key={j} title={String(v)} style={{ background: heat(v, stats) }}>{brief(v)}</td>)}</tr>
        ))}</tbody>
      </table></div>
    </>
  );
}

/** The slice as a grey picture between its extremes. */
function Picture({ grid, stats }: { grid: Grid; stats: Stats }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const h = grid.values.length, w = grid.values[0]?.length ?? 0;
  useEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx || w === 0) return;
    const lo = stats.min ?? 0, hi = stats.max ?? 1;
    const image = ctx.createImageData(w, h);
    grid.values.forEach((row, i) => row.forEach((v, j) => {
      const g = typeof v === "number" ? Math.round(255 * (v - lo) / (hi - lo || 1)) : 0;
      image.data.set(typeof v === "number" ? [g, g, g, 255] : [220, 40, 60, 255], 4 * (i * w + j));
    }));
    ctx.putImageData(image, 0, 0);
  }, [grid, stats]);
  return <canvas class="picture" ref={canvas} width={Math.max(1, w)} height={Math.max(1, h)} style={{ width: `${Math.min(340, Math.max(w, 1) * Math.max(1, Math.floor(340 / Math.max(w, 1))))}px` }} />;
}

/** The operators from which a value came, as a list with indents; a click shows the statement. */
function Tape({ d, nodes }: { d: Debugger; nodes: TapeNode[] }) {
  const byID = new Map(nodes.map((n) => [n.id, n]));
  const seen = new Set<number>();
  const rows: JSX.Element[] = [];
  const walk = (id: number, level: number) => {
    const n = byID.get(id);
    if (!n) return;
    const again = seen.has(id);
    seen.add(id);
    const cell = n.path ? d.cellOf(n.path) : "";
    rows.push(
      <li key={rows.length} style={{ paddingLeft: `${level * 12}px` }}>
        <button class="frame" disabled={!cell} onClick={() => show(cell, n.line ?? 1)}>
          <span>{n.leaf ? "leaf" : n.op}{again ? " (above)" : ""}{n.more ? " …" : ""}</span>
          <span class="where">{`${n.type}${n.line ? ` · line ${n.line}` : ""}`}</span>
        </button>
      </li>,
    );
    if (!again) for (const i of n.inputs) walk(i, level + 1);
  };
  if (nodes.length === 0) return <p class="debug-empty">The value has no history: nothing recorded its gradient.</p>;
  walk(nodes[0].id, 0);
  return <ul class="stack tape">{rows}</ul>;
}
