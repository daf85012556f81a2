//go:build full

package yaegi_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

func TestMorePrograms(t *testing.T) {
	exectest.MorePrograms(t, start, map[string]string{
		"closuresdeferloopvar": "refused: cell 1 line 7: defer of a call that uses i, which has another value later",
		"constarrayindex":      "refused: cell 1 line 1: the interpreter cannot run this cell",
		"deferloop":            "refused: cell 1 line 7: defer of a call that uses i, which has another value later",
		"fmtformatter":         "refused: cell 1 line 7: the method Format is not seen by package fmt",
		"iternestedreturn":     "refused: cell 1 line 22: defer inside a range over a function",
		"jsonmethods":          "refused: cell 1 line 47: json.Marshal cannot take this value",
		"recoverruntimeerror":  "the text of the panic",
		"runtimeerrors":        "the text of the panic",
		"defernamed":           "refused: cell 1 line 20: defer of a call that uses i",
		"jsonforms":            "an error about a type of a cell is not supported in cells",
		"loopclosureforms":     "refused: cell 1 line 30: defer of a call that uses v",
		"panicasserts":         "the text of the panic",
		"panicindexes":         "the text of the panic",
		"recoverforms":         "refused: cell 1 line 94: defer of a call that uses w",
		"reflectforms":         "reflect.TypeFor is generic compiled code",
		"templateforms":        "an error about a type of a cell is not supported in cells",
		"template":             "refused: cell 1 line 25: template.Execute cannot take this value",
		"typedecllocal":        "refused: cell 1 line 26: the interpreter cannot run this cell",
		"yasmethod":            "refused: cell 1 line 15: the method As is not seen by package errors",
		"ynamedofcompiled":     "refused: cell 1 line 28: the interpreter cannot run this cell",
		"yshadowclosures":      "refused: cell 1 line 18: defer of a call that uses x, which has another value later",
	})
}
