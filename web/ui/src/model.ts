// The notebook as the page sees it: one signal per thing that changes, and the reducer that applies
// the server's events to them. The reducer mirrors web/document; it decides nothing itself.

import { batch, signal, type Signal } from "@preact/signals";
import { ChangeSet, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import {
  chartMime, type Cell, type CellState, type CellType, type Change, type DocumentEvent,
  type DocumentSnapshot, type Frame, type Json, type JsonObject, type Kernel, type Output,
  type Place, type Status,
} from "./protocol";

/** An output with a revision: outputs are mutated in place, `rev` says that they were. */
export class OutputModel {
  readonly rev = signal(0);
  readonly key = nextKey++;
  constructor(public value: Output) {}
  touch() { this.rev.value++; }
}

let nextKey = 1;

export class CellModel {
  readonly id: string;
  readonly type: Signal<CellType>;
  readonly source: Signal<string>;
  readonly metadata: Signal<JsonObject>;
  readonly outputs = signal<OutputModel[]>([]);
  readonly count = signal(0);
  readonly status = signal<Status>("");
  readonly started = signal(0);
  readonly elapsed = signal(0);
  /** A markdown cell that shows its source. */
  readonly editing = signal(false);
  attachments: Cell["attachments"];
  view: EditorView | null = null;
  /** Version and text of the source as the server last told them. */
  version = 0;
  confirmed: Text;
  /** The server does not know the cell yet. */
  unborn = false;
  private clearNext = false;

  constructor(cell: Cell, state?: CellState) {
    this.id = cell.id;
    this.type = signal(cell.cell_type);
    this.source = signal(cell.source);
    this.metadata = signal(cell.metadata ?? {});
    this.confirmed = toText(cell.source);
    this.load(cell, state);
  }

  /** Takes over everything but the source, which the editor may be ahead of. */
  load(cell: Cell, state?: CellState) {
    this.type.value = cell.cell_type;
    this.metadata.value = cell.metadata ?? {};
    this.attachments = cell.attachments;
    this.outputs.value = (cell.outputs ?? []).map((o) => new OutputModel(o));
    this.count.value = cell.execution_count ?? 0;
    this.clearNext = cell.clear_next ?? false;
    this.setState(state ?? { version: 0 });
  }

  private setState(s: CellState) {
    this.status.value = s.status ?? "";
    this.started.value = s.started ?? 0;
    this.elapsed.value = s.elapsed ?? 0;
  }

  get place(): Place | undefined {
    return this.outputs.value.find((o) => o.value.lathe)?.value.lathe;
  }

  get busy() { return this.status.value === "running" || this.status.value === "queued"; }

  clear() {
    this.outputs.value = [];
    this.count.value = 0;
    this.clearNext = false;
    if (!this.busy) this.setState({ version: 0 });
  }

  start(time: number) {
    this.outputs.value = [];
    this.count.value = 0;
    this.clearNext = false;
    this.setState({ version: 0, status: "running", started: time });
  }

  clearOnNext() { this.clearNext = true; }

  add(o: Output) {
    if (this.clearNext) {
      this.outputs.value = [];
      this.clearNext = false;
    }
    const last = this.outputs.value.at(-1);
    if (o.output_type === "stream" && last?.value.output_type === "stream" && last.value.name === o.name) {
      last.value.text = (last.value.text ?? "") + (o.text ?? "");
      last.touch();
    } else {
      this.outputs.value = [...this.outputs.value, new OutputModel(o)];
    }
  }
}

export function toText(source: string): Text { return Text.of(source.split("\n")); }

export class Notebook {
  readonly cells = signal<CellModel[]>([]);
  readonly kernel = signal<Kernel>({ status: "none" });
  readonly metadata = signal<JsonObject>({});
  readonly loaded = signal(false);
  private byID = new Map<string, CellModel>();

  cell(id: string | undefined): CellModel | undefined { return id ? this.byID.get(id) : undefined; }

  index(id: string | undefined): number { return this.cells.value.findIndex((c) => c.id === id); }

  /** Replaces everything by a snapshot; models of cells that stay are kept, with their editors. */
  load(doc: DocumentSnapshot, keep: (c: CellModel) => boolean) {
    batch(() => {
      const unborn = this.cells.value.filter((c) => keep(c));
      const cells = doc.cells.map((cell) => {
        const old = this.byID.get(cell.id);
        const state = doc.states[cell.id];
        if (!old) {
          const fresh = new CellModel(cell, state);
          fresh.version = state?.version ?? 0;
          return fresh;
        }
        old.unborn = false;
        old.load(cell, state);
        return old;
      });
      for (const c of unborn) {
        if (!cells.some((other) => other.id === c.id)) {
          cells.splice(Math.min(this.index(c.id), cells.length), 0, c);
        }
      }
      this.set(cells);
      this.metadata.value = doc.metadata;
      this.kernel.value = doc.kernel;
      this.loaded.value = true;
    });
  }

  private set(cells: CellModel[]) {
    this.byID = new Map(cells.map((c) => [c.id, c]));
    this.cells.value = cells;
  }

  insert(cell: CellModel, index: number) {
    const cells = this.cells.value.filter((c) => c.id !== cell.id);
    cells.splice(index, 0, cell);
    this.set(cells);
  }

  remove(id: string) { this.set(this.cells.value.filter((c) => c.id !== id)); }

  /** Applies an event other than an edit, which needs the editors. */
  apply(e: DocumentEvent) {
    const cell = this.cell(e.cell);
    switch (e.op) {
      case "insert":
      case "restore":
        if (e.new) this.placed(e.new, e.index ?? 0);
        return;
      case "delete":
        if (e.cell) this.remove(e.cell);
        return;
      case "move":
        if (cell) this.insert(cell, e.index ?? 0);
        return;
      case "type":
        if (cell && e.type && e.type !== cell.type.value) {
          cell.clear();
          cell.type.value = e.type;
          cell.editing.value = e.type === "markdown" && cell.source.value === "";
        }
        return;
      case "cellmeta":
        if (cell) cell.metadata.value = e.metadata ?? {};
        return;
      case "meta":
        this.metadata.value = e.metadata ?? {};
        return;
      case "clear":
        for (const c of cell ? [cell] : this.cells.value) if (c.type.value === "code") c.clear();
        return;
      case "kernel":
        this.kernel.value = { status: e.status as Kernel["status"], message: e.message };
        return;
      case "output":
        if (e.change) this.change(cell, e.change, e);
        return;
    }
    if (cell) applyRun(cell, e);
  }

  private placed(cell: Cell, index: number) {
    const known = this.byID.get(cell.id);
    if (known) {
      known.unborn = false;
      this.insert(known, index);
      return;
    }
    this.insert(new CellModel(cell), index);
  }

  private change(cell: CellModel | undefined, c: Change, e: DocumentEvent) {
    switch (c.kind) {
      case "add":
        if (cell && c.output) cell.add(c.output);
        return;
      case "clear":
        if (cell) cell.outputs.value = [];
        return;
      case "clearin":
        cell?.clearOnNext();
        return;
      case "update":
        this.displays(c.display, (o) => {
          o.value = { ...o.value, data: c.output?.data ?? {}, metadata: c.output?.metadata };
        });
        return;
      case "append":
        this.displays(c.display, (o) => foldFrame(o.value.data?.[chartMime], c.frame ?? {}));
        return;
      case "truncated": {
        const o = cell?.outputs.value[e.index ?? 0];
        if (o) {
          o.value.extra = { ...o.value.extra, truncated: e.count ?? 0 };
          o.touch();
        }
      }
    }
  }

  private displays(id: string | undefined, edit: (o: OutputModel) => void) {
    for (const c of this.cells.value) {
      for (const o of c.outputs.value) {
        if (id && o.value.display_id === id) {
          edit(o);
          o.touch();
        }
      }
    }
  }
}

function applyRun(cell: CellModel, e: DocumentEvent) {
  switch (e.op) {
    case "queue":
      cell.status.value = "queued";
      return;
    case "start":
      cell.start(e.time ?? 0);
      return;
    case "count":
      cell.count.value = e.count ?? 0;
      return;
    case "done":
      cell.status.value = e.status as Status ?? "";
      cell.elapsed.value = e.elapsed ?? 0;
  }
}

/** Applies CodeMirror changes, as they travel, to a text. */
export function applyChanges(text: Text, updates: { changes: unknown }[]): Text {
  for (const u of updates) text = ChangeSet.fromJSON(u.changes).apply(text);
  return text;
}

function isObject(v: Json | undefined): v is JsonObject {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** Appends the frame's points to the chart's series and merges its partial option. */
function foldFrame(chart: Json | undefined, frame: Frame) {
  if (!isObject(chart)) return;
  if (!isObject(chart.option)) chart.option = {};
  const option = chart.option as JsonObject;
  if (isObject(option.series)) option.series = [option.series];
  const series = Array.isArray(option.series) ? option.series : [];
  for (const { series: i = 0, data } of frame.append ?? []) {
    const s = series[i];
    if (!isObject(s) || !Array.isArray(data)) continue;
    if (Array.isArray(s.data)) for (const point of data) s.data.push(point);
    else s.data = [...data];
  }
  if (frame.set) mergeOption(option, frame.set);
}

function mergeOption(into: JsonObject, from: JsonObject) {
  for (const [k, v] of Object.entries(from)) {
    const old = into[k];
    if (isObject(v) && isObject(old)) {
      mergeOption(old, v);
    } else if (Array.isArray(v) && v.length > 0 && v.every(isObject) && Array.isArray(old) &&
      old.length > 0 && old.every(isObject)) {
      v.forEach((item, i) => {
        const target = old[i];
        if (isObject(target) && isObject(item)) mergeOption(target, item);
        else old[i] = structuredClone(item);
      });
    } else {
      into[k] = structuredClone(v);
    }
  }
}
