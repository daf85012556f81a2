package onnx

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("StringConcat", 20, stringConcat)
	add("StringSplit", 20, stringSplit)
	add("StringNormalizer", 10, stringNormalizer)
	add("RegexFullMatch", 20, regexFullMatch)
	add("TfIdfVectorizer", 9, tfIdf)
}

// text returns input i as a tensor of strings.
func (c *call) text(i int) *Tensor {
	t := c.tensor(i)
	if t.Type != String {
		fail("input %d is %s, want strings", i, t.describe())
	}
	return t
}

func stringConcat(c *call) []Value {
	x, y := c.text(0), c.text(1)
	shape := broadcastShape(x.shape, y.shape)
	xi, yi := positions(x.shape, shape), positions(y.shape, shape)
	out := make([]string, shape.Numel())
	for i := range out {
		out[i] = x.Strings[xi[i]] + y.Strings[yi[i]]
	}
	return one(FromStrings(out, shape...))
}

// stringSplit splits at a delimiter, or at white space; shorter results are filled with empty strings.
func stringSplit(c *call) []Value {
	x := c.text(0)
	delimiter, most := c.string("delimiter", ""), c.int("maxsplit", -1)
	parts, counts, width := make([][]string, len(x.Strings)), make([]int, len(x.Strings)), 0
	for i, s := range x.Strings {
		switch {
		case delimiter == "":
			parts[i] = splitSpace(s, most)
		case s == "":
		case c.node.has("maxsplit"):
			parts[i] = strings.SplitN(s, delimiter, most+1)
		default:
			parts[i] = strings.Split(s, delimiter)
		}
		counts[i], width = len(parts[i]), max(width, len(parts[i]))
	}
	out := make([]string, 0, len(parts)*width)
	for _, p := range parts {
		out = append(out, p...)
		out = append(out, make([]string, width-len(p))...)
	}
	shape := append(x.shape.Clone(), width)
	return []Value{FromStrings(out, shape...), fromInts(counts, x.shape...)}
}

// splitSpace splits at runs of white space, at most most times unless it is negative.
func splitSpace(s string, most int) []string {
	if most < 0 {
		return strings.Fields(s)
	}
	var out []string
	for s = strings.TrimSpace(s); s != ""; {
		i := strings.IndexAny(s, " \t\n\v\f\r")
		if i < 0 || len(out) == most {
			return append(out, s)
		}
		out = append(out, s[:i])
		s = strings.TrimLeft(s[i:], " \t\n\v\f\r")
	}
	return out
}

// stringNormalizer changes case and removes stop words from [C] or [1 C].
func stringNormalizer(c *call) []Value {
	x := c.text(0)
	if r := len(x.shape); r != 1 && (r != 2 || x.shape[0] != 1) {
		fail("%s, want [C] or [1 C]", x.describe())
	}
	change := func(s string) string { return s }
	switch c.oneOf("case_change_action", "NONE", "LOWER", "UPPER") {
	case "LOWER":
		change = strings.ToLower
	case "UPPER":
		change = strings.ToUpper
	}
	exact := c.flag("is_case_sensitive")
	stops := slices.Clone(c.strings("stopwords"))
	if !exact {
		for i, s := range stops {
			stops[i] = strings.ToLower(s)
		}
	}
	out := []string{}
	for _, s := range x.Strings {
		key := s
		if !exact {
			key = strings.ToLower(s)
		}
		if !slices.Contains(stops, key) {
			out = append(out, change(s))
		}
	}
	if len(out) == 0 {
		out = []string{""}
	}
	if len(x.shape) == 2 {
		return one(FromStrings(out, 1, len(out)))
	}
	return one(FromStrings(out, len(out)))
}

func regexFullMatch(c *call) []Value {
	x := c.text(0)
	re, err := regexp.Compile(`\A(?:` + c.string("pattern", "") + `)\z`)
	if err != nil {
		fail("%v", err)
	}
	out := make([]bool, len(x.Strings))
	for i, s := range x.Strings {
		out[i] = utf8.ValidString(s) && re.MatchString(s)
	}
	return one(&Tensor{Type: Bool, Data: eager.FromArray(engine.Of(x.shape.Clone(), out))})
}

// gram is a node of the tree of n-grams.
type gram struct {
	id   int // of the n-gram that ends here; −1: none
	next map[string]*gram
}

func newGram() *gram { return &gram{id: -1, next: map[string]*gram{}} }

// pool reads the n-grams of TfIdfVectorizer as a tree of items.
func ngramPool(c *call) *gram {
	var items []string
	if c.node.has("pool_int64s") {
		items = formatNumbers(fromInts(c.ints("pool_int64s"), len(c.ints("pool_int64s")))).Strings
	} else {
		items = c.strings("pool_strings")
	}
	counts := c.ints("ngram_counts")
	root, id := newGram(), 0
	lo, hi := c.int("min_gram_length", 1), c.int("max_gram_length", 1)
	for k, from := range counts {
		to := len(items)
		if k+1 < len(counts) {
			to = counts[k+1]
		}
		n := k + 1
		if from < 0 || to > len(items) || from > to {
			fail("ngram_counts %v for a pool of %d", counts, len(items))
		}
		for i := from; i+n <= to; i += n {
			if n >= lo && n <= hi {
				g := root
				for _, item := range items[i : i+n] {
					if g.next[item] == nil {
						g.next[item] = newGram()
					}
					g = g.next[item]
				}
				g.id = id
			}
			id++
		}
	}
	return root
}

// tfIdf counts the n-grams of the pool in each row, with gaps of up to max_skip_count items.
func tfIdf(c *call) []Value {
	x := c.tensor(0)
	items := x.Strings
	if x.Type != String {
		items = formatNumbers(convert(x, Int64, true, "up")).Strings
	}
	root := ngramPool(c)
	index := c.ints("ngram_indexes")
	width := 0
	for _, k := range index {
		width = max(width, k+1)
	}
	rows, length := 1, x.Numel()
	shape := []int{width}
	switch s := x.Shape(); len(s) {
	case 0, 1:
	case 2:
		rows, length, shape = s[0], s[1], []int{s[0], width}
	default:
		fail("%s, want [C] or [N C]", x.describe())
	}
	if width < 0 || width > maxList || rows > maxList/max(width, 1) {
		fail("n-gram indices up to %d for %d rows", width, rows)
	}
	counts := list[float64](rows * width)
	for r := range rows {
		countGrams(c, root, items[r*length:(r+1)*length], func(id int) {
			if id >= len(index) || index[id] < 0 {
				fail("n-gram %d has no index", id)
			}
			counts[r*width+index[id]]++
		})
	}
	weights := c.floats("weights")
	mode := c.oneOf("mode", "TF", "IDF", "TFIDF")
	for i, n := range counts {
		w := 1.0
		if len(weights) > 0 && mode != "TF" {
			// Weights belong to n-grams; each is found where its n-gram counts.
			w = weightOf(weights, index, i%max(width, 1))
		}
		if mode == "IDF" {
			n = min(n, 1)
		}
		counts[i] = n * w
	}
	return one(fromFloats(Float, counts, shape))
}

func weightOf(weights []float64, index []int, column int) float64 {
	if i := slices.Index(index, column); i >= 0 && i < len(weights) {
		return weights[i]
	}
	return 1
}

func countGrams(c *call, root *gram, row []string, found func(id int)) {
	lo, hi, skips := c.int("min_gram_length", 1), c.int("max_gram_length", 1), c.int("max_skip_count", 0)
	for gap := 1; gap <= skips+1; gap++ {
		least := lo
		if gap > 1 && least == 1 { // single items have no gaps
			least = 2
		}
		if least > hi {
			return
		}
		for start := range row {
			if start+gap*(least-1) >= len(row) {
				break
			}
			g := root
			for n, i := 1, start; n <= hi && i < len(row); n, i = n+1, i+gap {
				if g = g.next[row[i]]; g == nil {
					break
				}
				if n >= least && g.id >= 0 {
					found(g.id)
				}
			}
		}
	}
}
