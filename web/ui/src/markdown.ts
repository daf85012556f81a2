// Markdown with mathematics, sanitised.

import DOMPurify from "dompurify";
import katex from "katex";
import MarkdownIt, { type StateBlock, type StateInline } from "markdown-it";
import { highlightGo } from "./highlight";

const md = new MarkdownIt({
  html: true, linkify: true, breaks: false,
  highlight(code, language) {
    if (language !== "go" && language !== "golang") return "";
    const box = document.createElement("div");
    box.append(highlightGo(code));
    return box.innerHTML;
  },
});

export function math(source: string, display: boolean): string {
  return katex.renderToString(source, {
    displayMode: display, throwOnError: false, output: "html", trust: false, strict: "ignore",
    maxExpand: 1000, maxSize: 50,
  });
}

/** $a$ as Pandoc reads it: no space inside the dollars, no digit after them. Also \( \). */
function inlineMath(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  let open = "$", close = "$";
  if (src.startsWith("\\(", pos)) [open, close] = ["\\(", "\\)"];
  else if (src.startsWith("$$", pos)) [open, close] = ["$$", "$$"];
  else if (src[pos] !== "$" || /\s/.test(src[pos + 1] ?? " ")) return false;
  let end = src.indexOf(close, pos + open.length);
  while (end > 0 && src[end - 1] === "\\" && close !== "\\)") end = src.indexOf(close, end + 1);
  if (end < 0 || end === pos + open.length) return false;
  if (open === "$" && (/\s/.test(src[end - 1]) || /\d/.test(src[end + 1] ?? ""))) return false;
  if (!silent) {
    const token = state.push("math", "", 0);
    token.content = src.slice(pos + open.length, end);
    token.meta = { display: open === "$$" };
  }
  state.pos = end + close.length;
  return true;
}

/** A block between lines that start with $$ and end with $$, or \[ and \]. */
function blockMath(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  const first = state.src.slice(state.bMarks[start] + state.tShift[start], state.eMarks[start]);
  const open = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\[" : "";
  if (!open) return false;
  const close = open === "$$" ? "$$" : "\\]";
  let line = start, text = first.slice(2);
  const lines: string[] = [];
  while (!text.trimEnd().endsWith(close)) {
    lines.push(text);
    if (++line >= end) return false;
    text = state.src.slice(state.bMarks[line], state.eMarks[line]);
  }
  if (silent) return true;
  lines.push(text.trimEnd().slice(0, -2));
  const token = state.push("math", "", 0);
  token.block = true;
  token.content = lines.join("\n");
  token.meta = { display: true };
  token.map = [start, line + 1];
  state.line = line + 1;
  return true;
}

md.inline.ruler.before("escape", "math", inlineMath);
md.block.ruler.before("fence", "math", blockMath, { alt: ["paragraph", "blockquote", "list"] });
md.renderer.rules.math = (tokens, i) => {
  const { display } = tokens[i].meta as { display: boolean };
  const html = math(tokens[i].content, display);
  return display ? `<div class="math-block">${html}</div>` : html;
};

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A" && node.hasAttribute("href")) {
    if (!node.getAttribute("href")?.startsWith("#")) {
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", "noopener noreferrer");
    }
  }
});

/** HTML from anywhere as HTML that only shows things. */
export function sanitize(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ["style", "form", "input", "button", "iframe", "object", "embed"],
    FORBID_ATTR: ["id", "name"], ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|data:image\/|#|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  });
}

/** Renders markdown; attachment: links show the cell's attachments. */
export function renderMarkdown(source: string, attachments?: { [name: string]: { [mime: string]: string } }): DocumentFragment {
  const out = sanitize(md.render(source, {}));
  for (const img of out.querySelectorAll("img")) {
    const src = img.getAttribute("src") ?? "";
    const found = Object.entries(attachments?.[decodeURIComponent(src.replace(/^attachment:/, ""))] ?? {})[0];
    if (src.startsWith("attachment:") && found) img.src = `data:${found[0]};base64,${found[1]}`;
    img.loading = "lazy";
  }
  return out;
}
