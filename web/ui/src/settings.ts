// What a person has chosen in this browser.

import { effect, signal, type Signal } from "@preact/signals";

function stored<T extends string>(key: string, fallback: T): Signal<T> {
  let value = fallback;
  try { value = (localStorage.getItem("lathe." + key) as T | null) ?? fallback; } catch { /* no storage */ }
  const s = signal<T>(value);
  effect(() => {
    try { localStorage.setItem("lathe." + key, s.value); } catch { /* private window */ }
  });
  return s;
}

export const theme = stored<"system" | "light" | "dark">("theme", "system");
const numbers = stored<"on" | "off">("lineNumbers", "off");
const sidebar = stored<"open" | "closed">("sidebar", "closed");
export const showLineNumbers = signal(numbers.value === "on");
export const showSidebar = signal(sidebar.value === "open");
effect(() => { numbers.value = showLineNumbers.value ? "on" : "off"; });
effect(() => { sidebar.value = showSidebar.value ? "open" : "closed"; });

const system = matchMedia("(prefers-color-scheme: dark)");
export const dark = signal(system.matches);

function resolve() {
  dark.value = theme.value === "dark" || (theme.value === "system" && system.matches);
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
}

effect(resolve);
system.addEventListener("change", resolve);

export function toggleTheme() { theme.value = dark.value ? "light" : "dark"; }
