//go:build full

package main

import (
	"regexp"
	"strconv"
	"testing"
)

// TestWholeRunsReachWhatTheirTextsState runs the examples as LATHE_FULL=1 does. The language model takes
// half an hour and is left out.
func TestWholeRunsReachWhatTheirTextsState(t *testing.T) {
	t.Setenv("LATHE_FULL", "1")
	for name, want := range map[string]struct {
		figure string
		least  float64
	}{
		"04-clothes.ipynb": {`held-out accuracy ([0-9.]+) %`, 84},
		"05-speech.ipynb":  {`after 40 epochs: ([0-9.]+) % of the digits of 8 unknown voices`, 95},
	} {
		found := regexp.MustCompile(want.figure).FindStringSubmatch(text(runExample(t, name)))
		if found == nil {
			t.Errorf("%s printed no figure", name)
			continue
		}
		if v, err := strconv.ParseFloat(found[1], 64); err != nil || v < want.least {
			t.Errorf("%s reached %v, want at least %v", name, v, want.least)
		}
	}
}
