// Where the boxes of a graph go: layers from top to bottom, few crossings, straight arrows. Graphs of networks are
// deep and narrow, up to some thousand boxes; every step is linear in boxes and arrows (Sugiyama et al. 1981, with
// the layers' positions as isotonic regressions).

export interface Size { width: number; height: number }
export interface Point { x: number; y: number }
export interface Layout {
  boxes: Point[]; // centres
  arrows: Point[][]; // from the bottom of a box to the top of another
  width: number;
  height: number;
}

/** A place in a layer: a box, or a bend of an arrow that passes by. */
interface Item { box: number; width: number; x: number; above: number[]; below: number[] }

const gap = 22; // between boxes of a layer
const rise = 44; // between layers
const reach = 40; // layers that an arrow may pass with bends; longer ones go straight

export function layOut(sizes: Size[], arrows: [from: number, to: number][]): Layout {
  const rank = ranks(sizes.length, arrows);
  const items: Item[] = sizes.map((s, box) => ({ box, width: s.width, x: 0, above: [], below: [] }));
  const layers: number[][] = [];
  rank.forEach((r, i) => (layers[r] ??= []).push(i));
  const bends = arrows.map(([from, to]) => bend(items, layers, rank, from, to));
  order(layers, items);
  place(layers, items);
  return measure(sizes, arrows, layers, items, bends);
}

/** The layer of each box: below all that it reads, but what reads nothing lies just above its first reader. */
function ranks(n: number, arrows: [number, number][]): number[] {
  const rank = new Array<number>(n).fill(0);
  const reads = new Set<number>();
  // boxes are numbered such that arrows go up in number
  const sorted = [...arrows].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  for (const [from, to] of sorted) {
    rank[to] = Math.max(rank[to], rank[from] + 1);
    reads.add(to);
  }
  const first = new Map<number, number>();
  for (const [from, to] of sorted) if (!reads.has(from)) first.set(from, Math.min(first.get(from) ?? Infinity, rank[to]));
  for (const [box, r] of first) rank[box] = r - 1;
  return rank;
}

/** Adds the bends of an arrow that passes layers; returns all its items. */
function bend(items: Item[], layers: number[][], rank: number[], from: number, to: number): number[] {
  const path = [from];
  if (rank[to] - rank[from] <= reach) {
    for (let r = rank[from] + 1; r < rank[to]; r++) {
      items.push({ box: -1, width: 6, x: 0, above: [], below: [] });
      (layers[r] ??= []).push(items.length - 1);
      path.push(items.length - 1);
    }
    path.push(to);
    for (let i = 1; i < path.length; i++) {
      items[path[i]].above.push(path[i - 1]);
      items[path[i - 1]].below.push(path[i]);
    }
    return path;
  }
  return [from, to];
}

const mean = (list: number[], of: (i: number) => number) => list.reduce((s, i) => s + of(i), 0) / list.length;

/** Sorts layers by where their neighbours are, down and up. */
function order(layers: number[][], items: Item[]) {
  const at = new Map<number, number>();
  const number = (layer: number[]) => layer.forEach((i, k) => at.set(i, k));
  layers.forEach(number);
  for (let sweep = 0; sweep < 8; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const key = new Map(layer.map((i) => {
        const near = down ? items[i].above : items[i].below;
        return [i, near.length > 0 ? mean(near, (k) => at.get(k)!) : at.get(i)!];
      }));
      layer.sort((a, b) => key.get(a)! - key.get(b)! || at.get(a)! - at.get(b)!);
      number(layer);
    }
  }
}

/** Moves items towards their neighbours without changing their order. */
function place(layers: number[][], items: Item[]) {
  for (const layer of layers) settle(layer, items, () => 0);
  for (let sweep = 0; sweep < 10; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      settle(layer, items, (i) => {
        const near = down ? items[i].above : items[i].below;
        return near.length > 0 ? mean(near, (k) => items[k].x) : items[i].x;
      });
    }
  }
}

/** The positions nearest to those wanted that keep the order and the gaps: pool adjacent violators. */
function settle(layer: number[], items: Item[], wanted: (i: number) => number) {
  const shift: number[] = [];
  let edge = 0;
  layer.forEach((i, k) => {
    if (k > 0) edge += (items[layer[k - 1]].width + items[i].width) / 2 + gap;
    shift.push(edge);
  });
  const pools: { sum: number; weight: number; n: number }[] = [];
  layer.forEach((i, k) => {
    const weight = items[i].box < 0 ? 2 : 1; // bends keep arrows straight
    let pool = { sum: weight * (wanted(i) - shift[k]), weight, n: 1 };
    while (pools.length > 0 && pools.at(-1)!.sum / pools.at(-1)!.weight > pool.sum / pool.weight) {
      const p = pools.pop()!;
      pool = { sum: p.sum + pool.sum, weight: p.weight + pool.weight, n: p.n + pool.n };
    }
    pools.push(pool);
  });
  let k = 0;
  for (const p of pools) for (let n = 0; n < p.n; n++, k++) items[layer[k]].x = p.sum / p.weight + shift[k];
}

function measure(sizes: Size[], arrows: [number, number][], layers: number[][], items: Item[], bends: number[][]): Layout {
  const y = new Map<number, { top: number; middle: number; bottom: number }>();
  let top = 0;
  for (const layer of layers) {
    const height = Math.max(8, ...layer.map((i) => (items[i].box < 0 ? 0 : sizes[i].height)));
    for (const i of layer) {
      const h = items[i].box < 0 ? height : sizes[i].height;
      y.set(i, { top: top + (height - h) / 2, middle: top + height / 2, bottom: top + (height + h) / 2 });
    }
    top += height + rise;
  }
  const left = Math.min(...items.map((i) => i.x - i.width / 2));
  const right = Math.max(...items.map((i) => i.x + i.width / 2));
  const x = (i: number) => items[i].x - left;
  return {
    boxes: sizes.map((_, i) => ({ x: x(i), y: y.get(i)!.middle })),
    arrows: arrows.map(([from, to], a) => [
      { x: x(from), y: y.get(from)!.bottom },
      ...bends[a].slice(1, -1).flatMap((i) => [{ x: x(i), y: y.get(i)!.top }, { x: x(i), y: y.get(i)!.bottom }]),
      { x: x(to), y: y.get(to)!.top },
    ]),
    width: right - left,
    height: top - rise,
  };
}

/** A smooth path through points. */
export function curve(points: Point[]): string {
  let path = `M${points[0].x.toFixed(1)} ${points[0].y.toFixed(1)}`;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    if (Math.abs(a.x - b.x) < 0.5) {
      path += `L${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
      continue;
    }
    const m = ((a.y + b.y) / 2).toFixed(1);
    path += `C${a.x.toFixed(1)} ${m} ${b.x.toFixed(1)} ${m} ${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
  }
  return path;
}
