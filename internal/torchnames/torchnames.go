// Package torchnames says what a name of PyTorch is called here.
//
//	for _, e := range torchnames.Find("scatter_add", 5) {
//		fmt.Println(e.Torch, "→", e.Ours, e.Doc)
//	}
//
// The names, by tier (1: everybody needs it, 3: few do), are in names.tsv, which people edit; docs.tsv and the
// page of the guide are generated from it and from the sources. It does not translate programs.
package torchnames

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:generate go run ./gen

//go:embed names.tsv
var names string

//go:embed autograd.tsv
var autograd string

//go:embed docs.tsv
var docs string

// Entry is one name of PyTorch.
type Entry struct {
	Torch string // such as "torch.nn.Linear"
	Tier  int    // 1, 2 or 3
	Ours  string // what to write instead; "" when there is nothing
	Note  string
	Doc   string // of the first symbol in Ours; "" when that is none of ours
}

// All returns every entry, sorted by name.
func All() ([]Entry, error) {
	doc := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(docs), "\n") {
		symbol, text, _ := strings.Cut(line, "\t")
		doc[symbol] = text
	}
	all, err := entries("names.tsv", names)
	for i, e := range all {
		for _, s := range Symbols(e.Ours) {
			if all[i].Doc == "" {
				all[i].Doc = doc[s]
			}
		}
	}
	return all, err
}

// Autograd returns what PyTorch's automatic differentiation does, feature by feature.
func Autograd() ([]Entry, error) { return entries("autograd.tsv", autograd) }

// entries reads a table.
func entries(file, text string) ([]Entry, error) {
	var all []Entry
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("torchnames: %s line %d has %d columns, want 4", file, i+2, len(f))
		}
		tier, err := strconv.Atoi(f[1])
		if err != nil || tier < 1 || tier > 3 {
			return nil, fmt.Errorf("torchnames: %s line %d has tier %q, want 1, 2 or 3", file, i+2, f[1])
		}
		all = append(all, Entry{Torch: f[0], Tier: tier, Ours: f[2], Note: f[3]})
	}
	return all, nil
}

// Find returns up to n entries, the nearest names first: the name itself, then names that end with it, contain
// it, or differ in few letters. Case, underscores and a leading "torch." do not count.
func Find(name string, n int) ([]Entry, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	type scored struct {
		Entry
		far int
	}
	var near []scored
	for _, e := range all {
		if d := distance(name, e.Torch); d < 1000 {
			near = append(near, scored{e, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Or(a.far-b.far, a.Tier-b.Tier, len(a.Torch)-len(b.Torch)) })
	var found []Entry
	for _, s := range near[:min(n, len(near))] {
		found = append(found, s.Entry)
	}
	return found, nil
}

func plain(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(s), "torch."), "_", "")
}

// distance rates how far the name of an entry is from what was asked for; 1000 is too far.
func distance(asked, name string) int {
	a, b := plain(asked), plain(name)
	last := b[strings.LastIndexByte(b, '.')+1:]
	switch {
	case a == "":
		return 1000
	case asked == name || strings.HasSuffix(name, "."+asked):
		return 0
	case strings.EqualFold(strings.TrimPrefix(asked, "torch."), strings.TrimPrefix(name, "torch.")), a == b:
		return 1
	case a == last || strings.HasSuffix(b, "."+a):
		return 2 + len(b) - len(a)
	case strings.HasPrefix(last, a):
		return 100 + len(last) - len(a)
	case strings.Contains(b, a):
		return 200 + len(b) - len(a)
	}
	if d := edits(a[strings.LastIndexByte(a, '.')+1:], last); d <= 1+len(last)/5 {
		return 300 + 50*d
	}
	return 1000
}

// edits is the number of letters to insert, remove or replace between a and b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
