// The panel of the debugger: what to do, where the program is, what its variables hold.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { perform } from "./commands";
import type { Breakpoint, Debugger, Variable } from "./debug";
import { exporting } from "./exporting";
import { Icon, type IconName } from "./icons";
import { show } from "./margin";
import type { Session } from "./session";
import { TensorView } from "./tensor";

const page = 100; // elements that are asked for at a time

export function DebugPanel({ s }: { s: Session }): JSX.Element {
  const d = s.debug;
  return (
    <aside class="debugger" aria-label="Debugger" data-debug={d.state.value}>
      <Controls d={d} />
      {d.reason.value && <p class="why" role="status">{d.reason.value}</p>}
      {d.tensor.value && <TensorView d={d} />}
      <Section name="Variables">
        {d.scopes.value.length > 0
          ? d.scopes.value.map((c, i) => <ScopeView key={`${d.moment.value} ${c.name}`} d={d} name={c.name} refs={c.ref} open={i === 0} />)
          : <Rows d={d} vars={d.globals.value} parent={0} level={0} empty={d.state.value === "attaching" ? "Attaching…" : "Nothing is defined yet."} />}
      </Section>
      <Section name="Watch"><Watches d={d} /></Section>
      {d.paused.value && <Section name="Call stack"><Stack d={d} /></Section>}
      <Section name="Breakpoints"><Breakpoints s={s} /></Section>
      <Section name="Console" shut><Console d={d} /></Section>
    </aside>
  );
}

function Section({ name, shut, children }: { name: string; shut?: boolean; children: ComponentChildren }) {
  const [open, setOpen] = useState(!shut);
  return (
    <section class="debug-section" data-section={name}>
      <h3><button aria-expanded={open} onClick={() => setOpen(!open)}>{name}</button></h3>
      {open && children}
    </section>
  );
}

function Controls({ d }: { d: Debugger }) {
  const paused = d.paused.value;
  const button = (id: string, icon: IconName, title: string, on: boolean) => (
    <button class="button quiet" title={title} aria-label={title} data-command={id} disabled={!on}
      onMouseDown={(e) => e.preventDefault()} onClick={() => perform(id)}><Icon name={icon} /></button>
  );
  return (
    <div class="debug-controls" role="toolbar" aria-label="Debugger">
      {paused ? button("debug-continue", "resume", "Continue (F8)", true) : button("debug-pause", "pause", "Pause (Shift F8)", d.state.value === "running")}
      {button("debug-over", "over", "Step over (F10)", paused)}
      {button("debug-into", "into", "Step into (F11)", paused)}
      {button("debug-out", "out", "Step out (Shift F11)", paused)}
      <span class="debug-state">{{ off: "", attaching: "Attaching", running: "Running", paused: "Paused" }[d.state.value]}</span>
      <button class="button quiet" title="Detach the debugger" aria-label="Detach the debugger" onClick={() => void d.leave()}><Icon name="cross" /></button>
    </div>
  );
}

function ScopeView({ d, name, refs, open }: { d: Debugger; name: string; refs: number; open: boolean }) {
  const [is, set] = useState(open);
  return (
    <div class="scope">
      <button class="scope-name" aria-expanded={is} onClick={() => set(!is)}>{name}</button>
      {is && <Children d={d} refs={refs} count={0} level={0} parent="" />}
    </div>
  );
}

/** The variables behind a reference, a page at a time. */
function Children({ d, refs, count, level, parent }: { d: Debugger; refs: number; count: number; level: number; parent: string }) {
  const [vars, setVars] = useState<Variable[] | null>(null);
  const [error, setError] = useState("");
  const more = async (start: number, before: Variable[]) => {
    try {
      const next = count > page ? await d.variables(refs, start, page, parent) : await d.variables(refs, 0, 0, parent);
      setVars([...before, ...next]);
    } catch (e) {
      setError((e as Error).message);
    }
  };
  useEffect(() => { void more(0, []); }, [refs, d.moment.value]);
  if (error) return <p class="debug-error">{error}</p>;
  if (!vars) return null;
  return (
    <>
      <Rows d={d} vars={vars} parent={refs} level={level} empty="" />
      {count > vars.length && count > page && <button class="link more" onClick={() => void more(vars.length, vars)}>{`${vars.length} of ${count}: more`}</button>}
    </>
  );
}

function Rows({ d, vars, parent, level, empty }: { d: Debugger; vars: Variable[]; parent: number; level: number; empty: string }) {
  if (vars.length === 0) return empty ? <p class="debug-empty">{empty}</p> : null;
  return <ul class="vars">{vars.map((v) => <Row key={v.name} d={d} v={v} parent={parent} level={level} />)}</ul>;
}

function Row({ d, v, parent, level }: { d: Debugger; v: Variable; parent: number; level: number }) {
  const [open, setOpen] = useState(false);
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState("");
  const save = async (text: string) => {
    setEditing(false);
    if (text === v.value) return;
    try {
      await d.setVariable(parent, v.name, text);
      setError("");
    } catch (e) {
      setError((e as Error).message);
    }
  };
  return (
    <li data-variable={v.name}>
      <div class="var" style={{ paddingLeft: `${6 + level * 13}px` }}>
        {v.ref > 0
          ? <button class="twist" aria-expanded={open} aria-label={`Show the parts of ${v.name}`} onClick={() => setOpen(!open)} />
          : <span class="twist none" />}
        <span class="var-name">{v.name}</span>
        {editing
          ? <Field text={v.value} save={(t) => void save(t)} focus />
          : <span class="var-value" title={`${v.type}${d.paused.value && parent > 0 ? "\nDouble-click to change" : ""}`}
            onDblClick={() => { if (d.paused.value && parent > 0) setEditing(true); }}>{v.value}</span>}
        {v.tensor && (
          <button class="tool" title="Look at the tensor" aria-label={`Look at the tensor ${v.name}`}
            onClick={() => { d.tensor.value = { expression: v.expression, frame: d.frame.value?.id ?? 0 }; }}><Icon name="grid" size={14} /></button>
        )}
        {v.module && (
          <button class="tool" title="Export to graph mode" aria-label={`Export ${v.name} to graph mode`}
            onClick={() => { exporting.value = v.expression; }}><Icon name="export" size={14} /></button>
        )}
        {(v.tensor || v.module) && (
          <button class="tool" title="Stop when a gradient reaches it" aria-label={`Stop when a gradient reaches ${v.name}`}
            onClick={() => void d.stopAtGradient(v.expression)}><Icon name="gradient" size={14} /></button>
        )}
      </div>
      {error && <p class="debug-error">{error}</p>}
      {open && <Children d={d} refs={v.ref} count={v.indexed || v.named} level={level + 1} parent={v.expression} />}
    </li>
  );
}

function Field({ text, save, placeholder, focus }: { text: string; save: (text: string) => void; placeholder?: string; focus?: boolean }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!focus) return;
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <input class="debug-field" ref={field} defaultValue={text} placeholder={placeholder} spellcheck={false}
      onKeyDown={(e) => {
        if (e.key === "Enter") save(e.currentTarget.value);
        if (e.key === "Escape") save(text);
      }} onBlur={(e) => save(e.currentTarget.value)} />
  );
}

function Watches({ d }: { d: Debugger }) {
  const [text, setText] = useState("");
  return (
    <>
      <ul class="vars">
        {d.watches.value.map((w, i) => (
          <li key={`${i} ${w.expression}`} data-watch={w.expression}>
            <div class="var">
              <span class="var-name">{w.expression}</span>
              <span class={w.error ? "var-value bad" : "var-value"} title={w.error || w.result?.type}>{w.error || w.result?.value || "·"}</span>
              {w.result?.tensor && (
                <button class="tool" title="Look at the tensor" aria-label={`Look at the tensor ${w.expression}`}
                  onClick={() => { d.tensor.value = { expression: w.expression, frame: d.frame.value?.id ?? 0 }; }}><Icon name="grid" size={14} /></button>
              )}
              <button class="tool" title="Remove" aria-label={`Stop watching ${w.expression}`} onClick={() => d.unwatch(i)}><Icon name="cross" size={12} /></button>
            </div>
          </li>
        ))}
      </ul>
      <form class="debug-add" onSubmit={(e) => { e.preventDefault(); if (text.trim()) d.watch(text.trim()); setText(""); }}>
        <input value={text} placeholder="Expression to watch" aria-label="Expression to watch" spellcheck={false} onInput={(e) => setText(e.currentTarget.value)} />
      </form>
    </>
  );
}

function Stack({ d }: { d: Debugger }) {
  const threads = d.threads.value;
  return (
    <>
      {threads.length > 1 && (
        <select class="threads" aria-label="Goroutine" value={String(d.thread.value)} onChange={(e) => void d.show(Number(e.currentTarget.value))}>
          {threads.map((t) => <option key={t.id} value={String(t.id)}>{t.name}</option>)}
        </select>
      )}
      <ul class="stack">
        {d.frames.value.map((f) => (
          <li key={f.id} class="frame-row">
            <button class={f.id === d.frame.value?.id ? "frame chosen" : "frame"} onClick={() => { void d.choose(f); if (f.cell) show(f.cell, f.line); }}>
              <span>{f.name}</span><span class="where">{f.cell ? `line ${f.line}` : `${f.path.split("/").at(-1) ?? ""} ${f.line}`}</span>
            </button>
            <button class="tool" title="Run this function again from its beginning" aria-label={`Run ${f.name} again`} onClick={() => void d.restartFrame(f)}><Icon name="restart" size={13} /></button>
          </li>
        ))}
      </ul>
      {d.frame.value && !d.frame.value.cell && <SourceView key={d.frame.value.path} d={d} path={d.frame.value.path} line={d.frame.value.line} />}
    </>
  );
}

/** Code that is in no cell: of a package, or of a cell as it was when it ran. */
function SourceView({ d, path, line }: { d: Debugger; path: string; line: number }) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const here = useRef<HTMLElement>(null);
  useEffect(() => { void d.source(path).then(setText, (e: Error) => setError(e.message)); }, [path]);
  useEffect(() => { here.current?.scrollIntoView({ block: "center" }); }, [text, line]);
  if (error) return <p class="debug-error">{error}</p>;
  if (!text) return null;
  return (
    <figure class="source-view" data-path={path}>
      <figcaption title={path}>{path.split("/").at(-1)}</figcaption>
      <pre>{text.split("\n").map((code, i) => (i + 1 === line
        ? <mark key={i} ref={here} data-line={line}>{code + "\n"}</mark>
        : <span key={i}>{code + "\n"}</span>))}</pre>
    </figure>
  );
}

function Breakpoints({ s }: { s: Session }) {
  const d = s.debug;
  const [name, setName] = useState("");
  const cells = s.notebook.cells.value;
  return (
    <>
      {d.filters.value.map((f) => (
        <div class="filter-row" key={f.filter}>
          <label title={f.description}><input type="checkbox" checked={f.on} data-filter={f.filter} onChange={(e) => void d.setFilter(f.filter, { on: e.currentTarget.checked })} />{f.label}</label>
          {f.condition && f.on && <Field text={f.value} placeholder="value" save={(value) => void d.setFilter(f.filter, { value })} />}
        </div>
      ))}
      <div class="filter-row">
        <label title="Packages of this notebook's module, of a vendor folder and of the module cache, imported from now on">
          <input type="checkbox" checked={!d.onlyCells.value} onChange={(e) => void d.setOnlyCells(!e.currentTarget.checked)} />Step into imported packages</label>
      </div>
      <ul class="points">
        {cells.flatMap((c) => (d.breakpoints.value[c.id] ?? []).map((p) => (
          <Point key={`${c.id} ${p.line}`} d={d} cell={c.id} p={p} code={c.source.value.split("\n")[p.line - 1] ?? ""} />
        )))}
        {d.gradients.value.map((g) => (
          <li key={`g${g.id}`} data-gradient={g.expression}><div class="var"><Icon name="gradient" size={13} /><span class="var-name">gradient of {g.expression}</span>
            <span class="where">{g.tensors === 1 ? "1 tensor" : `${g.tensors} tensors`}</span>
            <button class="tool" aria-label={`No longer stop at the gradient of ${g.expression}`} onClick={() => void d.clearGradient(g.id)}><Icon name="cross" size={12} /></button></div></li>
        ))}
        {d.functions.value.map((f) => (
          <li key={f}><div class="var"><span class="var-name">func {f}</span>
            <button class="tool" aria-label={`Remove ${f}`} onClick={() => void d.setFunctions(d.functions.value.filter((g) => g !== f))}><Icon name="cross" size={12} /></button></div></li>
        ))}
      </ul>
      <form class="debug-add" onSubmit={(e) => { e.preventDefault(); if (name.trim()) void d.setFunctions([...d.functions.value, name.trim()]); setName(""); }}>
        <input value={name} placeholder="Stop in function (f or Type.Method)" aria-label="Stop in function" spellcheck={false} onInput={(e) => setName(e.currentTarget.value)} />
      </form>
    </>
  );
}

function Point({ d, cell, p, code }: { d: Debugger; cell: string; p: Breakpoint; code: string }) {
  const [open, setOpen] = useState(false);
  const part = (what: "condition" | "hit" | "log", label: string, placeholder: string) => (
    <label class="point-part">{label}
      <input defaultValue={p[what] ?? ""} placeholder={placeholder} aria-label={label} spellcheck={false}
        onKeyDown={(e) => { if (e.key === "Enter") e.currentTarget.blur(); }}
        onBlur={(e) => { if (e.currentTarget.value !== (p[what] ?? "")) d.edit(cell, p.line, { [what]: e.currentTarget.value }); }} />
    </label>
  );
  return (
    <li data-point={`${cell}:${p.line}`}>
      <div class="var">
        <input type="checkbox" checked={!p.off} aria-label={`Breakpoint at line ${p.line}`} onChange={(e) => d.edit(cell, p.line, { off: !e.currentTarget.checked })} />
        <button class="point-code" title={p.note || "Show"} onClick={() => show(cell, p.line)}><b>{p.line}</b> {code.trim()}</button>
        <button class="tool" title="Condition, hits, log" aria-label={`Edit the breakpoint at line ${p.line}`} aria-expanded={open} onClick={() => setOpen(!open)}><Icon name="edit" size={13} /></button>
        <button class="tool" title="Remove" aria-label={`Remove the breakpoint at line ${p.line}`} onClick={() => d.flip(cell, p.line)}><Icon name="cross" size={12} /></button>
      </div>
      {p.note && <p class="debug-note">{p.note}</p>}
      {open && (
        <div class="point-parts">
          {part("condition", "Condition", "step == 10 && loss.Item() > 0.1")}
          {part("hit", "Hits", "5, >= 5, % 10")}
          {part("log", "Log", "loss is {loss.Item()}")}
        </div>
      )}
    </li>
  );
}

function Console({ d }: { d: Debugger }) {
  const [text, setText] = useState("");
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => { box.current?.scrollTo(0, box.current.scrollHeight); }, [d.log.value]);
  return (
    <>
      <pre class="console" ref={box}>{d.log.value.map((l, i) => <span key={i} class={`log-${l.kind}`}>{l.text}</span>)}</pre>
      <form class="debug-add" onSubmit={(e) => { e.preventDefault(); if (text.trim()) void d.repl(text); setText(""); }}>
        <input value={text} placeholder="Evaluate in the frame" aria-label="Evaluate in the frame" spellcheck={false} onInput={(e) => setText(e.currentTarget.value)} />
      </form>
    </>
  );
}
