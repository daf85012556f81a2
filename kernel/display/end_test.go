package display_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/display"
)

func TestEndCallsEachOnce(t *testing.T) {
	var got []int
	display.AtEnd(func() { got = append(got, 1) })
	display.AtEnd(func() {
		got = append(got, 2)
		display.AtEnd(func() { got = append(got, 3) }) // belongs to the next end
	})
	display.End()
	if len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Fatalf("End called %v, want [1 2]", got)
	}
	display.End()
	display.End()
	if len(got) != 3 {
		t.Errorf("called %v in all, want [1 2 3]", got)
	}
}
