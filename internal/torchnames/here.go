package torchnames

import (
	"cmp"
	"slices"
	"strings"
)

// Here says in a sentence what a name of PyTorch is called here, as somebody wrote it in a cell: "nn.CrossEntropyLoss",
// "torch.zeros", "F.relu", "np.load", or a member after the name of its type, "Tensor.numel", "Sequential.parameters".
// It returns "" for names that are not PyTorch's, or have nothing that stands for them. Case and underscores in the
// last part do not count.
func Here(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return ""
	}
	all, err := All()
	if err != nil {
		return ""
	}
	family, last := familyOf(name[:dot]), plain(name[dot+1:])
	var found []Entry
	for _, e := range all {
		at := strings.LastIndexByte(e.Torch, '.')
		if e.Ours != "" && at >= 0 && plain(e.Torch[at+1:]) == last && (e.Torch == name || family.holds(e, e.Torch[:at])) {
			found = append(found, e)
		}
	}
	if len(found) == 0 {
		return ""
	}
	e := slices.MinFunc(found, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Torch[len(a.Torch)-len(last):], b.Torch[len(b.Torch)-len(last):]), a.Tier-b.Tier)
	})
	if e.Note != "" {
		return "PyTorch's " + e.Torch + " is " + e.Ours + " here (" + e.Note + ")"
	}
	return "PyTorch's " + e.Torch + " is " + e.Ours + " here"
}

// family is where the names are that somebody may mean with what stands before the last dot.
type family struct {
	under string // what they are in
	ours  string // how what stands for them begins, or ""
}

var families = map[string]family{
	"t": {"torch", ""}, "torch": {"torch", ""}, "Tensor": {"torch", "x."}, "t.Tensor": {"torch", "x."},
	"nn": {"torch.nn", ""}, "torch.nn": {"torch.nn", ""},
	"F": {"torch.nn.functional", ""}, "nn.functional": {"torch.nn.functional", ""}, "torch.nn.functional": {"torch.nn.functional", ""},
	"nn.init": {"torch.nn.init", ""}, "nn.utils": {"torch.nn.utils", ""},
	"optim": {"torch.optim", ""}, "torch.optim": {"torch.optim", ""},
	"optim.lr_scheduler": {"torch.optim.lr_scheduler", ""}, "lr_scheduler": {"torch.optim.lr_scheduler", ""},
	"data": {"torch.utils.data", ""}, "transforms": {"torchvision.transforms", ""}, "datasets": {"torchvision.datasets", ""},
	"np": {"numpy", ""}, "numpy": {"numpy", ""},
}

// familyOf knows the names of packages and of types; all types of nn are modules.
func familyOf(parent string) family {
	layer, isOfNN := strings.CutPrefix(parent, "nn.")
	if f, ok := families[parent]; ok || !isOfNN || layer == "" || layer[0] < 'A' || layer[0] > 'Z' {
		return f
	}
	return family{"torch.nn.Module", ""}
}

// holds reports whether e, in parent, is of the family.
func (f family) holds(e Entry, parent string) bool {
	if f.under == "" {
		return false
	}
	return parent == f.under && strings.HasPrefix(e.Ours, f.ours)
}
