// Syntax colours, for the editor and for cells that nobody edits.

import { goLanguage } from "@codemirror/lang-go";
import { highlightTree, tagHighlighter, tags as t } from "@lezer/highlight";

/** The editor and the static text use the same classes; theme.css colours them. */
export const classes = tagHighlighter([
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword, t.operatorKeyword], class: "tok-keyword" },
  { tag: [t.string, t.special(t.string), t.character], class: "tok-string" },
  { tag: [t.number, t.bool, t.null, t.atom], class: "tok-number" },
  { tag: [t.lineComment, t.blockComment, t.comment], class: "tok-comment" },
  { tag: [t.typeName, t.namespace], class: "tok-type" },
  { tag: [t.function(t.variableName), t.function(t.definition(t.variableName)), t.function(t.propertyName)], class: "tok-function" },
  { tag: t.heading, class: "tok-heading" },
  { tag: t.emphasis, class: "tok-emphasis" },
  { tag: t.strong, class: "tok-strong" },
  { tag: [t.link, t.url], class: "tok-link" },
  { tag: t.monospace, class: "tok-string" },
]);

/** Go source as HTML with the editor's classes. */
export function highlightGo(source: string): DocumentFragment {
  const out = document.createDocumentFragment();
  let at = 0;
  const text = (to: number) => {
    if (to > at) out.append(source.slice(at, to));
    at = to;
  };
  highlightTree(goLanguage.parser.parse(source), classes, (from, to, cls) => {
    text(from);
    const span = document.createElement("span");
    span.className = cls;
    span.textContent = source.slice(from, to);
    out.append(span);
    at = to;
  });
  text(source.length);
  return out;
}
