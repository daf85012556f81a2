// ECharts from our own bundle, loaded when the first chart is shown.

import DOMPurify from "dompurify";
import type { EChartsType } from "echarts";
import { effect } from "@preact/signals";
import type { OutputModel } from "./model";
import { chartMime, type Json, type JsonObject } from "./protocol";
import { dark } from "./settings";

const library = () => import("echarts");

const palette = {
  light: ["#3b6fd8", "#e0762f", "#2f9e77", "#b8479b", "#8a63d2", "#c9a227", "#4a9fb5", "#d1495b"],
  dark: ["#7aa2ff", "#ff9e64", "#5fd3a6", "#ef86cf", "#b79bff", "#e6c664", "#72c7dd", "#ff7b8a"],
};

function defaults(): JsonObject {
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--ink-2").trim();
  const line = style.getPropertyValue("--line").trim();
  const axis = {
    axisLine: { lineStyle: { color: line } }, axisTick: { lineStyle: { color: line } },
    axisLabel: { color: ink }, nameTextStyle: { color: ink },
    splitLine: { lineStyle: { color: line } }, splitArea: { show: false },
  };
  const font = style.getPropertyValue("--font-ui").trim();
  return {
    color: palette[dark.value ? "dark" : "light"], backgroundColor: "transparent",
    textStyle: { fontFamily: font, color: ink },
    title: {
      textStyle: { color: style.getPropertyValue("--ink").trim(), fontSize: 14, fontWeight: 600 },
      subtextStyle: { color: ink },
    },
    legend: { textStyle: { color: ink }, icon: "roundRect", itemWidth: 12, itemHeight: 4 },
    tooltip: {
      backgroundColor: style.getPropertyValue("--surface").trim(),
      borderColor: line, textStyle: { color: style.getPropertyValue("--ink").trim(), fontSize: 12 },
    },
    categoryAxis: axis, valueAxis: axis, logAxis: axis, timeAxis: axis,
    visualMap: { textStyle: { color: ink } },
    line: { symbolSize: 5 },
  };
}

/** Options come from kernels: text that ECharts would take for HTML or for a link is disarmed. */
function disarm(v: Json, key = ""): Json {
  if (typeof v === "string") {
    if (key === "link" || key === "sublink") return /^https?:/.test(v) ? v : "";
    if (key === "formatter" && v.includes("<")) return DOMPurify.sanitize(v);
    return v;
  }
  if (Array.isArray(v)) {
    // Points are the bulk of a chart and hold nothing to disarm.
    const plain = typeof v[0] !== "object" || Array.isArray(v[0]);
    return key === "data" && plain ? v : v.map((item) => disarm(item));
  }
  if (v && typeof v === "object") {
    return Object.fromEntries(Object.entries(v).map(([k, item]) => [k, disarm(item, k)]));
  }
  return v;
}

/** Asks for down-sampling where a line has more points than pixels can show. */
function prepare(option: JsonObject): JsonObject {
  const safe = disarm(option) as JsonObject;
  for (const s of Array.isArray(safe.series) ? safe.series : []) {
    if (s && typeof s === "object" && !Array.isArray(s) && s.type === "line" && s.sampling === undefined) {
      s.sampling = "lttb";
    }
  }
  if (safe.animation === undefined) safe.animation = false;
  return safe;
}

/** Draws the output's chart in box and follows it; returns the end of it. */
export function mountChart(box: HTMLElement, output: OutputModel): () => void {
  let chart: EChartsType | null = null;
  let stopped = false;
  let frame = 0;
  const option = () => {
    const bundle = output.value.data?.[chartMime] as JsonObject | undefined;
    return (bundle?.option ?? {}) as JsonObject;
  };
  const draw = () => {
    frame = 0;
    chart?.setOption(prepare(option()), { notMerge: false, lazyUpdate: true });
    box.dataset.points = String(points(option()));
  };
  const ends: (() => void)[] = [];
  void library().then((echarts) => {
    if (stopped) return;
    ends.push(effect(() => {
      void dark.value;
      chart?.dispose();
      echarts.registerTheme("lathe", defaults());
      chart = echarts.init(box, "lathe", { renderer: "canvas" });
      draw();
    }));
    ends.push(effect(() => {
      void output.rev.value;
      frame ||= requestAnimationFrame(draw);
    }));
    const resize = new ResizeObserver(() => chart?.resize());
    resize.observe(box);
    ends.push(() => resize.disconnect());
  });
  return () => {
    stopped = true;
    cancelAnimationFrame(frame);
    for (const end of ends) end();
    chart?.dispose();
  };
}

/** The number of points in all series, for tests and assistive technology. */
function points(option: JsonObject): number {
  let n = 0;
  for (const s of Array.isArray(option.series) ? option.series : []) {
    const data = s && typeof s === "object" && !Array.isArray(s) ? s.data : undefined;
    if (Array.isArray(data)) n += data.length;
  }
  return n;
}
