package roofline

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

var machine = Peaks{
	Threads: 2, Kernels: "test", F32: 100, F64: 50,
	Levels: []Level{{"L2", 1 << 20, 80}, {"memory", 0, 20}},
}

func TestEveryOperatorCanBeMeasured(t *testing.T) {
	var rows []Row
	for _, d := range op.Defs() {
		r := Measure(machine, d, 1)
		rows = append(rows, r)
		switch {
		case strings.HasPrefix(r.Note, "a view"):
		case r.Seconds <= 0 || r.Flops <= 0 || r.Bytes <= 0 || r.Percent <= 0 || r.Bound == "":
			t.Errorf("%s: %+v", d.Name, r)
		}
	}
	page := Page(machine, rows)
	if !strings.Contains(page, "<td>MatMul<td>") || strings.Contains(page, "<td>NaN") {
		t.Error("the page has no row of MatMul, or has NaN")
	}
	svg := page[strings.Index(page, "<svg") : strings.Index(page, "</svg>")+6]
	if n := strings.Count(svg, "<circle"); n < len(rows)/2 {
		t.Errorf("%d points for %d operators", n, len(rows))
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the drawing is no SVG: %v", err)
		}
	}
}

func TestTheBoundIsTheSlowerOfArithmeticAndMemory(t *testing.T) {
	for _, c := range []struct {
		flops, bytes float64
		bound        string
		percent      float64
	}{
		{100e9, 1 << 10, "compute", 50},
		{1, 1 << 19, "L2", 100 * float64(1<<19) / 80e9 / 2},
		{1, 20e9, "memory", 50},
	} {
		r := Row{Seconds: 2, Flops: c.flops, Bytes: c.bytes}
		r.judge(machine, engine.F32)
		if r.Bound != c.bound || r.Percent < c.percent*0.99 || r.Percent > c.percent*1.01 {
			t.Errorf("%v operations, %v bytes: %s %v%%, want %s %v%%", c.flops, c.bytes, r.Bound, r.Percent, c.bound,
				c.percent)
		}
	}
}

func TestCostsAreThoseOfTheTextbook(t *testing.T) {
	for name, want := range map[string][2]float64{
		"MatMul": {2 * 512 * 512 * 512, 3 * 4 * 512 * 512},
		"Linear": {2 * 64 * 784 * 128, 4 * (64*784 + 128*784 + 128 + 64*128)},
		"Conv":   {2 * 8 * 64 * 56 * 56 * 64 * 9, 4 * (2*8*64*56*56 + 64*64*9)},
		"Add":    {side * side, 12 * side * side},
	} {
		d := op.MustLookup(name)
		flops, bytes := cost(d, prepare(d, sizeOf(d)))
		if flops != want[0] || bytes != want[1] {
			t.Errorf("%s: %v operations and %v bytes, want %v", name, flops, bytes, want)
		}
	}
}

func TestEveryPeakIsMeasured(t *testing.T) {
	p := Machine(1)
	if p.F32 <= 0 || p.F64 <= 0 || len(p.Levels) != 3 {
		t.Fatalf("%+v", p)
	}
	for _, l := range p.Levels {
		if l.GBs <= 0 {
			t.Errorf("%s has no bandwidth", l.Name)
		}
	}
}
