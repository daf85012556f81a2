package torchnames

import (
	"os"
	"testing"
)

func TestNamesExistAndGeneratedFilesAreCurrent(t *testing.T) {
	want, err := Docs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("docs.tsv"); err != nil || string(got) != string(want) {
		t.Errorf("docs.tsv is not current (%v); run go generate ./internal/torchnames", err)
	}
	if want, err = Page(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("../../docs/guide/torch.md"); err != nil || string(got) != string(want) {
		t.Errorf("docs/guide/torch.md is not current (%v); run go generate ./internal/torchnames", err)
	}
}

func TestEveryNameHasAnAnswerOrAReason(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	have, of := 0, 0
	for _, e := range all {
		if e.Tier > 1 {
			continue
		}
		of++
		if e.Ours != "" {
			have++
		} else if e.Note == "" {
			t.Errorf("%s of tier 1 has neither an answer nor a reason", e.Torch)
		}
	}
	if have*100 < of*95 {
		t.Errorf("%d of %d names of tier 1 have an answer", have, of)
	}
}

func TestFindKnowsWhatIsMeant(t *testing.T) {
	for asked, want := range map[string]string{
		"torch.nn.Linear": "nn.NewLinear(…)", "Conv2d": "nn.NewConv2D(…)", "scatter_add": "x.ScatterAdd(…)",
		"CosineAnnealingLR": "optim.NewCosine(opt, epochs, least)", "sofmax": "x.Softmax(axis)",
		"autograd.Function": "t.Function", "DataLoader": "data.NewLoader(set, options)", "no_grad": "t.NoGrad(f)",
		"torch.relu": "x.ReLU()",
	} {
		found, err := Find(asked, 3)
		if err != nil || len(found) == 0 || found[0].Ours != want {
			t.Errorf("%s gives %+v (%v), want %s", asked, found, err, want)
		}
	}
	if found, err := Find("quux_of_nothing", 3); err != nil || len(found) != 0 {
		t.Errorf("a name of nothing gives %+v (%v)", found, err)
	}
}

func TestSymbolsOfCode(t *testing.T) {
	got := Symbols("x.Sub(y).Abs().Le(nn.MSE(x, y)), m.Add(name, t.Ones(2)), math.Inf(1)")
	want := []string{
		"eager.Tensor.Sub", "eager.Tensor.Abs", "eager.Tensor.Le", "eager/nn.MSE", "eager/nn.Base.Add", "eager.Ones",
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("symbol %d is %s, want %s", i, got[i], want[i])
		}
	}
}

func TestEveryMissingNameHasAReason(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	features, err := Autograd()
	if err != nil || len(features) != 36 {
		t.Fatalf("%d features of automatic differentiation (%v), want 36", len(features), err)
	}
	missing := 0
	for _, e := range append(all, features...) {
		if e.Tier < 3 && e.Ours == "" {
			if missing++; e.Note == "" {
				t.Errorf("%s of tier %d has neither an answer nor a reason", e.Torch, e.Tier)
			}
		}
	}
	if missing > 20 {
		t.Errorf("%d names of tiers 1 and 2 have no answer", missing)
	}
}
