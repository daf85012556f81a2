// The JSON that server and page exchange; the Go side is web/api, web/document and web/notebook.

export type CellType = "code" | "markdown" | "raw";
export type Status = "" | "queued" | "running" | "ok" | "error" | "aborted" | "lost";
export type KernelStatus = "none" | "starting" | "idle" | "busy" | "restarting" | "dead";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const chartMime = "application/vnd.lathe.echarts+json";
export const graphMime = "application/vnd.lathe.graph+json";
export const tableMime = "application/vnd.lathe.table+json";
export const textMime = "application/vnd.lathe.text+json";

export interface Place {
  cell: string;
  line: number;
  column?: number;
}

export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  name?: string;
  text?: string;
  data?: JsonObject;
  metadata?: JsonObject;
  execution_count?: number;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  lathe?: Place;
  display_id?: string;
  extra?: JsonObject;
}

export interface Cell {
  id: string;
  cell_type: CellType;
  source: string;
  metadata?: JsonObject;
  attachments?: { [name: string]: { [mime: string]: string } };
  outputs?: Output[];
  execution_count?: number;
  clear_next?: boolean;
}

export interface CellState {
  version: number;
  status?: Status;
  started?: number;
  elapsed?: number;
}

export interface Kernel {
  status: KernelStatus;
  message?: string;
}

export interface Frame {
  append?: { series?: number; data: Json[] }[];
  set?: JsonObject;
}

export interface Change {
  kind: "add" | "update" | "append" | "clear" | "clearin" | "truncated";
  output?: Output;
  display?: string;
  frame?: Frame;
}

export interface Op {
  op: string;
  cell?: string;
  index?: number;
  new?: Cell;
  type?: CellType;
  version?: number;
  updates?: { changes: unknown }[];
  metadata?: JsonObject;
  change?: Change;
  count?: number;
  status?: string;
  message?: string;
  time?: number;
  elapsed?: number;
  client?: string;
  n?: number;
}

export interface DocumentEvent extends Op {
  seq: number;
}

export interface DocumentSnapshot {
  cells: Cell[];
  metadata: JsonObject;
  states: { [id: string]: CellState };
  kernel: Kernel;
}

/** What the automatic tier of the kernel does. */
export interface Tier {
  on: boolean;
  compiled: number;
  text: string;
}

export interface Prompt {
  cell: string;
  prompt: string;
  password: boolean;
}

export interface ServerFrame {
  type:
    | "snapshot" | "resume" | "events" | "reject" | "save" | "memory" | "input" | "answer"
    | "renamed" | "tier" | "gone" | "debug";
  gen?: string;
  seq?: number;
  document?: DocumentSnapshot;
  applied?: number;
  rejected?: number[];
  events?: DocumentEvent[];
  n?: number;
  stale?: boolean;
  state?: "saved" | "dirty" | "failed" | "conflict";
  message?: string;
  bytes?: number;
  prompt?: Prompt | null;
  id?: number;
  content?: JsonObject;
  path?: string;
}
