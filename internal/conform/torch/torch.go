// Package torch compares Lathe's operators, modules, optimizers and schedules with results recorded from
// PyTorch (testdata/torch/README.md describes the format).
//
//	r := report.New("torch", os.Stdout)
//	if err := torch.Run(os.DirFS("refs/torch"), r); err != nil { … }
//	r.Summary()
//
// Tables map PyTorch's names and arguments to calls of Lathe. A name or an argument that is not in them
// counts as not supported yet; it never passes silently.
package torch

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/conform/report"
)

// suites are the files of cases and what runs one of them.
var suites = []struct {
	name string
	run  func(r record) error
	of   func(r record) string // the group that a case is counted under
}{
	{"ops", runOp, func(r record) string { return r.str("op") }},
	{"modules", runModule, func(r record) string { return "nn." + r.str("module") }},
	{"optim", runOptim, func(r record) string { return r.str("optimizer") }},
	{"sched", runSched, schedGroup},
	{"functional_ad", runFunctional, func(r record) string { return "functional." + r.str("fn") }},
}

// unsupported says what a case needs that this version does not have.
type unsupported string

// Run compares every case of the suites that refs has.
func Run(refs fs.FS, rep *report.Report) error {
	found := false
	for _, s := range suites {
		cases, err := readCases(refs, s.name)
		if errors.Is(err, errNone) {
			continue
		}
		if err != nil {
			return err
		}
		found = true
		for i, c := range cases {
			group, id := s.of(c), c.str("id")
			if group == "" || id == "" {
				return fmt.Errorf("%s.json, case %d has no name", s.name, i+1)
			}
			missing, err := guarded(s.run, c)
			var note remark
			switch {
			case errors.As(err, &note):
				rep.Pass(group)
				rep.Note(s.name+" "+id, string(note))
			case missing != "":
				rep.Skip(group, s.name+" "+id, string(missing))
			case err != nil:
				rep.Fail(group, s.name+" "+id, err.Error())
			default:
				rep.Pass(group)
			}
		}
	}
	if !found {
		return errors.New("no ops.json, modules.json, optim.json, sched.json or functional_ad.json " +
			"in the folder")
	}
	return nil
}

// guarded runs one case and turns panics into what they mean.
func guarded(run func(record) error, c record) (missing unsupported, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unsupported:
			missing, err = r, nil
		case *engine.Error:
			err = r
		default:
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return "", run(c)
}
