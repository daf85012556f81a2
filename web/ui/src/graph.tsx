// A graph of operators: boxes and arrows to zoom and pan, and what is known of the chosen one.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { curve, layOut } from "./layout";
import type { JsonObject } from "./protocol";

interface Box {
  id: number; kind: string; title: string; type?: string; attrs?: string; lines?: string[]; reads?: string[]; source?: string; micros?: number;
}
interface Pane { name: string; note?: string; boxes: Box[]; arrows: { from: number; to: number; type: string }[]; micros?: number }
interface View { x: number; y: number; scale: number }

const list = <T,>(v: unknown): T[] => (Array.isArray(v) ? v as T[] : []);
const tall = 460; // of the frame
const most = 5000; // boxes that are drawn

export function GraphView({ data }: { data: JsonObject }): JSX.Element {
  const panes = list<Pane>(data.panes);
  const [at, setAt] = useState(0);
  const [text, setText] = useState(false);
  const pane = panes[Math.min(at, panes.length - 1)];
  return (
    <figure class="graph" data-graph={String(data.title ?? "")} onKeyDown={(e) => e.stopPropagation()}>
      <figcaption>
        <b>{String(data.title ?? "")}</b>
        {panes.length > 1 && (
          <span class="tabs" role="tablist">
            {panes.map((p, i) => <button key={i} role="tab" aria-selected={i === at} onClick={() => setAt(i)}>{p.name}</button>)}
          </span>
        )}
        {typeof data.text === "string" && <button class="link" aria-expanded={text} onClick={() => setText(!text)}>{text ? "Hide report" : "Report"}</button>}
      </figcaption>
      {text && <pre class="text">{String(data.text)}</pre>}
      {pane?.note && <p class="graph-note">{pane.note}</p>}
      {pane && (list(pane.boxes).length > most
        ? <p class="notice">{`${pane.boxes.length} boxes are too many to draw.`}</p>
        : <Drawing key={at} pane={pane} />)}
    </figure>
  );
}

const width = (b: Box) => Math.min(240, Math.max(72, 8.1 * Math.max(b.title.length, 0.82 * (b.type ?? "").length, ...list<string>(b.lines).map((l) => l.length)) + 26));
const height = (b: Box) => 26 + (b.type ? 15 : 0) + 15 * list(b.lines).length + (b.micros ? 4 : 0);

function Drawing({ pane }: { pane: Pane }) {
  const plan = useMemo(() => layOut(
    pane.boxes.map((b) => ({ width: width(b), height: height(b) })), pane.arrows.map((a) => [a.from, a.to])), [pane]);
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>({ width: 700, height: tall });
  const [view, setView] = useState<View | null>(null);
  const [chosen, setChosen] = useState(-1);
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box) return undefined;
    const see = () => setSize({ width: box.clientWidth || 700, height: box.clientHeight || tall });
    see();
    const watch = new ResizeObserver(see);
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  const whole = fit(plan, size);
  const now = view ?? start(plan, size, whole);
  const zoom = (by: number, x = size.width / 2, y = size.height / 2) => {
    const scale = Math.min(3, Math.max(Math.min(whole.scale, 0.1), now.scale * by));
    const k = scale / now.scale;
    setView({ scale, x: x - (x - now.x) * k, y: y - (y - now.y) * k });
  };
  usePanZoom(frame, now, zoom, setView);
  const keys = (e: KeyboardEvent) => {
    const step: { [k: string]: () => void } = {
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": () => setView(whole),
      ArrowLeft: () => setView({ ...now, x: now.x + 60 }), ArrowRight: () => setView({ ...now, x: now.x - 60 }),
      ArrowUp: () => setView({ ...now, y: now.y + 60 }), ArrowDown: () => setView({ ...now, y: now.y - 60 }),
      Escape: () => setChosen(-1),
    };
    if (e.ctrlKey || e.metaKey || e.altKey || !(e.key in step)) return;
    e.preventDefault();
    step[e.key]();
  };
  return (
    <div class="graph-body">
      <div class="graph-frame" ref={frame} tabIndex={0} role="application" aria-label="Graph: arrows move, + and - zoom, 0 shows all" onKeyDown={keys}
        style={{ height: `${Math.min(tall, Math.max(120, plan.height + 40))}px` }} data-scale={now.scale.toFixed(3)} data-boxes={pane.boxes.length}>
        <svg width={size.width} height={size.height}>
          <g transform={`translate(${now.x.toFixed(1)} ${now.y.toFixed(1)}) scale(${now.scale.toFixed(4)})`}>
            {plan.arrows.map((p, i) => <path key={i} class={chosen >= 0 && (pane.arrows[i].from === chosen || pane.arrows[i].to === chosen) ? "arrow lit" : "arrow"} d={curve(p)}><title>{pane.arrows[i].type}</title></path>)}
            {pane.boxes.map((b, i) => <BoxView key={i} b={b} x={plan.boxes[i].x} y={plan.boxes[i].y} share={pane.micros ? (b.micros ?? 0) / pane.micros : 0} chosen={i === chosen} choose={() => setChosen(i === chosen ? -1 : i)} />)}
          </g>
        </svg>
        <div class="graph-tools">
          <button class="button quiet" aria-label="Zoom in" title="Zoom in (+, Ctrl and wheel)" onClick={() => zoom(1.25)}>+</button>
          <button class="button quiet" aria-label="Zoom out" title="Zoom out (-)" onClick={() => zoom(0.8)}>−</button>
          <button class="button quiet" aria-label="Show all" title="Show all (0)" onClick={() => setView(whole)}>All</button>
        </div>
      </div>
      {chosen >= 0 && <Details pane={pane} b={pane.boxes[chosen]} close={() => setChosen(-1)} />}
    </div>
  );
}

/** The view of everything. */
function fit(plan: { width: number; height: number }, size: { width: number; height: number }): View {
  const scale = Math.min(1.2, (size.width - 24) / Math.max(1, plan.width), (size.height - 24) / Math.max(1, plan.height));
  return { scale, x: (size.width - plan.width * scale) / 2, y: (size.height - plan.height * scale) / 2 };
}

/** Everything, or the upper end where letters would be too small to read. */
function start(plan: { width: number; height: number }, size: { width: number; height: number }, whole: View): View {
  if (whole.scale > 0.55) return whole;
  const scale = Math.max(0.55, Math.min(1, (size.width - 24) / Math.max(1, plan.width)));
  return { scale, x: (size.width - plan.width * scale) / 2, y: 12 };
}

function usePanZoom(frame: { current: HTMLDivElement | null }, now: View, zoom: (by: number, x: number, y: number) => void, setView: (v: View) => void) {
  const live = useRef({ now, zoom, setView });
  live.current = { now, zoom, setView };
  useEffect(() => {
    const box = frame.current!;
    const wheel = (e: WheelEvent) => { // the page scrolls unless the graph is meant
      if (!e.ctrlKey && !e.metaKey && document.activeElement !== box) return;
      e.preventDefault();
      const r = box.getBoundingClientRect();
      live.current.zoom(Math.exp(-e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015)), e.clientX - r.left, e.clientY - r.top);
    };
    const down = (e: PointerEvent) => {
      if (e.button !== 0 || (e.target as Element).closest("button")) return;
      const from = live.current.now;
      let moved = false;
      const move = (m: PointerEvent) => {
        if (!moved && Math.hypot(m.clientX - e.clientX, m.clientY - e.clientY) < 4) return;
        moved = true;
        live.current.setView({ ...from, x: from.x + m.clientX - e.clientX, y: from.y + m.clientY - e.clientY });
      };
      const up = () => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", up);
        removeEventListener("pointercancel", up);
        if (!moved) return;
        const eat = (c: Event) => c.stopPropagation(); // the click that ends a drag chooses nothing
        box.addEventListener("click", eat, { capture: true });
        setTimeout(() => box.removeEventListener("click", eat, { capture: true }));
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", up);
      addEventListener("pointercancel", up);
    };
    box.addEventListener("wheel", wheel, { passive: false });
    box.addEventListener("pointerdown", down);
    return () => {
      box.removeEventListener("wheel", wheel);
      box.removeEventListener("pointerdown", down);
    };
  }, []);
}

const duration = (micros: number) => (micros >= 1000 ? `${(micros / 1000).toFixed(2)} ms` : `${micros.toFixed(1)} µs`);

function BoxView({ b, x, y, share, chosen, choose }: { b: Box; x: number; y: number; share: number; chosen: boolean; choose: () => void }) {
  const w = width(b);
  const h = height(b);
  const lines = list<string>(b.lines);
  return (
    <g class={`box box-${b.kind}${chosen ? " chosen" : ""}`} transform={`translate(${(x - w / 2).toFixed(1)} ${(y - h / 2).toFixed(1)})`} data-box={b.title} onClick={choose}>
      <title>{[b.title + (b.attrs ?? ""), b.type, ...list<string>(b.reads), b.micros ? duration(b.micros) : ""].filter(Boolean).join("\n")}</title>
      <rect width={w} height={h} rx={b.kind === "input" || b.kind === "output" ? h / 2 : 6} />
      {share > 0 && <rect class="heat" width={w} height={h} rx={6} style={{ opacity: Math.min(0.75, 0.06 + share * 1.4) }} />}
      <text class="box-title" x={w / 2} y={18}>{clip(b.title, w)}</text>
      {lines.map((l, i) => <text key={i} class="box-line" x={w / 2} y={33 + 15 * i}>{l}</text>)}
      {b.type && <text class="box-type" x={w / 2} y={32 + 15 * lines.length}>{clip(b.type, w * 1.2)}</text>}
      {share > 0 && <rect class="share" y={h - 3} width={Math.max(2, w * share)} height={3} />}
    </g>
  );
}

const clip = (text: string, room: number) => {
  const n = Math.floor((room - 12) / 7.4);
  return text.length > n ? text.slice(0, Math.max(1, n - 1)) + "…" : text;
};

function Details({ pane, b, close }: { pane: Pane; b: Box; close: () => void }) {
  const row = (name: string, value: string | undefined) => (value ? <div><dt>{name}</dt><dd>{value}</dd></div> : null);
  const from = pane.arrows.filter((a) => a.to === b.id).map((a) => `${pane.boxes[a.from].title} ${a.type}`);
  return (
    <dl class="graph-details" data-details={b.title}>
      <header><b>{b.title}</b><button class="link" onClick={close}>Close</button></header>
      {row("result", b.type)}
      {row("parameters", b.attrs?.trim())}
      {row("of values", from.join("\n"))}
      {row("of weights", list<string>(b.reads).join("\n"))}
      {row("does", list<string>(b.lines).join(" → "))}
      {row("time", b.micros ? `${duration(b.micros)}${pane.micros ? `, ${(100 * b.micros / pane.micros).toFixed(1)} %` : ""}` : "")}
      {row("called in", b.source)}
    </dl>
  );
}
