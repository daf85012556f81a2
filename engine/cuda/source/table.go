package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine/op"
)

// Table lists operators by how they run on a GPU, in Markdown.
func Table() string {
	kinds := map[string][]string{}
	var lacking []string
	for _, d := range op.Defs() {
		f := forms()[d]
		switch {
		case Missing[d.Name] != "":
			lacking = append(lacking, d.Name)
		case f != nil:
			kinds["a kernel of its own"] = append(kinds["a kernel of its own"], d.Name)
		case takesComplex(d) || len(d.Takes) == 0 || d.Takes[len(d.Takes)-1]&op.Complexes == 0:
			kinds["an expression"] = append(kinds["an expression"], d.Name)
		default:
			kinds["an expression, of real numbers only"] = append(kinds["an expression, of real numbers only"], d.Name)
		}
	}
	var b strings.Builder
	with := len(op.Defs()) - len(lacking)
	fmt.Fprintf(&b, "%d of %d operators have a CUDA form.\n\n| form | operators |\n|---|---|\n", with, len(op.Defs()))
	for _, k := range []string{"an expression", "an expression, of real numbers only", "a kernel of its own"} {
		fmt.Fprintf(&b, "| %s | %s |\n", k, strings.Join(kinds[k], " "))
	}
	b.WriteString("\n| without one | reason |\n|---|---|\n")
	reasons := map[string][]string{}
	for _, n := range lacking {
		reasons[Missing[n]] = append(reasons[Missing[n]], n)
	}
	why := make([]string, 0, len(reasons))
	for r := range reasons {
		why = append(why, r)
	}
	slices.Sort(why)
	for _, r := range why {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(reasons[r], " "), r)
	}
	return b.String()
}
