// One cell: prompt, source (static until it is edited), outputs, and what appears on hover.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { EditorView } from "@codemirror/view";
import { insertAt, perform, showPlace } from "./commands";
import { createEditor, goTo } from "./editor";
import { highlightGo } from "./highlight";
import { Icon, type IconName } from "./icons";
import { Margin } from "./margin";
import { renderMarkdown } from "./markdown";
import type { CellModel } from "./model";
import { OutputView } from "./outputs";
import type { Session } from "./session";
import { showLineNumbers } from "./settings";
import { edit, editRequest, mode, select, selected, selection } from "./ui";

interface Props {
  cell: CellModel;
  session: Session;
}

const near = new Map<Element, (visible: boolean) => void>();
const observer = new IntersectionObserver((entries) => {
  for (const e of entries) if (e.isIntersecting) near.get(e.target)?.(true);
}, { rootMargin: "1200px" });

/** True once the element has been close to the window: what is far away is not worth rendering. */
function useNear(ref: { current: Element | null }): boolean {
  const [is, set] = useState(false);
  useEffect(() => {
    const el = ref.current;
    if (!el || is) return undefined;
    near.set(el, set);
    observer.observe(el);
    return () => {
      near.delete(el);
      observer.unobserve(el);
    };
  }, [is]);
  return is;
}

export function CellView({ cell, session }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const rendered = useNear(box);
  const active = selected.value === cell.id;
  const marked = selection.value.length > 1 && selection.value.includes(cell);
  const type = cell.type.value;
  const meta = cell.metadata.value;
  const hidden = type === "code" && Boolean((meta.jupyter as { source_hidden?: boolean } | undefined)?.source_hidden);
  const classes = ["cell", `cell-${type}`, active && "selected", marked && "marked",
    active && mode.value === "edit" && "editing", cell.status.value && `is-${cell.status.value}`];
  const press = (e: MouseEvent) => {
    const target = e.target as Element;
    if (target.closest(".source, button, a, input, iframe, .cm-editor")) return;
    if (e.shiftKey) select(cell.id, { extend: true, scroll: false });
    else if (selected.value !== cell.id || mode.value === "edit") {
      if (target.closest(".outputs, .prose")) { selected.value = cell.id; mode.value = "command"; } else select(cell.id, { scroll: false });
    }
  };
  return (
    <section class={classes.filter(Boolean).join(" ")} data-cell={cell.id} tabIndex={-1} ref={box}
      aria-label={`${type} cell`} onMouseDown={press}>
      <div class="rail" />
      <Gutter cell={cell} rendered={rendered} />
      <div class="body" style={{ containIntrinsicSize: `auto 600px auto ${height(cell)}px` }}>
        {hidden
          ? <button class="collapsed" onClick={() => { select(cell.id); perform("toggle-source"); }}>Code hidden <Icon name="more" /></button>
          : <Source cell={cell} session={session} rendered={rendered} />}
        {type === "code" && <Outputs cell={cell} session={session} rendered={rendered} />}
      </div>
      {active && <Tools cell={cell} />}
      {rendered && <InsertBar cell={cell} session={session} />}
    </section>
  );
}

function Gutter({ cell, rendered }: { cell: CellModel; rendered: boolean }) {
  if (cell.type.value !== "code") return <div class="gutter" />;
  const status = cell.status.value;
  const label = status === "running" ? "Interrupt" : "Run cell";
  return (
    <div class="gutter">
      {rendered && <button class="run" title={label} aria-label={label} tabIndex={-1} onClick={() => {
        select(cell.id, { scroll: false });
        perform(status === "running" ? "interrupt" : "run-in-place");
      }}><Icon name={status === "running" ? "stop" : "run"} size={14} /></button>}
      <span class="count">{status === "running" ? <span class="spinner" /> : status === "queued" ? "[·]" : cell.count.value > 0 ? `[${cell.count.value}]` : "[ ]"}</span>
    </div>
  );
}

function Source({ cell, session, rendered }: Props & { rendered: boolean }) {
  const type = cell.type.value;
  if (type === "markdown" && !cell.editing.value && cell.source.value.trim() !== "") {
    return <MarkdownView cell={cell} rendered={rendered} />;
  }
  return <SourceEditor key={type} cell={cell} session={session} rendered={rendered} />;
}

function MarkdownView({ cell, rendered }: { cell: CellModel; rendered: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const source = cell.source.value;
  useLayoutEffect(() => {
    if (rendered) box.current?.replaceChildren(renderMarkdown(source, cell.attachments));
    else if (box.current) box.current.textContent = source;
  }, [source, rendered]);
  return (
    <div class={rendered ? "prose rendered" : "prose pending"} ref={box} onDblClick={(e) => {
      e.preventDefault();
      cell.editing.value = true;
      edit(cell.id);
    }} />
  );
}

/** Static text until somebody wants to edit; then CodeMirror for the life of the component. */
function SourceEditor({ cell, session, rendered }: Props & { rendered: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const [live, setLive] = useState(false);
  const view = useRef<EditorView | null>(null);
  const mount = () => {
    if (!view.current && host.current) {
      host.current.replaceChildren();
      view.current = createEditor(host.current, cell, session, () => {
        if (selected.value !== cell.id || mode.value !== "edit") {
          edit(cell.id);
        }
      });
      setLive(true);
    }
    return view.current;
  };
  useEffect(() => () => { view.current?.destroy(); view.current = null; }, []);
  const request = editRequest.value;
  useLayoutEffect(() => {
    if (request?.id !== cell.id) return;
    editRequest.value = null;
    const v = mount();
    if (!v) return;
    if (request.line) goTo(v, request.line, request.column);
    else if (request.end) v.dispatch({ selection: { anchor: v.state.doc.length } });
    if (!v.hasFocus) v.focus();
  }, [request]);
  const press = (e: MouseEvent) => {
    e.stopPropagation(); // mounting removes the target, which the cell would take for outside
    if (view.current || e.button !== 0) return;
    e.preventDefault();
    const v = mount();
    const at = v?.posAtCoords({ x: e.clientX, y: e.clientY });
    edit(cell.id);
    if (v && at !== null && at !== undefined) v.dispatch({ selection: { anchor: at } });
  };
  return (
    <div class={cell.type.value === "code" && session.debug.state.value !== "off" ? "code-box debugging" : "code-box"}>
      <div class={live ? "source live" : "source"} ref={host} onMouseDown={press}>
        {!live && <StaticSource cell={cell} rendered={rendered} />}
      </div>
      {cell.type.value === "code" && rendered && <Margin cell={cell} debug={session.debug} />}
    </div>
  );
}

function StaticSource({ cell, rendered }: { cell: CellModel; rendered: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  const source = cell.source.value;
  const code = cell.type.value === "code";
  useLayoutEffect(() => {
    if (rendered && code) box.current?.replaceChildren(highlightGo(source), "\n");
    else if (box.current) box.current.textContent = source + "\n";
  }, [source, rendered, code]);
  const lines = source.split("\n").length;
  return (
    <div class="static">
      {showLineNumbers.value && code && (
        <pre class="numbers" aria-hidden="true">{Array.from({ length: lines }, (_, i) => i + 1).join("\n")}</pre>
      )}
      <pre class={code ? "" : "wrap"} ref={box} />
    </div>
  );
}

function Outputs({ cell, session, rendered }: Props & { rendered: boolean }) {
  const outputs = cell.outputs.value;
  const collapsed = Boolean(cell.metadata.value.collapsed);
  const prompt = session.prompt.value?.cell === cell.id ? session.prompt.value : null;
  const status = cell.status.value;
  if (outputs.length === 0 && !prompt && !status) return null;
  const toggle = () => { select(cell.id, { scroll: false }); perform("toggle-output"); };
  return (
    <div class="result">
      {outputs.length > 0 && (collapsed
        ? <button class="collapsed" onClick={toggle}>{outputs.length === 1 ? "Output" : `${outputs.length} outputs`} hidden <Icon name="more" /></button>
        : (
          <div class="outputs">
            <button class="fold" title="Collapse the outputs" aria-label="Collapse the outputs" tabIndex={-1} onClick={toggle} />
            {rendered
              ? outputs.map((o, i) => (
                <OutputView key={o.key} output={o} cell={cell} index={i} path={session.path}
                  goTo={(p) => showPlace(p.cell || cell.id, p.line, p.column)} />
              ))
              : <div style={{ height: `${estimate(cell)}px` }} />}
          </div>
        ))}
      {prompt && <InputPrompt session={session} text={prompt.prompt} password={prompt.password} />}
      <RunNote cell={cell} />
    </div>
  );
}

/** A guess of the height of a cell that is not laid out yet. */
function height(cell: CellModel): number {
  const text = cell.source.peek().split("\n").length * 20 + 20;
  return text + (cell.outputs.peek().length > 0 ? estimate(cell) + 10 : 0);
}

/** A guess of the height of outputs that are not rendered yet. */
function estimate(cell: CellModel): number {
  let h = 0;
  for (const { value: o } of cell.outputs.value) {
    h += o.text !== undefined ? Math.min(o.text.split("\n", 31).length * 20, 620) : o.data && !("text/plain" in o.data && Object.keys(o.data).length === 1) ? 340 : 48;
  }
  return h;
}

function InputPrompt({ session, text, password }: { session: Session; text: string; password: boolean }) {
  const [value, setValue] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form class="stdin" onSubmit={(e) => { e.preventDefault(); session.answer(value); }}>
      <label>{text || "Input"}
        {password
          ? <input ref={field} type="password" value={value} autocomplete="off" onInput={(e) => setValue(e.currentTarget.value)} />
          : <input ref={field} value={value} autocomplete="off" onInput={(e) => setValue(e.currentTarget.value)} />}
      </label>
      <button class="button">Enter</button>
    </form>
  );
}

function duration(ms: number): string {
  if (ms < 1) return "< 1 ms";
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const min = Math.floor(ms / 60_000);
  return `${min} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

function RunNote({ cell }: { cell: CellModel }) {
  const status = cell.status.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (status !== "running") return undefined;
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [status]);
  const text: { [s: string]: string } = {
    running: duration(Math.max(0, Math.floor((now - cell.started.value) / 100) * 100)),
    queued: "waiting", ok: duration(cell.elapsed.value), error: duration(cell.elapsed.value),
    aborted: "not run: a cell before it failed or was interrupted", lost: "the kernel ended while this cell ran",
  };
  if (!text[status]) return null;
  return (
    <p class={`note note-${status}`}>
      {status === "ok" && <Icon name="check" size={12} />}
      {status === "error" && <Icon name="cross" size={12} />}
      {text[status]}
    </p>
  );
}

function Tools({ cell }: { cell: CellModel }) {
  const tool = (id: string, icon: IconName, title: string) => (
    <button class="tool" title={title} aria-label={title} tabIndex={-1} onMouseDown={(e) => e.preventDefault()}
      onClick={() => perform(id)}><Icon name={icon} size={14} /></button>
  );
  return (
    <div class="tools" role="toolbar" aria-label="Cell">
      <select class="type" aria-label="Cell type" value={cell.type.value} tabIndex={-1}
        onChange={(e) => { perform("to-" + e.currentTarget.value); e.currentTarget.blur(); }}>
        <option value="code">Code</option>
        <option value="markdown">Markdown</option>
        <option value="raw">Raw</option>
      </select>
      {tool("move-up", "up", "Move up")}
      {tool("move-down", "down", "Move down")}
      {tool("delete", "trash", "Delete (d d)")}
    </div>
  );
}

function InsertBar({ cell, session }: Props) {
  const add = (type: "code" | "markdown") => {
    edit(insertAt(session.notebook.index(cell.id) + 1, type).id);
  };
  return (
    <div class="insert">
      <button onClick={() => add("code")} tabIndex={-1}><Icon name="plus" size={12} /> Code</button>
      <button onClick={() => add("markdown")} tabIndex={-1}><Icon name="plus" size={12} /> Markdown</button>
    </div>
  );
}
