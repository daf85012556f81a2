package host_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/host"
)

// Faults that Go lets nobody recover from end the kernel; its end says which it was.
func TestAFatalErrorNamesItself(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"var mu sync.Mutex\nmu.Unlock()": "Unlock of a sync.Mutex",
		"m := map[int]int{}\nfor range 8 {\n\tgo func() {\n\t\tfor j := 0; ; j++ {\n\t\t\tm[j%100] = j\n\t\t}\n\t}()\n}\nselect {}": "used a map at the same time",
	} {
		k := start(t, host.Options{})
		if got := run(t, k, code); !strings.Contains(got, want) {
			t.Errorf("%q: %q; want %q in it", code, got, want)
		}
	}
}
