package viz

import (
	"math"
	"strings"
	"testing"
)

func TestTheStatusSaysSinceWhenALossIsNaN(t *testing.T) {
	d := Live("nan")
	defer d.Close()
	d.Add("loss", 0, 1)
	if s := d.status(); strings.Contains(s, "NaN") {
		t.Errorf("status %q before any NaN", s)
	}
	for step := 1; step < 4; step++ {
		d.Add("loss", step, math.NaN())
	}
	d.Add("accuracy", 3, 0.5)
	if s := d.status(); !strings.HasSuffix(s, " · loss is NaN since step 1") {
		t.Errorf("status %q", s)
	}
	d.Add("loss", 4, 1)
	d.Add("loss", 5, math.Inf(1))
	if s := d.status(); !strings.HasSuffix(s, " · loss is +Inf since step 5") {
		t.Errorf("status %q", s)
	}
}
