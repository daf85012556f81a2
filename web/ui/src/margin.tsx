// Breakpoints beside the lines of a cell, and the line where the program has stopped.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Breakpoint, Debugger } from "./debug";
import type { CellModel } from "./model";
import { cellElement } from "./ui";

const lineHeight = 20;
const top = 10; // border and padding above the first line

export function Margin({ cell, debug }: { cell: CellModel; debug: Debugger }): JSX.Element | null {
  const frame = debug.frame.value;
  const here = debug.paused.value && frame?.cell === cell.id ? frame.line : 0;
  useEffect(() => {
    if (here > 0) show(cell.id, here);
  }, [here, debug.moment.value]);
  if (debug.state.value === "off") return null;
  const points = debug.breakpoints.value[cell.id] ?? [];
  const lines = cell.source.value.split("\n").length;
  const topmost = debug.frames.value[0]?.id === frame?.id;
  return (
    <>
      <div class="margin" style={{ top: `${top}px` }}>
        {Array.from({ length: lines }, (_, i) => <Slot key={i} line={i + 1} point={points.find((p) => p.line === i + 1)} flip={() => debug.flip(cell.id, i + 1)} />)}
      </div>
      {here > 0 && here <= lines && <div class={topmost ? "stop-line" : "stop-line outer"} data-line={here} style={{ top: `${top + (here - 1) * lineHeight}px` }} />}
    </>
  );
}

function Slot({ line, point, flip }: { line: number; point?: Breakpoint; flip: () => void }) {
  const kind = !point ? "" : point.off ? "off" : point.log ? "log" : point.condition || point.hit ? "conditional" : "plain";
  const title = !point ? `Stop at line ${line}` : [point.log ? `print: ${point.log}` : "", point.condition, point.hit && `hits ${point.hit}`, point.note].filter(Boolean).join(" · ") || `Breakpoint at line ${line}`;
  return (
    <button class={point ? `slot set ${kind}${point.verified === false ? " unverified" : ""}` : "slot"} title={title} tabIndex={-1}
      aria-label={`Breakpoint at line ${line}`} aria-pressed={Boolean(point)} data-line={line}
      onMouseDown={(e) => { e.preventDefault(); e.stopPropagation(); }} onClick={flip} />
  );
}

/** Scrolls to a line of a cell. */
export function show(cell: string, line: number) {
  const box = cellElement(cell)?.querySelector(".code-box");
  const sheet = box?.closest(".sheet");
  if (!box || !sheet) return;
  const at = box.getBoundingClientRect().top + top + (line - 1) * lineHeight;
  const view = sheet.getBoundingClientRect();
  if (at < view.top + 60 || at > view.bottom - 80) sheet.scrollBy({ top: at - view.top - view.height / 3 });
}
