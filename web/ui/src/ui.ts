// State of the page that is not in the notebook: selection, mode, dialogs.

import { computed, signal } from "@preact/signals";
import type { CellModel } from "./model";
import type { Session } from "./session";

export const session = signal<Session | null>(null);
export const mode = signal<"command" | "edit">("command");
export const selected = signal("");
/** The other end of a selection of several cells; "" when one cell is selected. */
export const anchor = signal("");
export const dialog = signal<"" | "palette" | "help">("");
export const clipboard = signal<{ type: CellModel["type"]["value"]; source: string }[]>([]);

export interface Question {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  input?: string;
  answer: (value: string | null) => void;
}

export const question = signal<Question | null>(null);

/** Asks in a dialog; null means no. With `input` the answer is the text. */
export function ask(q: Omit<Question, "answer">): Promise<string | null> {
  return new Promise((resolve) => {
    question.value = {
      ...q, answer: (value) => {
        question.value = null;
        resolve(value);
      },
    };
  });
}

export const current = computed(() => session.value?.notebook.cell(selected.value));

/** The selected cells in document order. */
export const selection = computed<CellModel[]>(() => {
  const nb = session.value?.notebook;
  if (!nb) return [];
  const a = nb.index(selected.value);
  const b = anchor.value ? nb.index(anchor.value) : a;
  if (a < 0) return [];
  return nb.cells.value.slice(Math.min(a, b < 0 ? a : b), Math.max(a, b) + 1);
});

export function cellElement(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-cell="${CSS.escape(id)}"]`);
}

/** Selects a cell and leaves edit mode. */
export function select(id: string, options: { scroll?: boolean; extend?: boolean } = {}) {
  if (!id) return;
  if (options.extend) anchor.value ||= selected.value;
  else anchor.value = "";
  selected.value = id;
  mode.value = "command";
  requestAnimationFrame(() => {
    const cell = cellElement(id);
    if (!cell || mode.value !== "command" || selected.value !== id) return;
    cell.focus({ preventScroll: true });
    if (options.scroll !== false) cell.scrollIntoView({ block: "nearest" });
  });
}

/** Asks the component of the cell to mount its editor and to focus it. */
export const editRequest = signal<{ id: string; line?: number; column?: number; end?: boolean } | null>(null);

export function edit(id: string, at: { line?: number; column?: number; end?: boolean } = {}) {
  anchor.value = "";
  selected.value = id;
  mode.value = "edit";
  editRequest.value = { id, ...at };
}
