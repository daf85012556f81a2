// The command palette, the list of shortcuts, and questions.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { commands, perform, type Command } from "./commands";
import { ExportBox, exporting } from "./exporting";
import { dialog, mode, question, select, selected } from "./ui";

export function Modal({ label, close, children, class: name = "" }: { label: string; close: () => void; children: preact.ComponentChildren; class?: string }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = box.current;
    d?.showModal();
    return () => d?.close();
  }, []);
  return (
    <dialog class={`modal ${name}`} aria-label={label} ref={box} onCancel={(e) => { e.preventDefault(); close(); }}
      onMouseDown={(e) => { if (e.target === box.current) close(); }}>
      {children}
    </dialog>
  );
}

function shut() {
  dialog.value = "";
  if (mode.value === "command") select(selected.value, { scroll: false });
}

const symbols: { [k: string]: string } = {
  ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Mod: /Mac/.test(navigator.platform) ? "⌘" : "Ctrl",
};

export function Keys({ keys }: { keys: string }): JSX.Element {
  return (
    <span class="keys">
      {keys.split(" ").map((k, i) => (
        <kbd key={i}>{k.split(/-(?!$)/).map((part) => symbols[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ")}</kbd>
      ))}
    </span>
  );
}

const keysOf = (c: Command) => (c.both ?? c.command ?? c.edit ?? [])[0];

function Palette() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return commands.filter((c) => c.id !== "palette" && words.every((w) => c.title.toLowerCase().includes(w)));
  }, [text]);
  const pick = Math.min(at, found.length - 1);
  useEffect(() => { list.current?.children[pick]?.scrollIntoView({ block: "nearest" }); }, [pick]);
  const run = (c: Command | undefined) => {
    shut();
    if (c) perform(c.id);
  };
  const key = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown") setAt(Math.min(pick + 1, found.length - 1));
    else if (e.key === "ArrowUp") setAt(Math.max(pick - 1, 0));
    else if (e.key === "Enter") run(found[pick]);
    else return;
    e.preventDefault();
  };
  return (
    <Modal label="Commands" close={shut} class="palette">
      <input placeholder="Find a command" aria-label="Find a command" value={text} autofocus onKeyDown={key}
        onInput={(e) => { setText(e.currentTarget.value); setAt(0); }} />
      <ul ref={list} role="listbox">
        {found.map((c, i) => (
          <li key={c.id} role="option" aria-selected={i === pick} onMouseMove={() => setAt(i)} onClick={() => run(c)}>
            <span>{c.title}</span>{keysOf(c) && <Keys keys={keysOf(c)} />}
          </li>
        ))}
        {found.length === 0 && <li class="none">No command has these words</li>}
      </ul>
    </Modal>
  );
}

/** Without keys that read the same here: Mod is Ctrl on most machines. */
function distinct(keys: string[]): string[] {
  const label = (k: string) => k.replace("Mod", symbols.Mod).replace("_", "-");
  return keys.filter((k, i) => keys.findIndex((other) => label(other) === label(k)) === i);
}

function Help() {
  const group = (title: string, pick: (c: Command) => string[] | undefined) => (
    <section>
      <h3>{title}</h3>
      <dl>
        {commands.filter((c) => pick(c)?.length).map((c) => (
          <div key={c.id}><dt>{distinct(pick(c)!).slice(0, 2).map((k) => <Keys key={k} keys={k} />)}</dt><dd>{c.title}</dd></div>
        ))}
      </dl>
    </section>
  );
  return (
    <Modal label="Keyboard shortcuts" close={shut} class="help">
      <h2>Keyboard shortcuts</h2>
      <div class="columns">
        {group("Command mode (press Esc)", (c) => c.command)}
        <div>
          {group("Both modes", (c) => c.both)}
          {group("Edit mode (press Enter)", (c) => c.edit)}
        </div>
      </div>
    </Modal>
  );
}

function QuestionBox() {
  const q = question.value!;
  const [text, setText] = useState(q.input ?? "");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const stem = (q.input ?? "").replace(/\.ipynb$/, "").length;
    field.current?.setSelectionRange(0, stem);
  }, []);
  return (
    <Modal label={q.title} close={() => q.answer(null)} class="question">
      <form onSubmit={(e) => { e.preventDefault(); q.answer(q.input === undefined ? "yes" : text.trim()); }}>
        <h2>{q.title}</h2>
        <p>{q.text}</p>
        {q.input !== undefined && <input ref={field} aria-label={q.title} value={text} autofocus onInput={(e) => setText(e.currentTarget.value)} />}
        <div class="buttons">
          <button type="button" class="button" onClick={() => q.answer(null)}>Cancel</button>
          <button class={q.danger ? "button danger" : "button primary"} autofocus={q.input === undefined}>{q.action}</button>
        </div>
      </form>
    </Modal>
  );
}

export function Dialogs(): JSX.Element {
  return (
    <>
      {dialog.value === "palette" && <Palette />}
      {dialog.value === "help" && <Help />}
      {exporting.value !== null && <ExportBox />}
      {question.value && <QuestionBox key={question.value.title + question.value.text} />}
    </>
  );
}
