// What the kernel knows of the code at the cursor: the signature of the call that is being written, and
// the declaration of the name under the mouse.

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { EditorView, hoverTooltip, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Session } from "./session";

interface Signature {
  label: string;
  parameters: string[];
  argument: number;
  doc: string;
}

interface Known {
  lathe_name?: { declaration: string; doc: string };
  lathe_signature?: Signature;
}

async function inspect(session: Session, view: EditorView, pos: number): Promise<Known> {
  const code = view.state.doc.toString();
  const cursor = [...code.slice(0, pos)].length; // the protocol counts characters
  const reply = await session.ask("inspect_request", { code, cursor_pos: cursor, detail_level: 0 });
  return reply.status === "ok" && reply.found ? (reply.metadata ?? {}) as Known : {};
}

function element(name: string, text = ""): HTMLElement {
  const e = document.createElement("div");
  e.className = name;
  e.textContent = text;
  return e;
}

/** The declaration with the parameter at the cursor in bold. */
function drawSignature(sig: Signature): HTMLElement {
  const box = element("hint hint-signature"), head = element("hint-code");
  let from = sig.label.indexOf("(", sig.label.startsWith("func (") ? 6 : 0), to = from;
  for (const [i, p] of sig.parameters.entries()) {
    const k = from < 0 ? -1 : sig.label.indexOf(p, to);
    if (k < 0) break;
    [from, to] = [k, k + p.length];
    if (i === sig.argument) break;
  }
  const marked = sig.argument >= 0 && sig.label.slice(from, to) === sig.parameters[sig.argument];
  if (marked && to > from) {
    const bold = document.createElement("b");
    bold.textContent = sig.label.slice(from, to);
    head.append(sig.label.slice(0, from), bold, sig.label.slice(to));
  } else head.textContent = sig.label;
  box.append(head);
  if (sig.doc) box.append(element("hint-doc", sig.doc));
  return box;
}

const setSignature = StateEffect.define<Tooltip | null>();

const signature = StateField.define<Tooltip | null>({
  create: () => null,
  update(tip, tr) {
    for (const e of tr.effects) if (e.is(setSignature)) return e.value;
    return tip && tr.docChanged ? { ...tip, pos: tr.changes.mapPos(tip.pos) } : tip;
  },
  provide: (f) => showTooltip.from(f),
});

/** Asks again after each change that leaves the cursor behind an open parenthesis. */
function follower(session: Session) {
  return ViewPlugin.define((view) => {
    let asked = 0;
    const clear = () => {
      asked++;
      if (view.state.field(signature)) queueMicrotask(() => view.dispatch({ effects: setSignature.of(null) }));
    };
    const ask = async () => {
      const mine = ++asked, pos = view.state.selection.main.head;
      const sig = (await inspect(session, view, pos).catch((): Known => ({}))).lathe_signature;
      if (mine !== asked || !view.dom.isConnected) return;
      view.dispatch({ effects: setSignature.of(sig ? { pos, above: true, create: () => ({ dom: drawSignature(sig) }) } : null) });
    };
    return {
      update(u: ViewUpdate) {
        const { head, empty } = u.state.selection.main;
        if (u.focusChanged && !u.view.hasFocus) return clear();
        const typed = u.docChanged && u.transactions.some((t) => t.isUserEvent("input") || t.isUserEvent("delete"));
        if (!typed && !(u.selectionSet && u.state.field(signature))) return;
        const before = u.state.sliceDoc(Math.max(0, head - 2000), head);
        if (empty && before.includes("(")) void ask();
        else clear();
      },
      destroy() { asked++; },
    };
  });
}

/** Tooltips for a code cell. */
export function hints(session: Session): Extension {
  return [
    signature,
    follower(session),
    hoverTooltip(async (view, pos) => {
      const word = view.state.wordAt(pos);
      if (!word) return null;
      const name = (await inspect(session, view, pos)).lathe_name;
      if (!name) return null;
      const dom = element("hint");
      dom.append(element("hint-code", name.declaration));
      if (name.doc) dom.append(element("hint-doc", name.doc));
      return { pos: word.from, end: word.to, above: true, create: () => ({ dom }) };
    }),
  ];
}
