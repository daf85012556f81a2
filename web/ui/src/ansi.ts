// Terminal text as HTML: colours, carriage returns and backspaces, appended piece by piece.

import { AnsiUp } from "ansi_up";

function converter(): AnsiUp {
  const a = new AnsiUp();
  a.use_classes = true;
  a.escape_html = true;
  a.url_allowlist = { http: 1, https: 1 };
  return a;
}

export function ansiToHTML(text: string): string { return converter().ansi_to_html(text); }

/** What a terminal would leave of one line. */
function overwrite(line: string): string {
  if (line.includes("\b")) {
    let before;
    do {
      before = line;
      line = line.replace(/[^\n\b]\x08/g, "");
    } while (line !== before);
    line = line.replaceAll("\b", "");
  }
  const body = line.endsWith("\r") ? line.slice(0, -1) : line;
  const cut = body.lastIndexOf("\r");
  return cut < 0 ? body : body.slice(cut + 1);
}

const keepChunks = 200;
const chunkLines = 400;

/** Text that grows: whole lines are converted once, the unfinished last line each time. */
export class TerminalText {
  private ansi = converter();
  private tail = "";
  private seen = 0;
  private open: HTMLElement;
  private readonly last = document.createElement("span");
  private openLines = 0;
  dropped = false;

  constructor(private readonly box: HTMLElement) {
    this.open = this.chunk();
    this.box.append(this.last);
  }

  private chunk(): HTMLElement {
    const span = document.createElement("span");
    this.box.insertBefore(span, this.last.parentNode ? this.last : null);
    this.openLines = 0;
    return span;
  }

  /** Shows text, which is what was shown before and more. */
  update(text: string) {
    const pending = this.tail + text.slice(this.seen);
    this.seen = text.length;
    const cut = pending.lastIndexOf("\n") + 1;
    this.tail = pending.slice(cut);
    if (cut > 0) this.lines(pending.slice(0, cut - 1).split("\n"));
    this.last.innerHTML = ansiToHTML(overwrite(this.tail));
  }

  private lines(lines: string[]) {
    // Only what can be seen is worth making: a flood keeps its end.
    const most = keepChunks * chunkLines;
    if (lines.length > most) {
      lines = lines.slice(-most);
      this.dropped = true;
    }
    for (let i = 0; i < lines.length; i += chunkLines) {
      const part = lines.slice(i, i + chunkLines);
      const html = this.ansi.ansi_to_html(part.map(overwrite).join("\n") + "\n");
      this.open.insertAdjacentHTML("beforeend", html);
      this.openLines += part.length;
      if (this.openLines >= chunkLines) this.open = this.chunk();
    }
    while (this.box.childNodes.length > keepChunks) {
      this.box.firstChild?.remove();
      this.dropped = true;
    }
  }
}
