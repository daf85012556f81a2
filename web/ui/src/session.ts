// The connection of the page to one open notebook: resuming, exactly-once operations, and the
// collaborative source of every cell. See web/api/socket.go for the protocol.

import { batch, signal } from "@preact/signals";
import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, type Extension, type Text } from "@codemirror/state";
import { config } from "./config";
import { Debugger } from "./debug";
import { applyChanges, CellModel, Notebook, toText } from "./model";
import type {
  Cell, DocumentEvent, DocumentSnapshot, JsonObject, Op, Prompt, ServerFrame, Tier,
} from "./protocol";

export type Connection = "connecting" | "open" | "lost" | "refused";

interface Pending {
  op: Op;
  done: (ok: boolean) => void;
}

/** An edit on its way: the updates of one cell, sent with one operation number. */
interface Flight {
  n: number;
  updates: { changes: ChangeSet; clientID: string }[];
}

const retryDelays = [200, 500, 1000, 2000, 4000];

export class Session {
  readonly notebook = new Notebook();
  readonly connection = signal<Connection>("connecting");
  readonly save = signal<{ state: string; message: string }>({ state: "saved", message: "" });
  readonly memory = signal(0);
  /** The automatic tier; null where the kernel has none. */
  readonly tier = signal<Tier | null>(null);
  readonly prompt = signal<Prompt | null>(null);
  /** Why the notebook cannot be shown. */
  readonly refusal = signal("");
  /** A line for people that goes away. */
  readonly notice = signal("");
  readonly client = crypto.randomUUID();

  /** Takes events of the debugger. */
  onDebug: ((event: JsonObject) => void) | null = null;
  /** Is waited for before cells run. */
  beforeRun: ((cells: string[]) => Promise<void>) | null = null;

  readonly debug: Debugger;

  private socket: WebSocket | null = null;
  private gen = "";
  private seq = 0;
  private n = 0;
  private tries = 0;
  private closed = false;
  private pending: Pending[] = [];
  private flights = new Map<string, Flight>();
  private offsets = new Map<string, number>();
  private asks = new Map<number, (content: JsonObject) => void>();
  private nextAsk = 1;
  private settledWaiters: (() => void)[] = [];

  constructor(public path: string, private onRename: (path: string) => void) {
    this.debug = new Debugger(this);
    this.connect();
  }

  close() {
    this.closed = true;
    this.socket?.close();
  }

  private connect() {
    if (this.closed) return;
    const url = new URL(config.base + "api/notebooks/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({
      path: this.path, client: this.client, gen: this.gen, since: String(this.seq),
    }).toString();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (m) => this.receive(JSON.parse(m.data as string) as ServerFrame);
    socket.onclose = () => {
      if (this.socket !== socket || this.closed || this.connection.value === "refused") return;
      this.connection.value = "lost";
      for (const answer of this.asks.values()) answer({ status: "error" });
      this.asks.clear();
      setTimeout(() => this.connect(), retryDelays[Math.min(this.tries++, retryDelays.length - 1)]);
    };
  }

  /** Tries again at once, for instance when the page becomes visible. */
  hurry() {
    if (this.connection.value === "lost" && this.socket?.readyState === WebSocket.CLOSED) {
      this.tries = 0;
    }
  }

  private receive(f: ServerFrame) {
    switch (f.type) {
      case "snapshot":
        this.opened(f);
        if (f.document) this.restart(f.document, f);
        this.resend(f.applied ?? 0, f.rejected ?? []);
        return;
      case "resume":
        this.opened(f);
        this.landed(f);
        this.resend(f.applied ?? 0, f.rejected ?? []);
        return;
      case "events":
        batch(() => { for (const e of f.events ?? []) this.event(e); });
        this.wakeSettled();
        return;
      case "reject":
        this.rejected(f);
        return;
      case "save":
        this.save.value = { state: f.state ?? "saved", message: f.message ?? "" };
        return;
      case "memory":
        this.memory.value = f.bytes ?? 0;
        return;
      case "input":
        this.prompt.value = f.prompt ?? null;
        return;
      case "answer": {
        const answer = this.asks.get(f.id ?? 0);
        this.asks.delete(f.id ?? 0);
        answer?.(f.content ?? {});
        return;
      }
      case "debug":
        this.onDebug?.(f.content ?? {});
        return;
      case "tier":
        this.tier.value = (f.content ?? null) as Tier | null;
        return;
      case "renamed":
        this.path = f.path ?? this.path;
        this.onRename(this.path);
        return;
      case "gone":
        this.connection.value = "refused";
        this.refusal.value = f.message ?? "the notebook is gone";
    }
  }

  private opened(f: ServerFrame) {
    this.tries = 0;
    this.gen = f.gen ?? "";
    if (f.type === "snapshot") this.seq = f.seq ?? 0;
    this.connection.value = "open";
  }

  /** Starts over from a snapshot; what was typed meanwhile is carried over. */
  private restart(doc: DocumentSnapshot, f: ServerFrame) {
    this.landed(f, true);
    const typed = new Map<string, { cell: CellModel; text: string }>();
    for (const c of this.notebook.cells.value) {
      if (c.view && sendableUpdates(c.view.state).length > 0) {
        typed.set(c.id, { cell: c, text: c.source.value });
      }
    }
    const unborn = new Set(this.pending.filter((p) => p.op.op === "insert").map((p) => p.op.new?.id));
    this.notebook.load(doc, (c) => c.unborn && unborn.has(c.id));
    for (const cell of doc.cells) {
      const c = this.notebook.cell(cell.id);
      if (c) this.rebase(c, cell.source, doc.states[cell.id]?.version ?? 0);
      typed.delete(cell.id);
    }
    for (const { cell, text } of typed.values()) {
      if (!cell.unborn) this.insert({ ...emptyCell("code"), cell_type: cell.type.value, source: text }, doc.cells.length);
    }
  }

  /** Moves a cell to the server's text; unconfirmed edits of its editor stay on top. */
  private rebase(c: CellModel, source: string, version: number) {
    const target = toText(source);
    if (!c.view) {
      c.source.value = source;
    } else if (!target.eq(c.confirmed)) {
      const change = difference(c.confirmed, target);
      c.view.dispatch(receiveUpdates(c.view.state, [{ changes: change, clientID: "server" }]));
    }
    c.confirmed = target;
    c.version = version;
    if (c.view) this.offsets.set(c.id, version - getSyncedVersion(c.view.state));
  }

  /** Settles the edits in flight: which of them did the server apply before the connection broke? */
  private landed(f: ServerFrame, snapshot = false) {
    for (const [id, flight] of this.flights) {
      const applied = flight.n <= (f.applied ?? 0) && !f.rejected?.includes(flight.n);
      if (applied && !snapshot) continue; // its event follows
      this.flights.delete(id);
      const c = this.notebook.cell(id);
      if (applied && c?.view) {
        for (const u of flight.updates) c.confirmed = u.changes.apply(c.confirmed);
        c.view.dispatch(receiveUpdates(c.view.state, flight.updates));
      }
    }
  }

  private resend(applied: number, rejected: number[]) {
    const waiting = this.pending;
    this.pending = [];
    for (const p of waiting) {
      const n = p.op.n ?? 0;
      if (rejected.includes(n)) p.done(false);
      else if (n <= applied) p.done(true);
      else {
        this.pending.push(p);
        this.post({ type: "op", op: p.op });
      }
    }
    for (const c of this.notebook.cells.value) this.flush(c);
    this.wakeSettled();
  }

  private event(e: DocumentEvent) {
    if (e.seq <= this.seq) return;
    this.seq = e.seq;
    if (e.op === "edit") this.edited(e);
    else {
      const lost = e.op === "delete" ? this.unsent(e.cell) : "";
      this.notebook.apply(e);
      if (lost) this.insert({ ...emptyCell("code"), source: lost }, this.notebook.cells.value.length);
    }
    if (e.client === this.client) {
      const i = this.pending.findIndex((p) => p.op.n === e.n);
      if (i >= 0) this.pending.splice(i, 1)[0].done(true);
      const cell = this.notebook.cell(e.new?.id);
      if (cell) this.flush(cell);
    }
  }

  /** Text of a cell that somebody else deletes while edits of ours are on their way. */
  private unsent(id: string | undefined): string {
    const c = this.notebook.cell(id);
    if (!c?.view || sendableUpdates(c.view.state).length === 0) return "";
    return c.source.value;
  }

  private edited(e: DocumentEvent) {
    const c = this.notebook.cell(e.cell);
    const updates = e.updates ?? [];
    if (!c) return;
    c.confirmed = applyChanges(c.confirmed, updates);
    c.version = (e.version ?? 0) + updates.length;
    if (!c.view) {
      c.source.value = c.confirmed.toString();
      return;
    }
    if (e.client === this.client) this.flights.delete(c.id);
    c.view.dispatch(receiveUpdates(c.view.state, updates.map((u) => ({
      changes: ChangeSet.fromJSON(u.changes), clientID: e.client ?? "server",
    }))));
    this.offsets.set(c.id, c.version - getSyncedVersion(c.view.state));
    this.flush(c);
  }

  private rejected(f: ServerFrame) {
    const i = this.pending.findIndex((p) => p.op.n === f.n);
    if (i >= 0) {
      const [p] = this.pending.splice(i, 1);
      if (p.op.op === "insert" && p.op.new) this.notebook.remove(p.op.new.id);
      p.done(false);
    }
    for (const [id, flight] of this.flights) {
      if (flight.n !== f.n) continue;
      this.flights.delete(id);
      setTimeout(() => {
        const c = this.notebook.cell(id);
        if (c) this.flush(c);
      }, 30);
    }
    if (!f.stale && f.message) this.notice.value = f.message;
  }

  /** The editor extension that records edits of a cell; the editor starts at the confirmed text. */
  collab(c: CellModel): Extension {
    this.offsets.set(c.id, c.version);
    return collab({ startVersion: 0, clientID: this.client });
  }

  /** Sends the edits of a cell, one operation at a time. */
  flush(c: CellModel) {
    if (!c.view || c.unborn || this.flights.has(c.id) || this.connection.value !== "open") return;
    const updates = sendableUpdates(c.view.state);
    if (updates.length === 0) return;
    const n = ++this.n;
    this.flights.set(c.id, {
      n, updates: updates.map((u) => ({ changes: u.changes, clientID: this.client })),
    });
    this.post({
      type: "op", op: {
        op: "edit", n, cell: c.id,
        version: getSyncedVersion(c.view.state) + (this.offsets.get(c.id) ?? 0),
        updates: updates.map((u) => ({ changes: u.changes.toJSON() as unknown })),
      },
    });
  }

  private post(message: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Sends an operation; the promise tells whether the server applied it. */
  op(op: Op): Promise<boolean> {
    op.n = ++this.n;
    return new Promise((done) => {
      this.pending.push({ op, done });
      this.post({ type: "op", op });
    });
  }

  /** Inserts a cell here at once and at the server in a moment. */
  insert(cell: Cell, index: number): CellModel {
    const model = new CellModel(cell);
    model.unborn = true;
    model.editing.value = cell.cell_type === "markdown" && cell.source === "";
    this.notebook.insert(model, index);
    void this.op({ op: "insert", index, new: cell });
    return model;
  }

  /** Replaces the source of a cell. */
  setSource(c: CellModel, text: string) {
    if (c.view) {
      c.view.dispatch({ changes: { from: 0, to: c.view.state.doc.length, insert: text } });
      return;
    }
    const change = difference(toText(c.source.value), toText(text));
    void this.op({ op: "edit", cell: c.id, version: c.version, updates: [{ changes: change.toJSON() }] });
  }

  /** Resolves when the server knows everything that was typed and done here. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.settledWaiters.push(resolve);
      this.wakeSettled();
    });
  }

  get unsaved(): boolean {
    return this.pending.length > 0 || this.flights.size > 0 ||
      this.notebook.cells.value.some((c) => c.view && sendableUpdates(c.view.state).length > 0);
  }

  private wakeSettled() {
    if (this.settledWaiters.length === 0 || this.unsaved || this.connection.value !== "open") return;
    const waiters = this.settledWaiters;
    this.settledWaiters = [];
    for (const w of waiters) w();
  }

  /** Runs cells, after the server has what was typed. */
  async run(cells: string[], stop: boolean) {
    await this.settled();
    await this.beforeRun?.(cells);
    this.post({ type: "run", cells, stop });
  }

  async restartKernel(cells: string[]) {
    await this.settled();
    if (cells.length > 0 && this.debug.state.value !== "off") {
      this.debug.runAfter = cells; // the debugger comes first
      cells = [];
    }
    this.post({ type: "restart", cells, stop: true });
  }

  command(type: "interrupt" | "shutdown" | "save" | "overwrite" | "reload") {
    if (!this.post({ type })) this.notice.value = "There is no connection to the server.";
  }

  setTier(on: boolean) { this.post({ type: "tier", content: { on } }); }

  answer(value: string) { this.post({ type: "input", value }); }

  /** Asks the kernel, for instance for completions. */
  ask(msg_type: string, content: JsonObject): Promise<JsonObject> {
    const id = this.nextAsk++;
    return new Promise((resolve) => {
      if (this.post({ type: "ask", id, msg_type, content })) this.asks.set(id, resolve);
      else resolve({ status: "error" });
    });
  }
}

export function emptyCell(type: Cell["cell_type"]): Cell {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(4)), (b) => b.toString(16).padStart(2, "0"));
  return { id: id.join(""), cell_type: type, source: "", metadata: {} };
}

/** One change that turns a into b: what differs between their common beginning and end. */
function difference(a: Text, b: Text): ChangeSet {
  const x = a.toString(), y = b.toString();
  let from = 0;
  while (from < x.length && from < y.length && x[from] === y[from]) from++;
  if (isLow(x, from) || isLow(y, from)) from--;
  let end = 0;
  while (end < x.length - from && end < y.length - from && x[x.length - 1 - end] === y[y.length - 1 - end]) end++;
  if (end > 0 && isLow(x, x.length - end)) end--;
  return ChangeSet.of({ from, to: x.length - end, insert: y.slice(from, y.length - end) }, x.length);
}

/** Reports whether the unit at i is the second half of a character: a change must not split it. */
function isLow(s: string, i: number): boolean {
  const c = s.charCodeAt(i);
  return i > 0 && c >= 0xdc00 && c <= 0xdfff;
}
