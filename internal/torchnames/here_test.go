package torchnames

import "testing"

func TestHereSaysWhatStandsForANameOfPyTorch(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"nn.CrossEntropyLoss", "PyTorch's torch.nn.CrossEntropyLoss is nn.CrossEntropy(logits, labels) here"},
		{"nn.Sequential.parameters", "PyTorch's torch.nn.Module.parameters is m.Params() here"},
		{"nn.Sequential.Parameters", "PyTorch's torch.nn.Module.parameters is m.Params() here"},
		{"t.Tensor.shape", "PyTorch's torch.shape is x.Shape(), x.Size(axis) here"},
		{"torch.optim.Adam", "PyTorch's torch.optim.Adam is optim.NewAdam(params) here"},
		{"optim.Adam", "PyTorch's torch.optim.Adam is optim.NewAdam(params) here"},
		{"torch.Tensor.backward", "PyTorch's torch.Tensor.backward is x.Backward(), x.BackwardFrom(dy) here"},
		{"nn.frobnicate", ""},
		{"os.zeros", ""},
		{"zeros", ""},
		{"", ""},
	} {
		if got := Here(c.name); got != c.want {
			t.Errorf("Here(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
