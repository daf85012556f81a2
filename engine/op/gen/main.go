// Command gen writes docs/ops.md, the table of all operators, from their definitions.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine/op"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gen FILE")
	}
	if err := os.WriteFile(os.Args[1], table(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func table() []byte {
	var b bytes.Buffer
	defs := op.Defs()
	fmt.Fprintf(&b, `# Operators

Generated from engine/op by `+"`go generate ./engine/op`"+`. %d primitive operators; everything else in package eager is composed of them.
Dtypes are those that a kernel accepts after promotion: "promoted" operands take their common dtype first, "to float" also turns
integers and bool into f32. Gradients are checked by engine/op/optest against central differences, and so are theirs.

| operator | parameters | operands | gradient | |
|---|---|---|---|---|
`, len(defs))
	for _, d := range defs {
		fmt.Fprintf(&b, "| **%s** (%s) → %s | %s | %s | %s | %s |\n", d.Name, strings.Join(inputs(d), ", "),
			strings.Join(d.Outputs, ", "), parameters(d), operands(d), gradient(d), text(d))
	}
	return b.Bytes()
}

// inputs lists the operands; the optional ones end in a question mark.
func inputs(d *op.Def) []string {
	names := slices.Clone(d.Inputs)
	for i := len(names) - d.Optional; i < len(names); i++ {
		names[i] += "?"
	}
	return names
}

// parameters lists the fields of the attributes.
func parameters(d *op.Def) string {
	if d.Attrs == nil {
		return ""
	}
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(d.Attrs)) {
		if !f.Anonymous {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

func operands(d *op.Def) string {
	if len(d.Inputs) == 0 {
		return ""
	}
	var sets []string
	for _, k := range d.Takes {
		sets = append(sets, k.String())
	}
	if sets == nil {
		sets = []string{op.AllKinds.String()}
	}
	s := strings.Join(sets, "; ")
	if d.Elementwise && len(d.Inputs) > 1 {
		s += "; broadcast"
	}
	switch d.Promote {
	case op.ToCommon, op.TailToCommon:
		if len(d.Inputs) > 1 || strings.HasSuffix(d.Inputs[0], "...") {
			s += "; promoted"
		}
	case op.ToFloat:
		s += "; to float"
	}
	return s
}

func gradient(d *op.Def) string {
	if d.Grad == nil {
		return "–"
	}
	return "yes"
}

func text(d *op.Def) string {
	return strings.NewReplacer("\n", " ", "|", `\|`).Replace(d.Doc)
}
