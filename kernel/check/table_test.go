package check

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

func TestTablesAreMaps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var now table[int]
	want := map[string]int{}
	type copied struct {
		table table[int]
		want  map[string]int
	}
	var old []copied
	for i := range 5000 {
		name := fmt.Sprint("x", r.IntN(400))
		switch {
		case r.IntN(3) == 0:
			now.remove(name)
			delete(want, name)
		default:
			now.set(name, i+1)
			want[name] = i + 1
		}
		if v, ok := now.find(name); v != want[name] || ok != (want[name] != 0) {
			t.Fatalf("%s is %d, %v after change %d, want %d", name, v, ok, i, want[name])
		}
		if r.IntN(10) == 0 {
			old = append(old, copied{now, maps.Clone(want)})
			now = now.copy()
		}
	}
	for i, c := range append(old, copied{now, want}) {
		if got := maps.Collect(c.table.all()); !maps.Equal(got, c.want) {
			t.Fatalf("copy %d changed after it was copied: %d names, want %d", i, len(got), len(c.want))
		}
	}
}
