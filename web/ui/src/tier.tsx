// The badge of the automatic tier: how many kinds of calls run compiled, what they are, and a switch.

import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "./icons";
import type { Session } from "./session";

export function TierBadge({ s }: { s: Session }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (e: Event) => {
      if (e instanceof KeyboardEvent ? e.key === "Escape" : !box.current?.contains(e.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    addEventListener("keydown", away);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("keydown", away);
    };
  }, [open]);
  const t = s.tier.value;
  if (!t || (t.on && t.compiled === 0)) return null;
  return (
    <span class="tier" ref={box} data-tier={t.on ? t.compiled : "off"}>
      <button class={t.on ? "tier-badge" : "tier-badge off"} aria-expanded={open} onClick={() => setOpen(!open)}
        title={t.on ? "Modules that run as programs" : "Modules run operator by operator"}>
        <Icon name="bolt" size={12} />{t.on ? `${t.compiled} compiled` : "compiling off"}
      </button>
      {open && (
        <div class="tier-box" role="dialog" aria-label="Automatic tier">
          {t.text.split("\n").map((line, i) => <p key={i}>{line}</p>)}
          <button class="button" onClick={() => s.setTier(!t.on)}>{t.on ? "Switch off" : "Switch on"}</button>
        </div>
      )}
    </span>
  );
}
