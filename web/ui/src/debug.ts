// The debugger as the page knows it: breakpoints, where the program has stopped, and what it says. Requests
// and events are those of the Debug Adapter Protocol; docs/guide/debugging.md lists Lathe's own.

import { batch, computed, signal } from "@preact/signals";
import type { ChangeDesc, Text } from "@codemirror/state";
import type { CellModel } from "./model";
import type { Json, JsonObject } from "./protocol";
import type { Session } from "./session";

export interface Breakpoint {
  line: number;
  condition?: string;
  hit?: string;
  log?: string;
  off?: boolean;
  /** What the kernel says of it. */
  verified?: boolean;
  note?: string;
}

export interface Frame {
  id: number;
  name: string;
  line: number;
  path: string;
  /** The cell, or "" for code that is in none of this notebook. */
  cell: string;
}

export interface Variable {
  name: string;
  value: string;
  type: string;
  ref: number;
  named: number;
  indexed: number;
  tensor: boolean;
  module: boolean;
  expression: string;
}

/** A stop when a gradient reaches a tensor, or a parameter of a module. */
export interface GradientStop { id: number; expression: string; tensors: number }

export interface Scope { name: string; ref: number }
export interface Thread { id: number; name: string }
export interface Filter { filter: string; label: string; description: string; condition: boolean; on: boolean; value: string }
export interface Watch { expression: string; result: Variable | null; error: string }

export type DebugState = "off" | "attaching" | "running" | "paused";

const shown = (v: Json | undefined) => (typeof v === "string" ? v : v === undefined || v === null ? "" : JSON.stringify(v));
const list = (v: Json | undefined): JsonObject[] => (Array.isArray(v) ? v as JsonObject[] : []);

export class Debugger {
  readonly state = signal<DebugState>("off");
  readonly breakpoints = signal<{ [cell: string]: Breakpoint[] }>({});
  readonly functions = signal<string[]>([]);
  readonly gradients = signal<GradientStop[]>([]);
  /** Packages that cells import from source are stepped over. */
  readonly onlyCells = signal(false);
  readonly filters = signal<Filter[]>([]);
  readonly threads = signal<Thread[]>([]);
  readonly thread = signal(0);
  readonly frames = signal<Frame[]>([]);
  readonly frame = signal<Frame | null>(null);
  readonly scopes = signal<Scope[]>([]);
  readonly globals = signal<Variable[]>([]);
  readonly watches = signal<Watch[]>([]);
  readonly log = signal<{ text: string; kind: string }[]>([]);
  /** Why the program stopped. */
  readonly reason = signal("");
  /** Grows with every stop and every change of a variable: what was read before is stale. */
  readonly moment = signal(0);
  /** The tensor that is looked at. */
  readonly tensor = signal<{ expression: string; frame: number } | null>(null);
  readonly paused = computed(() => this.state.value === "paused");

  private seq = 0;
  private paths = new Map<string, string>(); // source path → cell
  private dumped = new Map<string, { code: string; path: string }>();
  private kernelWas = "";
  /** Cells to run when a new kernel has the debugger. */
  runAfter: string[] = [];

  constructor(private session: Session) {
    session.onDebug = (e) => this.event(e);
    session.beforeRun = (cells) => this.prepare(cells);
    this.load();
  }

  private key() { return "lathe.debug." + this.session.path; }

  private load() {
    try {
      const saved = JSON.parse(localStorage.getItem(this.key()) ?? "{}") as { points?: { [cell: string]: Breakpoint[] }; functions?: string[]; watches?: string[]; onlyCells?: boolean };
      this.breakpoints.value = saved.points ?? {};
      this.functions.value = saved.functions ?? [];
      this.onlyCells.value = saved.onlyCells ?? false;
      this.watches.value = (saved.watches ?? []).map((expression) => ({ expression, result: null, error: "" }));
    } catch { /* nothing was saved */ }
  }

  private store() {
    const points: { [cell: string]: Breakpoint[] } = {};
    for (const [cell, list] of Object.entries(this.breakpoints.value)) {
      if (list.length > 0) points[cell] = list.map(({ line, condition, hit, log, off }) => ({ line, condition, hit, log, off }));
    }
    try {
      localStorage.setItem(this.key(), JSON.stringify({ points, functions: this.functions.value, watches: this.watches.value.map((w) => w.expression), onlyCells: this.onlyCells.value }));
    } catch { /* no storage */ }
  }

  /** Sends a request; the promise fails with the debugger's words. */
  async request(command: string, args: JsonObject = {}): Promise<JsonObject> {
    const reply = await this.session.ask("debug_request", { type: "request", seq: ++this.seq, command, arguments: args });
    if (reply.success !== true) throw new Error(shown(reply.message) || "the kernel does not answer");
    return (reply.body ?? {}) as JsonObject;
  }

  /** Attaches, or leaves. */
  async toggle() {
    if (this.state.value !== "off") return this.leave();
    const kernel = this.session.notebook.kernel.value.status;
    this.state.value = "attaching";
    if (kernel === "none" || kernel === "dead") {
      await this.session.restartKernel([]); // kernelIs attaches when it is there
      return undefined;
    }
    return this.attach();
  }

  async attach() {
    this.state.value = "attaching";
    try {
      const can = await this.request("initialize", { clientID: "lathe", adapterID: "lathe", linesStartAt1: true, columnsStartAt1: true, supportsVariableType: true, supportsVariablePaging: true });
      const before = new Map(this.filters.value.map((f) => [f.filter, f]));
      this.filters.value = list(can.exceptionBreakpointFilters).map((f) => ({
        filter: shown(f.filter), label: shown(f.label), description: shown(f.description), condition: f.supportsCondition === true,
        on: before.get(shown(f.filter))?.on ?? f.default === true, value: before.get(shown(f.filter))?.value ?? "",
      }));
      await this.request("attach", { restart: false, justMyCode: this.onlyCells.value });
      this.dumped.clear();
      this.paths.clear();
      for (const c of this.session.notebook.cells.value) if (c.type.value === "code") await this.dump(c);
      await this.sendFilters();
      if (this.functions.value.length > 0) await this.sendFunctions();
      await this.request("configurationDone");
      const info = await this.request("debugInfo");
      this.gradients.value = list(info.latheGradients).map((g) => ({ id: Number(g.id), expression: shown(g.expression), tensors: Number(g.tensors) }));
      this.state.value = "running";
      const stopped = info.stoppedThreads;
      if (Array.isArray(stopped) && stopped.length > 0) await this.stopped(Number(stopped[0]), "pause", "");
      else await this.readGlobals();
      const cells = this.runAfter;
      this.runAfter = [];
      if (cells.length > 0) void this.session.run(cells, true);
    } catch (e) {
      this.state.value = "off";
      this.runAfter = [];
      this.session.notice.value = "The debugger does not attach: " + (e as Error).message;
    }
  }

  /** Takes over a debugger that is attached already, for instance after the page was loaded again. */
  async resume() {
    if (this.state.value !== "off") return;
    try {
      if ((await this.request("debugInfo")).isStarted === true) await this.attach();
    } catch { /* there is no debugger */ }
  }

  async leave() {
    try { await this.request("disconnect", { restart: false, terminateDebuggee: false }); } catch { /* the kernel is gone */ }
    batch(() => {
      this.state.value = "off";
      this.forget();
      this.globals.value = [];
      this.gradients.value = [];
      this.tensor.value = null;
    });
  }

  private forget() {
    this.frames.value = [];
    this.frame.value = null;
    this.scopes.value = [];
    this.reason.value = "";
    this.watches.value = this.watches.value.map((w) => ({ ...w, result: null, error: "" }));
  }

  /** Follows the kernel: a new process has no debugger attached. */
  kernelIs(status: string) {
    const was = this.kernelWas;
    this.kernelWas = status;
    if (this.state.value === "off" || status === was) return;
    if (status === "starting" || status === "restarting" || status === "none" || status === "dead") {
      this.forget();
      this.globals.value = [];
      this.gradients.value = [];
      if (status === "none" || status === "dead") this.state.value = "off";
      else this.state.value = "attaching";
    } else if (this.state.value === "attaching" && status === "idle" && was !== "busy" && was !== "") void this.attach();
    else if (this.state.value === "running" && status === "idle") void this.readGlobals();
  }

  /** Makes a cell's text known to the kernel, with its breakpoints. */
  private async dump(c: CellModel) {
    const code = c.source.value;
    if (this.dumped.get(c.id)?.code === code) return;
    const path = shown((await this.request("dumpCell", { code })).sourcePath);
    this.dumped.set(c.id, { code, path });
    if (!this.paths.has(path)) this.paths.set(path, c.id);
    await this.sendBreakpoints(c.id);
  }

  private async prepare(cells: string[]) {
    if (this.state.value !== "running" && this.state.value !== "paused") return;
    try {
      for (const id of cells) {
        const c = this.session.notebook.cell(id);
        if (!c) continue;
        await this.dump(c);
        this.paths.set(this.dumped.get(id)!.path, id); // of cells with one text, the one that runs
      }
    } catch (e) {
      this.session.notice.value = "Breakpoints are not set: " + (e as Error).message;
    }
  }

  private async sendBreakpoints(cell: string) {
    const source = this.dumped.get(cell);
    if (!source) return;
    const points = this.breakpoints.value[cell] ?? [];
    const on = points.filter((p) => !p.off);
    const body = await this.request("setBreakpoints", {
      source: { path: source.path }, sourceModified: false,
      breakpoints: on.map((p) => ({
        line: p.line, ...(p.condition && { condition: p.condition }), ...(p.hit && { hitCondition: p.hit }), ...(p.log && { logMessage: p.log }),
      })),
    });
    const answers = list(body.breakpoints);
    const next = points.map((p) => {
      const a = answers[on.indexOf(p)];
      return a ? { ...p, verified: a.verified === true, note: shown(a.message) } : { ...p, verified: undefined, note: "" };
    });
    this.breakpoints.value = { ...this.breakpoints.value, [cell]: next };
  }

  private async changed(cell: string, points: Breakpoint[]) {
    this.breakpoints.value = { ...this.breakpoints.value, [cell]: points.sort((a, b) => a.line - b.line) };
    this.store();
    if (this.state.value === "off" || this.state.value === "attaching") return;
    try {
      const c = this.session.notebook.cell(cell);
      if (c && this.dumped.get(cell)?.code !== c.source.value) await this.dump(c);
      else await this.sendBreakpoints(cell);
    } catch (e) {
      this.session.notice.value = "The breakpoint is not set: " + (e as Error).message;
    }
  }

  /** Adds a breakpoint to a line, or takes it away. */
  flip(cell: string, line: number) {
    const points = this.breakpoints.value[cell] ?? [];
    void this.changed(cell, points.some((p) => p.line === line) ? points.filter((p) => p.line !== line) : [...points, { line }]);
  }

  edit(cell: string, line: number, to: Partial<Breakpoint>) {
    void this.changed(cell, (this.breakpoints.value[cell] ?? []).map((p) => (p.line === line ? { ...p, ...to } : p)));
  }

  /** Moves the breakpoints of a cell with its text. */
  moved(cell: string, changes: ChangeDesc, before: Text, after: Text) {
    const points = this.breakpoints.value[cell];
    if (!points?.length) return;
    const next: Breakpoint[] = [];
    for (const p of points) {
      if (p.line > before.lines) continue;
      const at = before.line(p.line);
      const line = after.lineAt(changes.mapPos(Math.min(at.from + (at.text.length - at.text.trimStart().length), at.to), 1)).number;
      if (!next.some((q) => q.line === line)) next.push({ ...p, line });
    }
    this.breakpoints.value = { ...this.breakpoints.value, [cell]: next };
    this.store();
  }

  async setFilter(filter: string, to: Partial<Filter>) {
    this.filters.value = this.filters.value.map((f) => (f.filter === filter ? { ...f, ...to } : f));
    if (this.state.value === "running" || this.state.value === "paused") await this.say(this.sendFilters());
  }

  private async sendFilters() {
    const on = this.filters.value.filter((f) => f.on);
    await this.request("setExceptionBreakpoints", {
      filters: on.filter((f) => !f.value).map((f) => f.filter),
      filterOptions: on.filter((f) => f.value).map((f) => ({ filterId: f.filter, condition: f.value })),
    });
  }

  async setFunctions(names: string[]) {
    this.functions.value = names;
    this.store();
    if (this.state.value === "running" || this.state.value === "paused") await this.say(this.sendFunctions());
  }

  private async sendFunctions() {
    await this.request("setFunctionBreakpoints", { breakpoints: this.functions.value.map((name) => ({ name })) });
  }

  /** Stops when a backward pass reaches the gradient of a tensor, or of a parameter of a module. */
  async stopAtGradient(expression: string) {
    await this.say((async () => {
      const g = await this.request("latheGradient", { expression, ...(this.frame.value && { frameId: this.frame.value.id }) });
      this.gradients.value = [...this.gradients.value, { id: Number(g.id), expression, tensors: Number(g.tensors) }];
    })());
  }

  async clearGradient(id: number) {
    this.gradients.value = this.gradients.value.filter((g) => g.id !== id);
    await this.say(this.request("latheClearGradient", { id }));
  }

  /** Says whether packages that are imported from now on are stepped over. */
  async setOnlyCells(on: boolean) {
    this.onlyCells.value = on;
    this.store();
    await this.say(this.request("attach", { restart: false, justMyCode: on }));
  }

  /** Shows what went wrong instead of failing. */
  private async say(p: Promise<unknown>) {
    try { await p; } catch (e) { this.session.notice.value = (e as Error).message; }
  }

  private event(e: JsonObject) {
    const body = (e.body ?? {}) as JsonObject;
    if (this.state.value === "off") return;
    switch (e.event) {
      case "stopped":
        void this.say(this.stopped(Number(body.threadId), shown(body.reason), shown(body.text) || shown(body.description)));
        return;
      case "continued":
        if (this.state.value === "paused") batch(() => { this.state.value = "running"; this.forget(); });
        return;
      case "output":
        this.log.value = [...this.log.value.slice(-400), { text: shown(body.output), kind: shown(body.category) }];
        return;
      case "breakpoint": {
        const b = (body.breakpoint ?? {}) as JsonObject;
        const cell = this.paths.get(shown((b.source as JsonObject | undefined)?.path));
        if (!cell) return;
        const points = (this.breakpoints.value[cell] ?? []).map((p) => (p.line === b.line ? { ...p, verified: b.verified === true, note: shown(b.message) } : p));
        this.breakpoints.value = { ...this.breakpoints.value, [cell]: points };
      }
    }
  }

  private async stopped(thread: number, reason: string, text: string) {
    batch(() => {
      this.state.value = "paused";
      this.thread.value = thread;
      this.reason.value = text || reason;
    });
    this.threads.value = list((await this.request("threads")).threads).map((t) => ({ id: Number(t.id), name: shown(t.name) }));
    await this.show(thread);
  }

  /** Shows the stack of a thread. */
  async show(thread: number) {
    this.thread.value = thread;
    const body = await this.request("stackTrace", { threadId: thread, startFrame: 0, levels: 200 });
    this.frames.value = list(body.stackFrames).map((f) => {
      const path = shown((f.source as JsonObject | undefined)?.path);
      return { id: Number(f.id), name: shown(f.name), line: Number(f.line), path, cell: this.paths.get(path) ?? "" };
    });
    await this.choose(this.frames.value[0] ?? null);
  }

  async choose(f: Frame | null) {
    this.frame.value = f;
    if (!f) return;
    this.scopes.value = list((await this.request("scopes", { frameId: f.id })).scopes)
      .map((s) => ({ name: shown(s.name), ref: Number(s.variablesReference) }));
    this.moment.value++;
    await this.readWatches();
  }

  async variables(ref: number, start = 0, count = 0, parent = ""): Promise<Variable[]> {
    const body = await this.request("variables", { variablesReference: ref, ...(count && { start, count }) });
    return list(body.variables).map((v) => variable(v, parent));
  }

  private async readGlobals() {
    try {
      const body = await this.request("inspectVariables");
      this.globals.value = list(body.variables).map((v) => variable(v, ""));
      this.moment.value++;
    } catch (e) {
      if (this.state.value === "running") this.session.notice.value = "The variables cannot be read: " + (e as Error).message;
    }
  }

  async setVariable(ref: number, name: string, value: string) {
    await this.request("setVariable", { variablesReference: ref, name, value });
    this.moment.value++;
    await this.readWatches();
  }

  /** Evaluates in the chosen frame, or in the session. */
  async evaluate(expression: string, context: string): Promise<Variable> {
    const body = await this.request("evaluate", { expression, context, ...(this.frame.value && { frameId: this.frame.value.id }) });
    return variable({ name: expression, value: body.result, type: body.type, variablesReference: body.variablesReference, namedVariables: body.namedVariables, indexedVariables: body.indexedVariables, latheTensor: body.latheTensor, latheModule: body.latheModule }, "");
  }

  watch(expression: string) {
    this.watches.value = [...this.watches.value, { expression, result: null, error: "" }];
    this.store();
    void this.readWatches();
  }

  unwatch(i: number) {
    this.watches.value = this.watches.value.filter((_, k) => k !== i);
    this.store();
  }

  private async readWatches() {
    if (!this.paused.value) return;
    this.watches.value = await Promise.all(this.watches.value.map(async (w) => {
      try {
        return { ...w, result: await this.evaluate(w.expression, "watch"), error: "" };
      } catch (e) {
        return { ...w, result: null, error: (e as Error).message };
      }
    }));
  }

  /** Runs what was typed into the console. */
  async repl(text: string) {
    this.log.value = [...this.log.value, { text: "› " + text + "\n", kind: "input" }];
    try {
      const v = await this.evaluate(text, "repl");
      this.log.value = [...this.log.value, { text: v.value + "\n", kind: "result" }];
      this.moment.value++;
      await this.readWatches();
    } catch (e) {
      this.log.value = [...this.log.value, { text: (e as Error).message + "\n", kind: "stderr" }];
    }
  }

  /** continue, next, stepIn, stepOut: let the program go on. */
  async go(command: "continue" | "next" | "stepIn" | "stepOut") {
    if (!this.paused.value) return;
    const threadId = this.thread.value;
    batch(() => { this.state.value = "running"; this.forget(); });
    await this.say(this.request(command, { threadId }));
  }

  /** Runs the function of a frame again from its beginning. */
  async restartFrame(f: Frame) { await this.say(this.request("restartFrame", { frameId: f.id })); }

  /** The text of a file of a package. */
  async source(path: string): Promise<string> { return shown((await this.request("source", { source: { path } })).content); }

  async runTo(cell: string, line: number) {
    const path = this.dumped.get(cell)?.path;
    if (!this.paused.value || !path) return;
    const threadId = this.thread.value;
    batch(() => { this.state.value = "running"; this.forget(); });
    await this.say(this.request("latheRunTo", { threadId, source: { path }, line }));
  }

  async pause() {
    if (this.state.value === "running") await this.say(this.request("pause", { threadId: this.thread.value || 1 }));
  }

  /** The cell that a path of the kernel means. */
  cellOf(path: string): string { return this.paths.get(path) ?? ""; }
}

function variable(v: JsonObject, parent: string): Variable {
  const name = shown(v.name);
  return {
    name, value: shown(v.value), type: shown(v.type), ref: Number(v.variablesReference ?? 0), named: Number(v.namedVariables ?? 0),
    indexed: Number(v.indexedVariables ?? 0), tensor: v.latheTensor === true, module: v.latheModule === true,
    expression: shown(v.evaluateName) || (parent ? parent + (/^[[]/.test(name) ? name : "." + name) : name),
  };
}
