package codegen

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// tile is the number of values that go through all instructions at a time.
const tile = 1024

// number is a type of the values of a Loop.
type number interface{ float32 | float64 }

// longest is the number of elements that machine code computes in a call: a few microseconds, during which
// the collector cannot stop the goroutine.
const longest = 1 << 14

// wideTile is the number of elements of several rows that machine code computes in a call: inputs that repeat
// are expanded to as many, in first cache.
const wideTile = 2 * tile

// run computes the loop by tiles.
func run[T number](l *Loop, g *geometry, pool *sync.Pool) {
	width, rows, work := tile, tile, 1<<15 // of the tiles of a long row, and of several short ones
	if l.compiled.code != nil {
		width, rows, work = longest, wideTile, 1<<17
	}
	block := max(1, rows/max(g.cols, 1))    // rows of a tile
	parts := max(1, (g.cols+width-1)/width) // tiles of a row
	perOuter := (g.rows + block - 1) / block * parts
	n := g.outer.Numel() * perOuter
	grain := max(1, work/(min(block*g.cols, width)*l.cost()))
	engine.Parallel(n, grain, func(lo, hi int) {
		m, _ := pool.Get().(*machine[T])
		if m == nil {
			m = newMachine[T](l)
		}
		m.reset(g)
		for i := lo; i < hi; i++ {
			k := i % perOuter
			row, col := k/parts*block, k%parts*width
			m.tile(i/perOuter, row, min(block, g.rows-row), col, min(width, g.cols-col))
		}
		m.g = nil
		clear(m.data)
		clear(m.values)
		pool.Put(m)
	})
}

// cost is the time for an element in units of an addition.
func (l *Loop) cost() int {
	c := 0
	for k := range l.Code {
		switch d := l.Code[k].Def; {
		case d.Vec1 != nil:
			c += max(d.Vec1.Cost, 1)
		default:
			c += max(d.Vec2.Cost, 1)
		}
	}
	return c
}

// machine is what one goroutine needs to interpret a Loop.
type machine[T number] struct {
	l       *Loop
	g       *geometry
	data    [][]T // storage of each operand, from its first element on
	at      []int
	outer   int
	values  [][]T
	scalar  []bool // input is one number for the tile
	fixed   []int  // inputs whose expanded tile holds for any block of so many values; 0: none
	wide    [][]T  // expanded tiles of inputs
	slot    []int  // of each instruction, in space
	space   [][]T
	code    *code
	block   block
	numbers uint64   // inputs that were one number in the last call
	routine *routine // for those
}

func newMachine[T number](l *Loop) *machine[T] {
	n := l.Inputs + len(l.Code)
	m := &machine[T]{
		l: l, values: make([][]T, n), scalar: make([]bool, l.Inputs), fixed: make([]int, l.Inputs),
		wide: make([][]T, l.Inputs), data: make([][]T, len(l.Outputs)+l.Inputs),
		at: make([]int, len(l.Outputs)+l.Inputs), slot: make([]int, len(l.Code)),
	}
	if m.allot(); l.compiled.code != nil && !l.compiled.off {
		m.code = l.compiled.code
		m.block = m.code.block()
		m.numbers = ^uint64(0) // of no loop: the first call asks for its routine
	}
	return m
}

// allot gives each instruction a tile to write to, which is free again when its last reader is done.
func (m *machine[T]) allot() {
	last := make([]int, len(m.l.Code))
	for k := range m.l.Code {
		for _, v := range []int{m.l.Code[k].A, m.l.Code[k].B} {
			if v >= m.l.Inputs {
				last[v-m.l.Inputs] = k
			}
		}
	}
	for _, o := range m.l.Outputs {
		last[o-m.l.Inputs] = len(m.l.Code)
	}
	var busy []int // until when each slot is read
	for k := range m.l.Code {
		s := 0
		for s < len(busy) && busy[s] > k {
			s++
		}
		if s == len(busy) {
			busy = append(busy, 0)
			m.space = append(m.space, make([]T, tile))
		}
		busy[s], m.slot[k] = last[k], s
	}
}

// reset takes the arrays of a run.
func (m *machine[T]) reset(g *geometry) {
	m.g, m.outer = g, -1
	clear(m.fixed)
	for k := range g.operands {
		m.data[k] = view[T](g.operands[k].a)
	}
}

func view[T number](a engine.Array) []T {
	a.Offset = 0
	var z T
	switch any(z).(type) {
	case float32:
		return any(engine.View[float32](a)).([]T)
	default:
		return any(engine.View[float64](a)).([]T)
	}
}

// tile computes rows×cols values from row and col on.
func (m *machine[T]) tile(outer, row, rows, col, cols int) {
	if outer != m.outer {
		m.g.offsets(outer, m.at)
		m.outer = outer
		clear(m.fixed)
	}
	n := rows * cols
	outs := len(m.l.Outputs)
	for i := range m.l.Inputs {
		m.input(i, &m.g.operands[outs+i], m.at[outs+i], row, rows, col, cols)
	}
	if m.code != nil && m.machineCode(row*m.g.cols+col, n) {
		return
	}
	if n > tile { // the code does not exist after all
		m.halves(outer, row, rows, col, cols)
		return
	}
	for k := range m.l.Code {
		v := m.l.Inputs + k
		m.values[v] = m.space[m.slot[k]][:n]
		m.step(&m.l.Code[k], m.values[v])
	}
	for k, o := range m.l.Outputs {
		at := m.at[k] + row*m.g.cols + col
		copy(m.data[k][at:at+n], m.values[o])
	}
}

// halves computes a tile that is too large for the interpreter in two.
func (m *machine[T]) halves(outer, row, rows, col, cols int) {
	clear(m.fixed)
	if rows > 1 {
		m.tile(outer, row, rows/2, col, cols)
		m.tile(outer, row+rows/2, rows-rows/2, col, cols)
		return
	}
	m.tile(outer, row, 1, col, cols/2)
	m.tile(outer, row, 1, col+cols/2, cols-cols/2)
}

// machineCode computes n elements from element at of the outputs on; false: there is no code for them.
func (m *machine[T]) machineCode(at, n int) bool {
	numbers := uint64(0)
	for i, s := range m.scalar {
		if s {
			numbers |= 1 << i
		}
	}
	if numbers != m.numbers {
		m.numbers, m.routine = numbers, m.code.routine(numbers)
	}
	if m.routine == nil {
		return false
	}
	outs := len(m.l.Outputs)
	for k := range outs {
		m.block.set(k, unsafe.Pointer(&m.data[k][m.at[k]+at:][:n][0]))
	}
	for i := range m.l.Inputs {
		m.block.set(outs+i, unsafe.Pointer(&m.values[i][0]))
	}
	m.routine.call(m.block, n)
	runtime.KeepAlive(m.data)
	runtime.KeepAlive(m.values)
	return true
}

// input makes the values of input i for a tile.
func (m *machine[T]) input(i int, w *walk, base, row, rows, col, cols int) {
	d := m.data[len(m.l.Outputs)+i]
	at := base + row*w.rowStep + col*w.colStep
	n := rows * cols
	m.scalar[i] = w.colStep == 0 && (w.rowStep == 0 || rows == 1)
	switch {
	case m.scalar[i]:
		m.values[i] = d[at : at+1]
		return
	case w.colStep == 1 && (rows == 1 || w.rowStep == cols):
		m.values[i] = d[at : at+n]
		return
	case m.fixed[i] == n && w.rowStep == 0:
		m.values[i] = m.wide[i][:n]
		return
	}
	if m.wide[i] == nil {
		m.wide[i] = make([]T, wideTile)
	}
	y := m.wide[i][:n]
	for r := range rows {
		part, from := y[r*cols:][:cols], at+r*w.rowStep
		if w.colStep == 1 {
			copy(part, d[from:from+cols])
			continue
		}
		v := d[from]
		for k := range part {
			part[k] = v
		}
	}
	m.values[i], m.fixed[i] = y, n
}

// step runs one instruction.
func (m *machine[T]) step(i *Ins, y []T) {
	switch y := any(y).(type) {
	case []float32:
		step32(any(m).(*machine[float32]), i, y)
	case []float64:
		step64(any(m).(*machine[float64]), i, y)
	}
}

func step32(m *machine[float32], i *Ins, y []float32) {
	if !i.binary() {
		i.Def.Vec1.F32(y, m.full(i.A, len(y)))
		return
	}
	v := i.Def.Vec2
	switch a, b := m.single(i.A), m.single(i.B); {
	case b && !a && v.F32S != nil:
		v.F32S(y, m.values[i.A], m.values[i.B][0])
	case a && !b && v.F32R != nil:
		v.F32R(y, m.values[i.B], m.values[i.A][0])
	default:
		v.F32(y, m.full(i.A, len(y)), m.full(i.B, len(y)))
	}
}

func step64(m *machine[float64], i *Ins, y []float64) {
	if !i.binary() {
		i.Def.Vec1.F64(y, m.full(i.A, len(y)))
		return
	}
	i.Def.Vec2.F64(y, m.full(i.A, len(y)), m.full(i.B, len(y)))
}

// single reports whether value v is one number for the tile.
func (m *machine[T]) single(v int) bool { return v < m.l.Inputs && m.scalar[v] }

// full returns value v as n values.
func (m *machine[T]) full(v, n int) []T {
	if !m.single(v) {
		return m.values[v]
	}
	if m.wide[v] == nil {
		m.wide[v] = make([]T, tile)
	}
	y, x := m.wide[v][:n], m.values[v][0]
	for k := range y {
		y[k] = x
	}
	m.fixed[v] = 0
	return y
}
