// CodeMirror for one cell.

import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap,
  completionStatus, startCompletion, type Completion, type CompletionContext, type CompletionResult,
} from "@codemirror/autocomplete";
import {
  defaultKeymap, history, historyKeymap, indentLess, indentMore, insertNewlineAndIndent,
  toggleComment,
} from "@codemirror/commands";
import { goLanguage } from "@codemirror/lang-go";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import {
  bracketMatching, indentOnInput, indentUnit, LanguageSupport, syntaxHighlighting,
} from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection, EditorView, keymap, lineNumbers, placeholder, tooltips, type Command,
} from "@codemirror/view";
import { effect } from "@preact/signals";
import { classes } from "./highlight";
import { hints } from "./hints";
import type { CellModel } from "./model";
import type { Session } from "./session";
import { showLineNumbers } from "./settings";

const languages: { [type: string]: Extension } = {
  code: [new LanguageSupport(goLanguage), indentUnit.of("\t"), EditorState.tabSize.of(4)],
  markdown: [markdown({ base: markdownLanguage }), EditorView.lineWrapping],
  raw: [EditorView.lineWrapping],
};

/** Tab completes after a word and indents elsewhere. */
const tab: Command = (view) => {
  if (completionStatus(view.state) === "active") return acceptCompletion(view);
  const { from, empty } = view.state.selection.main;
  const line = view.state.doc.lineAt(from);
  if (empty && /[\w.]$/.test(line.text.slice(0, from - line.from))) return startCompletion(view);
  if (empty) {
    view.dispatch(view.state.replaceSelection("\t"));
    return true;
  }
  return indentMore(view);
};

function completer(session: Session): (c: CompletionContext) => Promise<CompletionResult | null> {
  return async (context) => {
    const word = context.matchBefore(/[\w.]+$/);
    if (!context.explicit && !word?.text.endsWith(".")) return null;
    const code = context.state.doc.toString();
    const cursor = [...code.slice(0, context.pos)].length; // the protocol counts characters
    const reply = await session.ask("complete_request", { code, cursor_pos: cursor });
    const matches = reply.matches;
    if (reply.status !== "ok" || !Array.isArray(matches) || matches.length === 0) return null;
    const before = [...code].slice(0, Number(reply.cursor_start)).join("").length;
    const options: Completion[] = matches.map((label) => ({ label: String(label) }));
    return { from: before, options, validFor: /^\w*$/ };
  };
}

/** Creates the editor of a cell in parent. */
export function createEditor(parent: HTMLElement, cell: CellModel, session: Session, focused: () => void): EditorView {
  const numbers = new Compartment();
  const code = cell.type.value === "code";
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: cell.source.value,
      extensions: [
        session.collab(cell),
        languages[cell.type.value],
        numbers.of(showLineNumbers.value && code ? lineNumbers() : []),
        tooltips({ parent: document.body, position: "fixed" }),
        history(), drawSelection(), bracketMatching(), closeBrackets(), indentOnInput(),
        highlightSelectionMatches(), search({ top: true }),
        syntaxHighlighting(classes),
        code ? [autocompletion({ override: [completer(session)], icons: false }), hints(session)] : [],
        code ? [] : placeholder(cell.type.value === "markdown" ? "Markdown, with $\\LaTeX$" : "Raw text"),
        EditorState.allowMultipleSelections.of(true),
        keymap.of([
          { key: "Tab", run: tab, shift: indentLess },
          { key: "Mod-/", run: toggleComment },
          { key: "Enter", run: insertNewlineAndIndent },
          ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap,
          ...defaultKeymap.filter((k) => k.key !== "Mod-Enter" && k.key !== "Shift-Enter"),
        ]),
        EditorView.updateListener.of((u) => {
          if (u.docChanged) {
            cell.source.value = u.state.doc.toString();
            session.debug.moved(cell.id, u.changes, u.startState.doc, u.state.doc);
            session.flush(cell);
          }
          if (u.focusChanged && u.view.hasFocus) focused();
        }),
        EditorView.contentAttributes.of({ "aria-label": `${cell.type.value} cell` }),
      ],
    }),
  });
  cell.view = view;
  const stopNumbers = effect(() => {
    const show = showLineNumbers.value && code;
    view.dispatch({ effects: numbers.reconfigure(show ? lineNumbers() : []) });
  });
  const stopMarks = effect(() => {
    void cell.outputs.value;
    mark(view, cell);
  });
  const destroy = view.destroy.bind(view);
  view.destroy = () => {
    stopNumbers();
    stopMarks();
    cell.view = null;
    destroy();
  };
  return view;
}

/** Underlines the place that the cell's error names. */
function mark(view: EditorView, cell: CellModel) {
  const place = cell.place;
  const error = cell.outputs.value.find((o) => o.value.lathe)?.value;
  if (!place || place.line < 1 || place.line > view.state.doc.lines) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const line = view.state.doc.line(place.line);
  const indent = line.text.length - line.text.trimStart().length;
  const from = Math.min(line.from + Math.max((place.column ?? 0) - 1, indent), line.to);
  const word = /^[\w]+|^\S/.exec(view.state.sliceDoc(from, line.to));
  const to = (place.column ?? 0) > 0 && word ? from + word[0].length : line.to;
  view.dispatch(setDiagnostics(view.state, [{
    from: to > from ? from : line.from, to, severity: "error", message: error?.evalue ?? "",
  }]));
}

/** Puts the cursor at a line and column and shows it. */
export function goTo(view: EditorView, line: number, column = 1) {
  const l = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  const anchor = Math.min(l.from + Math.max(column - 1, 0), l.to);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}
