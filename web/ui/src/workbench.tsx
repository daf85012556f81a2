// A notebook on the page: header, banners, cells, side bar.

import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { completionStatus } from "@codemirror/autocomplete";
import { searchPanelOpen } from "@codemirror/search";
import { Browser, filesChanged } from "./browser";
import { CellView } from "./cell";
import { DebugPanel } from "./debugpanel";
import { handleKey, perform } from "./commands";
import { basename, dirname, join } from "./config";
import { exporting } from "./exporting";
import { Icon, Logo, type IconName } from "./icons";
import * as rest from "./rest";
import { link, navigate, route } from "./route";
import { Session } from "./session";
import { dark, showSidebar } from "./settings";
import { TierBadge } from "./tier";
import { ask, current, dialog, edit, mode, question, select, selected, session } from "./ui";

export function Workbench({ path }: { path: string }): JSX.Element {
  const [s] = useState(() => new Session(path, (to) => navigate("notebooks", to, true)));
  useEffect(() => {
    session.value = s;
    selected.value = "";
    return () => {
      s.close();
      session.value = null;
    };
  }, []);
  useEffect(() => {
    document.title = basename(s.path).replace(/\.ipynb$/, "") + " – Lathe";
  });
  const cells = s.notebook.cells.value;
  const loaded = s.notebook.loaded.value;
  useEffect(() => {
    if (loaded && !s.notebook.cell(selected.value) && cells[0]) select(cells[0].id, { scroll: false });
  }, [loaded, cells]);
  useKeys();
  useLeaving(s);
  const kernel = s.notebook.kernel.value.status;
  useEffect(() => {
    if (!loaded) return;
    if (kernel === "idle" || kernel === "busy") void s.debug.resume();
    s.debug.kernelIs(kernel);
  }, [loaded, kernel]);
  return (
    <div class="workbench">
      <Header s={s} />
      {showSidebar.value && <aside class="sidebar"><SideFiles path={s.path} /></aside>}
      <main class="sheet" onMouseDown={(e) => { if (e.target === e.currentTarget && selected.value) select(selected.value, { scroll: false }); }}>
        <Banners s={s} />
        {s.connection.value === "refused"
          ? <Refusal text={s.refusal.value} />
          : <div class="cells">{loaded && cells.map((c) => <CellView key={c.id} cell={c} session={s} />)}</div>}
      </main>
      {s.debug.state.value !== "off" && <DebugPanel s={s} />}
    </div>
  );
}

function useKeys() {
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (dialog.value || question.value || exporting.value !== null) return; // also before it has the focus
      const target = e.target as HTMLElement;
      if (target.closest("dialog, input, select, .stdin, .sidebar, .debugger, .graph, header")) {
        const chord = e.ctrlKey || e.metaKey;
        const key = chord || /^F\d+$/.test(e.key);
        if (!key || !target.closest(".sidebar, .debugger, .graph, header")) return;
      }
      const view = current.value?.view;
      if (mode.value === "edit" && view) {
        const open = completionStatus(view.state) === "active" || searchPanelOpen(view.state);
        if (e.key === "Escape" && open) return;
        if (!open && walk(e)) return stop(e);
      }
      if (handleKey(e)) stop(e);
    };
    document.addEventListener("keydown", key, true);
    return () => document.removeEventListener("keydown", key, true);
  }, []);
}

function stop(e: Event) {
  e.preventDefault();
  e.stopPropagation();
}

/** Up on the first line and down on the last line go to the neighbouring cell. */
function walk(e: KeyboardEvent): boolean {
  const view = current.value?.view;
  if (!view || e.shiftKey || e.ctrlKey || e.metaKey || e.altKey) return false;
  const by = e.key === "ArrowUp" ? -1 : e.key === "ArrowDown" ? 1 : 0;
  if (by === 0 || !view.hasFocus) return false;
  const { head, empty } = view.state.selection.main;
  const line = view.state.doc.lineAt(head).number;
  if (!empty || line !== (by < 0 ? 1 : view.state.doc.lines)) return false;
  const nb = session.value!.notebook;
  const next = nb.cells.value[nb.index(selected.value) + by];
  if (!next) return false;
  if (next.type.value === "markdown" && !next.editing.value) select(next.id);
  else edit(next.id, by < 0 ? { end: true } : { line: 1 });
  return true;
}

/** The browser asks before it closes a page whose typing has not reached the server. */
function useLeaving(s: Session) {
  useEffect(() => {
    const leave = (e: BeforeUnloadEvent) => { if (s.unsaved) e.preventDefault(); };
    const back = () => { if (!document.hidden) s.hurry(); };
    addEventListener("beforeunload", leave);
    document.addEventListener("visibilitychange", back);
    return () => {
      removeEventListener("beforeunload", leave);
      document.removeEventListener("visibilitychange", back);
    };
  }, []);
}

function SideFiles({ path }: { path: string }) {
  const [dir, setDir] = useState(dirname(path));
  return <Browser dir={dir} open={path} compact onDir={setDir} />;
}

function Action({ id, icon, title, text }: { id: string; icon: IconName; title: string; text?: string }) {
  return (
    <button class="button quiet" title={title} aria-label={title} data-command={id}
      onMouseDown={(e) => e.preventDefault()} onClick={() => perform(id)}>
      <Icon name={icon} />{text && <span>{text}</span>}
    </button>
  );
}

function Header({ s }: { s: Session }) {
  const running = s.notebook.kernel.value.status === "busy";
  return (
    <header class="header">
      <div class="header-left">
        <a class="home" {...link("tree", dirname(s.path))} title="All files" aria-label="All files"><Logo /></a>
        <Action id="sidebar" icon="sidebar" title="Files (Ctrl B)" />
        <Title s={s} />
        <SaveState s={s} />
      </div>
      <div class="header-mid" role="toolbar" aria-label="Notebook">
        <Action id="run" icon="run" title="Run the cell (Shift Enter)" />
        <Action id="run-all" icon="runAll" title="Run all cells" text="Run all" />
        <span class={running ? "attention" : ""}><Action id="interrupt" icon="stop" title="Interrupt (i i)" /></span>
        <Action id="restart" icon="restart" title="Restart the kernel (0 0)" />
        <Action id="restart-run-all" icon="forward" title="Restart and run all" />
        <span class={s.debug.state.value === "off" ? "" : "pressed"}><Action id="debug" icon="bug" title="Debugger (Ctrl Shift D)" /></span>
      </div>
      <div class="header-right">
        <TierBadge s={s} />
        <KernelState s={s} />
        <Action id="palette" icon="search" title="Commands (Ctrl Shift C)" />
        <Action id="theme" icon={dark.value ? "sun" : "moon"} title="Light or dark" />
      </div>
    </header>
  );
}

function Title({ s }: { s: Session }) {
  const rename = async () => {
    const name = await ask({ title: "Rename the notebook", text: s.path, action: "Rename", input: basename(s.path) });
    if (!name || name === basename(s.path)) return;
    try {
      await rest.rename(s.path, join(dirname(s.path), name.endsWith(".ipynb") ? name : name + ".ipynb"));
      filesChanged.value++;
    } catch (e) {
      s.notice.value = (e as Error).message;
    }
  };
  void route.value;
  return <button class="title" title="Rename" onClick={() => void rename()}>{basename(s.path).replace(/\.ipynb$/, "")}</button>;
}

function SaveState({ s }: { s: Session }) {
  const { state } = s.save.value;
  const text: { [k: string]: string } = {
    saved: "Saved", dirty: "Saving…", failed: "Not saved", conflict: "Conflict",
  };
  return <span class={`save save-${state}`} data-save={state} title={s.save.value.message}>{text[state] ?? state}</span>;
}

function KernelState({ s }: { s: Session }) {
  const paused = s.debug.paused.value && s.notebook.kernel.value.status === "busy";
  const status = s.connection.value === "lost" ? "offline" : paused ? "paused" : s.notebook.kernel.value.status;
  const text: { [k: string]: string } = {
    none: "No kernel", starting: "Starting", idle: "Idle", busy: "Busy", restarting: "Restarting",
    dead: "Dead", offline: "Offline", paused: "Paused",
  };
  const memory = s.memory.value;
  return (
    <span class={`kernel kernel-${status}`} data-kernel={status} title={s.notebook.kernel.value.message}>
      <span class="dot" />{text[status]}
      {memory > 0 && (status === "idle" || status === "busy") && (
        <span class="memory" title="Memory of the kernel">{memory < 1e9 ? `${Math.round(memory / 1e6)} MB` : `${(memory / 1e9).toFixed(1)} GB`}</span>
      )}
    </span>
  );
}

function Banner({ kind, text, children }: { kind: string; text: string; children?: preact.ComponentChildren }) {
  return (
    <div class={`banner banner-${kind}`} role="alert">
      <p>{text}</p>
      {children}
    </div>
  );
}

function Banners({ s }: { s: Session }) {
  const kernel = s.notebook.kernel.value;
  const save = s.save.value;
  useEffect(() => {
    if (!s.notice.value) return undefined;
    const timer = setTimeout(() => { s.notice.value = ""; }, 6000);
    return () => clearTimeout(timer);
  }, [s.notice.value]);
  return (
    <div class="banners">
      {s.connection.value === "lost" && (
        <Banner kind="warn" text="The connection to the server is lost. What you type is kept and sent when it is back." />
      )}
      {kernel.status === "dead" && (
        <Banner kind="bad" text={sentence(kernel.message || "the kernel has ended")}>
          <button class="button" onClick={() => perform("restart")}>Restart kernel</button>
          <button class="button" onClick={() => perform("restart-run-all")}>Restart and run all</button>
        </Banner>
      )}
      {kernel.status === "none" && kernel.message && <Banner kind="info" text={sentence(kernel.message)} />}
      {save.state === "failed" && <Banner kind="bad" text={sentence(save.message)} />}
      {save.state === "conflict" && (
        <Banner kind="warn" text={sentence(save.message)}>
          <button class="button" onClick={() => s.command("overwrite")}>Keep this version</button>
          <button class="button" onClick={() => s.command("reload")}>Load the file</button>
        </Banner>
      )}
      {save.state === "saved" && save.message && <Banner kind="info" text={sentence(save.message)} />}
      {s.notice.value && <Banner kind="info" text={sentence(s.notice.value)} />}
    </div>
  );
}

/** A message of the server as a sentence. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.?$/, ".");
}

function Refusal({ text }: { text: string }) {
  return (
    <div class="refusal">
      <h2>This notebook does not open</h2>
      <p>{text}</p>
      <p class="quiet">The file has not been changed.</p>
      <a class="button" {...link("tree", dirname(route.value.path))}>Back to the files</a>
    </div>
  );
}
