// Line icons on a 16-pixel grid.

import type { JSX } from "preact";

const paths = {
  run: "M4.5 3.2v9.6l8-4.8z",
  runAll: "M2.5 3.5v9l6-4.5zM8.5 3.5v9l6-4.5z",
  stop: "M4 4h8v8H4z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8",
  forward: "M2.5 3.5v9L8 8zM8 3.5v9L13.5 8zM14 3.5v9",
  plus: "M8 3v10M3 8h10",
  trash: "M3 4.5h10M6.5 4V2.8h3V4M4.5 4.5l.6 8.7h5.8l.6-8.7M6.8 7v4M9.2 7v4",
  up: "M8 12.5v-9M4 7.5l4-4 4 4",
  down: "M8 3.5v9M4 8.5l4 4 4-4",
  folder: "M2 4.2c0-.6.4-1 1-1h3l1.4 1.6H13c.6 0 1 .4 1 1v6c0 .6-.4 1-1 1H3c-.6 0-1-.4-1-1z",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  notebook: "M4 2.5h8.5v11H4zM4 2.5v11M6.5 5.5H10M6.5 8H10M2.8 5h2M2.8 8h2M2.8 11h2",
  upload: "M8 10.5v-7M5 6.5l3-3 3 3M3 10.5v2.5h10v-2.5",
  edit: "M3 13l.6-2.8L10.8 3l2.2 2.2-7.2 7.2z",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  sidebar: "M2.5 3.5h11v9h-11zM6.2 3.5v9",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2l3 3",
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  save: "M3 3h8l2 2v8H3zM5.5 3v3.5h4V3M5.5 13V9.5h5V13",
  bug: "M8 5.2c2 0 3.2 1.5 3.2 3.8S9.9 13.2 8 13.2 4.8 11.3 4.8 9 6 5.2 8 5.2zM6 5.3a2 2 0 0 1 4 0M2.5 9h2.3M11.2 9h2.3M3.2 5.2l2 1.4M12.8 5.2l-2 1.4M3.2 13l2-1.5M12.8 13l-2-1.5M8 5.2v8",
  pause: "M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z",
  resume: "M3 3v10M6 3.2v9.6l7.5-4.8z",
  over: "M2.5 8.5a5.5 5.5 0 0 1 10.6-2M13.5 2.8v3.9H9.6M8 11.2a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  into: "M8 2v7M4.8 6L8 9.2 11.2 6M8 11.4a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z",
  out: "M8 9.4v-7M4.8 5.4L8 2.2l3.2 3.2M8 11.4a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z",
  grid: "M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11",
  gradient: "M2.5 3.5h11L8 13.5z",
  export: "M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4",
  bolt: "M9 1.8L3.5 9H8l-1 5.2L12.5 7H8z",
  home: "M2.5 8L8 3l5.5 5M4 7v6h8V7",
};

export type IconName = keyof typeof paths;

const solid = new Set<IconName>(["run", "runAll", "stop", "forward", "pause"]);

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class={solid.has(name) ? "icon solid" : "icon"} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark of the product: a turned piece on its axis. */
export function Logo({ size = 22 }: { size?: number }): JSX.Element {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path class="logo-a" d="M4 13h5l3-5h8l3 5h5v6h-5l-3 5h-8l-3-5H4z" />
      <path class="logo-b" d="M1 16h30" />
    </svg>
  );
}
