package registry

import (
	"fmt"
	"io"
	"strings"

	"github.com/lathe-ml/lathe/learn"
)

//go:generate go run ./gen ../../docs/learn.md

// WriteDocs writes the table of estimators with their options and attributes.
func WriteDocs(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Estimators\n\nGenerated from the declarations (`go generate ./learn/registry`). " +
		"Options are set as fields or by scikit-learn's names.\n\n" +
		"| scikit-learn's name | Go | kind | options (default) | learns |\n|---|---|---|---|---|\n")
	for _, name := range Names() {
		e := New(name)
		var options, attributes []string
		for _, o := range learn.Options(e) {
			options = append(options, fmt.Sprintf("%s=%v", o.Name, o.Value()))
		}
		attributes = append(attributes, learn.AttributeNames(e)...)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, e.Core().Name(), learn.KindOf(e),
			strings.ReplaceAll(strings.Join(options, ", "), "|", "\\|"), strings.Join(attributes, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
