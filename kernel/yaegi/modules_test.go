package yaegi_test

import (
	"strings"
	"testing"
)

func TestPackagesFromSourceAreRefusedAndTheSessionGoesOn(t *testing.T) {
	t.Chdir("../exact/testdata/modules/app")
	nb := newNotebook(t)
	if got := nb.Run(t, "import \"example.com/vend\"\nvend.Name"); !strings.Contains(got, "which the executor yaegi cannot run") {
		t.Error(got)
	}
	if got := nb.Run(t, "1 + 1"); got != "=> 2\n" {
		t.Error(got)
	}
}
