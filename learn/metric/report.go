package metric

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/learn"
)

// Report returns a table of precision, recall, F1 and support for each class and their averages.
func Report(y, p *learn.Matrix, digits int, names ...string) string {
	sameShape("metric.Report", y, p)
	labels := classes(y, p)
	if len(names) == 0 {
		for _, l := range labels {
			names = append(names, strconv.FormatFloat(l, 'g', -1, 64))
		}
	}
	width := max(len("weighted avg"), digits)
	for _, n := range names {
		width = max(width, len(n))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%*s ", width, "")
	for _, h := range []string{"precision", "recall", "f1-score", "support"} {
		fmt.Fprintf(&b, " %9s", h)
	}
	b.WriteString("\n\n")
	line := func(name string, m PRF) {
		fmt.Fprintf(&b, "%*s  %9.*f %9.*f %9.*f %9d\n", width, name, digits, m.Precision, digits, m.Recall,
			digits, m.FBeta, int(m.Support))
	}
	for i, m := range PerClass(y, p) {
		line(names[i], m)
	}
	b.WriteString("\n")
	macro, weighted := Averaged(y, p, Options{Average: "macro"}), Averaged(y, p, Options{Average: "weighted"})
	fmt.Fprintf(&b, "%*s  %9s %9s %9.*f %9d\n", width, "accuracy", "", "", digits, Accuracy(y, p), y.Rows)
	line("macro avg", macro)
	line("weighted avg", weighted)
	return b.String()
}
