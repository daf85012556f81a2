// Everything a person can do, once: the toolbar, the keys and the palette all come from here.
// Keys and their modes are Jupyter's.

import { goTo } from "./editor";
import { exporting } from "./exporting";
import type { CellModel } from "./model";
import type { CellType } from "./protocol";
import { emptyCell } from "./session";
import { showLineNumbers, showSidebar, toggleTheme } from "./settings";
import {
  anchor, ask, cellElement, clipboard, current, dialog, edit, mode, select, selected, selection, session,
} from "./ui";

export interface Command {
  id: string;
  title: string;
  /** Keys in command mode, in edit mode, and in both. A space separates a sequence. */
  command?: string[];
  edit?: string[];
  both?: string[];
  run: () => void | Promise<void>;
}

const nb = () => session.value!.notebook;
const indexOf = (id: string) => nb().index(id);

function cellAt(i: number): CellModel | undefined {
  const cells = nb().cells.value;
  return cells[Math.min(Math.max(i, 0), cells.length - 1)];
}

export function insertAt(index: number, type: CellType = "code", source = ""): CellModel {
  return session.value!.insert({ ...emptyCell(type), source }, index);
}

function insertBeside(offset: 0 | 1) {
  const cells = selection.value;
  const at = offset === 0 ? cells[0] : cells.at(-1);
  const c = insertAt(at ? indexOf(at.id) + offset : nb().cells.value.length);
  select(c.id);
}

async function remove(cells: CellModel[]) {
  if (cells.length === 0) return;
  const first = indexOf(cells[0].id);
  for (const c of cells) await session.value!.op({ op: "delete", cell: c.id });
  if (nb().cells.value.length === 0) insertAt(0);
  const next = cellAt(first);
  if (next) select(next.id);
}

async function undoDelete() {
  const before = new Set(nb().cells.value.map((c) => c.id));
  await session.value!.op({ op: "restore" });
  const back = nb().cells.value.find((c) => !before.has(c.id));
  if (back) select(back.id);
}

/** Runs code cells and renders markdown cells. */
function runCells(cells: CellModel[], stop = true) {
  for (const c of cells) if (c.type.value === "markdown") c.editing.value = false;
  const code = cells.filter((c) => c.type.value === "code").map((c) => c.id);
  if (code.length > 0) void session.value!.run(code, stop);
}

function runAndAdvance() {
  const cells = selection.value;
  const last = cells.at(-1);
  if (!last) return;
  runCells(cells);
  const at = indexOf(last.id) + 1;
  if (at < nb().cells.value.length) {
    select(nb().cells.value[at].id);
  } else {
    const c = insertAt(at);
    edit(c.id);
  }
}

function runAndInsert() {
  const last = selection.value.at(-1);
  if (!last) return;
  runCells(selection.value);
  edit(insertAt(indexOf(last.id) + 1).id);
}

function runInPlace() {
  const c = current.value;
  runCells(selection.value);
  if (c) select(c.id);
}

function step(by: number, extend = false) {
  const c = cellAt(indexOf(selected.value) + by);
  if (c) select(c.id, { extend });
}

async function retype(type: CellType) {
  for (const c of selection.value) await session.value!.op({ op: "type", cell: c.id, type });
  if (current.value) select(current.value.id);
}

async function heading(level: number) {
  const c = current.value;
  if (!c) return;
  session.value!.setSource(c, "#".repeat(level) + " " + c.source.value.replace(/^#*\s*/, ""));
  await session.value!.op({ op: "type", cell: c.id, type: "markdown" });
  c.editing.value = true;
  edit(c.id, { end: true });
}

async function move(by: -1 | 1) {
  const cells = by < 0 ? selection.value : [...selection.value].reverse();
  for (const c of cells) {
    const to = indexOf(c.id) + by;
    if (to < 0 || to >= nb().cells.value.length) return;
    await session.value!.op({ op: "move", cell: c.id, index: to });
  }
  if (current.value) cellElement(current.value.id)?.scrollIntoView({ block: "nearest" });
}

async function merge(cells: CellModel[]) {
  if (cells.length < 2) return;
  const [first, ...others] = cells;
  session.value!.setSource(first, cells.map((c) => c.source.value).join("\n\n"));
  await session.value!.settled();
  for (const c of others) await session.value!.op({ op: "delete", cell: c.id });
  select(first.id);
}

function mergeWith(by: -1 | 1) {
  const at = indexOf(selected.value);
  const cells = nb().cells.value;
  const pair = by < 0 ? [cells[at - 1], cells[at]] : [cells[at], cells[at + 1]];
  if (pair[0] && pair[1]) void merge(pair);
}

function split() {
  const c = current.value;
  if (!c?.view) return;
  const at = c.view.state.selection.main.head;
  const text = c.source.value;
  session.value!.setSource(c, text.slice(0, at).replace(/\n$/, ""));
  const next = insertAt(indexOf(c.id) + 1, c.type.value, text.slice(at).replace(/^\n/, ""));
  edit(next.id);
}

function copy() {
  clipboard.value = selection.value.map((c) => ({ type: c.type.value, source: c.source.value }));
}

function paste(offset: 0 | 1) {
  const at = offset === 0 ? selection.value[0] : selection.value.at(-1);
  let index = at ? indexOf(at.id) + offset : 0;
  let last = "";
  for (const { type, source } of clipboard.value) last = insertAt(index++, type, source).id;
  if (last) select(last);
}

async function setFlag(cell: CellModel, flag: "collapsed" | "source_hidden") {
  const meta = structuredClone(cell.metadata.value);
  if (flag === "collapsed") {
    if (meta.collapsed) delete meta.collapsed;
    else meta.collapsed = true;
  } else {
    const j = (meta.jupyter ?? {}) as { [k: string]: boolean };
    meta.jupyter = { ...j, source_hidden: !j.source_hidden };
  }
  await session.value!.op({ op: "cellmeta", cell: cell.id, metadata: meta });
}

async function restart(cells: string[]) {
  const running = nb().cells.value.some((c) => c.status.value === "running");
  const fresh = nb().kernel.value.status === "none" || nb().kernel.value.status === "dead";
  if (!fresh || running) {
    const yes = await ask({
      title: cells.length > 0 ? "Restart and run all cells?" : "Restart the kernel?",
      text: "All variables are lost. Cells and outputs stay.", action: "Restart", danger: true,
    });
    if (yes === null) return;
  }
  await session.value!.restartKernel(cells);
}

const allCode = () => nb().cells.value.filter((c) => c.type.value === "code").map((c) => c.id);

function fromSelected(below: boolean): CellModel[] {
  const at = indexOf(selected.value);
  return below ? nb().cells.value.slice(at) : nb().cells.value.slice(0, at);
}

function enterEdit() {
  const c = current.value;
  if (!c) return;
  if (c.type.value === "markdown") c.editing.value = true;
  edit(c.id);
}

/** Flips a breakpoint where the cursor is, or on the first line of the selected cell. */
function flipBreakpoint() {
  const c = current.value;
  if (!c || c.type.value !== "code") return;
  const line = c.view ? c.view.state.doc.lineAt(c.view.state.selection.main.head).number : 1;
  session.value!.debug.flip(c.id, line);
}

function runToCursor() {
  const c = current.value;
  if (c?.view) void session.value!.debug.runTo(c.id, c.view.state.doc.lineAt(c.view.state.selection.main.head).number);
}

const debug = () => session.value!.debug;

export const commands: Command[] = [
  { id: "run", title: "Run cell and select the next", both: ["Shift-Enter"], run: runAndAdvance },
  { id: "run-in-place", title: "Run cell", both: ["Ctrl-Enter", "Mod-Enter"], run: runInPlace },
  { id: "run-insert", title: "Run cell and insert below", both: ["Alt-Enter"], run: runAndInsert },
  { id: "run-all", title: "Run all cells", run: () => runCells(nb().cells.value) },
  { id: "run-above", title: "Run all cells above", run: () => runCells(fromSelected(false)) },
  { id: "run-below", title: "Run this cell and all below", run: () => runCells(fromSelected(true)) },
  { id: "interrupt", title: "Interrupt the kernel", command: ["i i"], run: () => session.value!.command("interrupt") },
  { id: "restart", title: "Restart the kernel", command: ["0 0"], run: () => restart([]) },
  { id: "restart-run-all", title: "Restart the kernel and run all cells", run: () => restart(allCode()) },
  { id: "debug", title: "Attach or detach the debugger", both: ["Ctrl-Shift-d", "Mod-Shift-d"], run: () => { void debug().toggle(); } },
  { id: "debug-continue", title: "Debug: continue", both: ["F8"], run: () => { void debug().go("continue"); } },
  { id: "debug-over", title: "Debug: step over", both: ["F10"], run: () => { void debug().go("next"); } },
  { id: "debug-into", title: "Debug: step into", both: ["F11"], run: () => { void debug().go("stepIn"); } },
  { id: "debug-out", title: "Debug: step out", both: ["Shift-F11"], run: () => { void debug().go("stepOut"); } },
  { id: "debug-pause", title: "Debug: pause", both: ["Shift-F8"], run: () => { void debug().pause(); } },
  { id: "debug-breakpoint", title: "Debug: set or clear a breakpoint", both: ["F9"], run: flipBreakpoint },
  { id: "debug-cursor", title: "Debug: run to the cursor", edit: ["Ctrl-F10"], run: runToCursor },
  { id: "shutdown", title: "Shut down the kernel", run: () => session.value!.command("shutdown") },
  { id: "edit", title: "Edit the cell", command: ["Enter"], run: enterEdit },
  { id: "leave", title: "Leave the cell", edit: ["Escape", "Ctrl-m"], run: () => select(selected.value) },
  { id: "up", title: "Select the cell above", command: ["k", "ArrowUp"], run: () => step(-1) },
  { id: "down", title: "Select the cell below", command: ["j", "ArrowDown"], run: () => step(1) },
  { id: "extend-up", title: "Extend the selection up", command: ["Shift-k", "Shift-ArrowUp"], run: () => step(-1, true) },
  { id: "extend-down", title: "Extend the selection down", command: ["Shift-j", "Shift-ArrowDown"], run: () => step(1, true) },
  { id: "first", title: "Select the first cell", command: ["Ctrl-Home", "Mod-ArrowUp"], run: () => select(cellAt(0)?.id ?? "") },
  { id: "last", title: "Select the last cell", command: ["Ctrl-End", "Mod-ArrowDown"], run: () => select(cellAt(1e9)?.id ?? "") },
  { id: "select-all", title: "Select all cells", command: ["Mod-a", "Ctrl-a"], run: () => { anchor.value = cellAt(0)?.id ?? ""; selected.value = cellAt(1e9)?.id ?? ""; } },
  { id: "insert-above", title: "Insert a cell above", command: ["a"], run: () => insertBeside(0) },
  { id: "insert-below", title: "Insert a cell below", command: ["b"], run: () => insertBeside(1) },
  { id: "delete", title: "Delete the selected cells", command: ["d d"], run: () => remove(selection.value) },
  { id: "undo-delete", title: "Undo the deletion of a cell", command: ["z"], run: undoDelete },
  { id: "cut", title: "Cut the selected cells", command: ["x"], run: () => { copy(); return remove(selection.value); } },
  { id: "copy", title: "Copy the selected cells", command: ["c"], run: copy },
  { id: "paste-below", title: "Paste cells below", command: ["v"], run: () => paste(1) },
  { id: "paste-above", title: "Paste cells above", command: ["Shift-v"], run: () => paste(0) },
  { id: "move-up", title: "Move the cells up", command: ["Ctrl-Shift-ArrowUp"], run: () => move(-1) },
  { id: "move-down", title: "Move the cells down", command: ["Ctrl-Shift-ArrowDown"], run: () => move(1) },
  { id: "merge", title: "Merge the selected cells, or with the cell below", command: ["Shift-m"], run: () => (selection.value.length > 1 ? merge(selection.value) : mergeWith(1)) },
  { id: "merge-above", title: "Merge with the cell above", command: ["Ctrl-Backspace"], run: () => mergeWith(-1) },
  { id: "split", title: "Split the cell at the cursor", edit: ["Ctrl-Shift--", "Ctrl-Shift-_"], run: split },
  { id: "to-code", title: "Change to code", command: ["y"], run: () => retype("code") },
  { id: "to-markdown", title: "Change to markdown", command: ["m"], run: () => retype("markdown") },
  { id: "to-raw", title: "Change to raw text", command: ["r"], run: () => retype("raw") },
  ...[1, 2, 3, 4, 5, 6].map((n): Command => ({ id: "heading-" + n, title: "Change to heading " + n, command: [String(n)], run: () => heading(n) })),
  { id: "clear", title: "Clear the outputs of the cell", run: async () => { for (const c of selection.value) if (c.type.value === "code") await session.value!.op({ op: "clear", cell: c.id }); } },
  { id: "clear-all", title: "Clear all outputs", run: async () => { await session.value!.op({ op: "clear" }); } },
  { id: "toggle-output", title: "Collapse or show the outputs", command: ["o"], run: async () => { for (const c of selection.value) await setFlag(c, "collapsed"); } },
  { id: "toggle-source", title: "Collapse or show the code", run: async () => { for (const c of selection.value) await setFlag(c, "source_hidden"); } },
  { id: "line-numbers", title: "Show or hide line numbers", command: ["l", "Shift-l"], run: () => { showLineNumbers.value = !showLineNumbers.value; } },
  { id: "save", title: "Save", both: ["Mod-s", "Ctrl-s"], command: ["s"], run: async () => { await session.value!.settled(); session.value!.command("save"); } },
  { id: "export", title: "Export a module to graph mode", run: () => { exporting.value = ""; } },
  { id: "sidebar", title: "Show or hide the files", both: ["Mod-b", "Ctrl-b"], run: () => { showSidebar.value = !showSidebar.value; } },
  { id: "theme", title: "Switch between light and dark", run: toggleTheme },
  { id: "palette", title: "Find a command", both: ["Mod-Shift-c", "Ctrl-Shift-c", "Mod-k"], command: ["p"], run: () => { dialog.value = "palette"; } },
  { id: "help", title: "Show the keyboard shortcuts", command: ["h"], run: () => { dialog.value = "help"; } },
];

export const byID = new Map(commands.map((c) => [c.id, c]));

// Commands run one after another: the second key of "b Enter" meets the cell that "b" made.
let chain: Promise<void> = Promise.resolve();

export function perform(id: string) {
  const c = byID.get(id);
  if (!c || !session.value) return;
  // Without a connection an operation waits; the keys after it must not.
  const patience = () => new Promise<void>((done) => setTimeout(done, 1500));
  chain = chain.then(() => Promise.race([c.run(), patience()])).catch(console.error);
}

/** Shows the place that an error names. */
export function showPlace(cell: string, line: number, column?: number) {
  const c = nb().cell(cell);
  if (!c) return;
  if (c.view) {
    edit(c.id);
    goTo(c.view, line, column);
  } else edit(c.id, { line, column });
}

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The name of a key event in the notation of the command table. */
function keyName(e: KeyboardEvent): string[] {
  let key = e.key;
  if (key.length === 1) key = key.toLowerCase();
  const shift = e.shiftKey && (key.length > 1 || /[a-z_-]/.test(key)) ? "Shift-" : "";
  const plain = (e.altKey ? "Alt-" : "") + shift + key;
  if (!e.ctrlKey && !e.metaKey) return [plain];
  const names: string[] = [];
  if (e.ctrlKey) names.push("Ctrl-" + plain);
  if (mac ? e.metaKey : e.ctrlKey) names.push("Mod-" + plain);
  return names;
}

const inEdit = new Map<string, Command>();
const inCommand = new Map<string, Command>();
for (const c of commands) {
  for (const k of [...(c.edit ?? []), ...(c.both ?? [])]) inEdit.set(k, c);
  for (const k of [...(c.command ?? []), ...(c.both ?? [])]) inCommand.set(k, c);
}

let prefix = "";
let prefixTimer = 0;

/** Handles a key of the notebook; true when it was one. */
export function handleKey(e: KeyboardEvent): boolean {
  if (e.isComposing || !session.value) return false;
  const table = mode.value === "edit" ? inEdit : inCommand;
  for (const name of keyName(e)) {
    const c = (prefix && table.get(prefix + " " + name)) || table.get(name);
    if (c) {
      setPrefix("");
      if (!e.repeat || c.command?.length) perform(c.id);
      return true;
    }
    if (table === inCommand && (name === "d" || name === "i" || name === "0")) {
      if (!e.repeat) setPrefix(name);
      return true;
    }
  }
  setPrefix("");
  return false;
}

function setPrefix(p: string) {
  prefix = p;
  clearTimeout(prefixTimer);
  if (p) prefixTimer = window.setTimeout(() => { prefix = ""; }, 800);
}
