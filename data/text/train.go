package text

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
)

// BPEOptions are the options of TrainBPE; the zero value is the default.
type BPEOptions struct {
	Vocab        int      // tokens to learn, with bytes and special ones; 0: 30,000
	MinFrequency int      // pairs that are rarer are not merged; 0: any
	Special      []string // tokens for the model's own use; they get the first numbers
}

// TrainBPE learns byte-level BPE from texts, with GPT-2's split into words; any text can be encoded. The
// vocabulary is the one that Hugging Face's trainer finds (ByteLevel alphabet).
func TrainBPE(texts iter.Seq[string], o ...BPEOptions) (*Tokenizer, error) {
	var opt BPEOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.Vocab == 0 {
		opt.Vocab = 30_000
	}
	if n := 256 + len(opt.Special); opt.Vocab < n {
		return nil, fmt.Errorf("text.TrainBPE: a vocabulary of %d; want at least %d for the bytes", opt.Vocab, n)
	}
	counts := map[string]int{}
	split := byteLevel(false, true)
	for s := range texts {
		for _, w := range split([]piece{{s, true}}) {
			counts[w.s]++
		}
	}
	tr := newTrainer(counts, opt)
	tr.run(opt.Vocab, max(opt.MinFrequency, 1))
	b, err := tr.file(opt)
	if err != nil {
		return nil, fmt.Errorf("text.TrainBPE: %w", err)
	}
	return ParseTokenizer(b)
}

// trainer counts pairs in distinct words.
type trainer struct {
	tokens []string
	vocab  map[string]int
	merges [][2]string
	words  [][]int
	times  []int // how often each word occurs
	pairs  map[pair]int
	where  map[pair]map[int]struct{}
}

func newTrainer(counts map[string]int, o BPEOptions) *trainer {
	t := &trainer{vocab: map[string]int{}, pairs: map[pair]int{}, where: map[pair]map[int]struct{}{}}
	for _, s := range o.Special {
		t.token(s)
	}
	alphabet := slices.Clone(bytesToRunes[:])
	slices.Sort(alphabet)
	for _, r := range alphabet {
		t.token(string(r))
	}
	for w, n := range counts {
		ids := make([]int, 0, len(w))
		for _, r := range w {
			ids = append(ids, t.vocab[string(r)])
		}
		t.words, t.times = append(t.words, ids), append(t.times, n)
	}
	for i, w := range t.words {
		for k := range len(w) - 1 {
			t.count(pair{w[k], w[k+1]}, i, t.times[i])
		}
	}
	return t
}

func (t *trainer) token(s string) int {
	if id, ok := t.vocab[s]; ok {
		return id
	}
	t.vocab[s] = len(t.tokens)
	t.tokens = append(t.tokens, s)
	return len(t.tokens) - 1
}

func (t *trainer) count(p pair, word, n int) {
	t.pairs[p] += n
	if t.where[p] == nil {
		t.where[p] = map[int]struct{}{}
	}
	t.where[p][word] = struct{}{}
}

// frequent is a pair with the count it had when it was put on the heap.
type frequent struct {
	pair
	n int
}

// before orders by falling count, then by the tokens' numbers.
func (f frequent) before(g frequent) bool {
	if f.n != g.n {
		return f.n > g.n
	}
	return f.a < g.a || f.a == g.a && f.b < g.b
}

// run merges the most frequent pair until the vocabulary is full.
func (t *trainer) run(vocab, least int) {
	h := heap[frequent]{less: frequent.before}
	for p, n := range t.pairs {
		h.push(frequent{p, n})
	}
	for len(t.tokens) < vocab && h.len() > 0 {
		top := h.pop()
		if n := t.pairs[top.pair]; n != top.n {
			if n > 0 {
				h.push(frequent{top.pair, n})
			}
			continue
		}
		if top.n < least {
			return
		}
		a, b := t.tokens[top.a], t.tokens[top.b]
		t.merges = append(t.merges, [2]string{a, b})
		for p := range t.apply(top.pair, t.token(a+b)) {
			h.push(frequent{p, t.pairs[p]})
		}
	}
}

// apply merges p in all words and returns the pairs that became more frequent.
func (t *trainer) apply(p pair, id int) map[pair]bool {
	changed := map[pair]bool{}
	places := t.where[p]
	delete(t.where, p)
	delete(t.pairs, p)
	for i := range places {
		w, n := t.words[i], t.times[i]
		for k := 0; k+1 < len(w); k++ {
			if w[k] != p.a || w[k+1] != p.b {
				continue
			}
			if k > 0 {
				t.lose(pair{w[k-1], w[k]}, p, n)
				q := pair{w[k-1], id}
				t.count(q, i, n)
				changed[q] = true
			}
			if k+2 < len(w) {
				t.lose(pair{w[k+1], w[k+2]}, p, n)
				q := pair{id, w[k+2]}
				t.count(q, i, n)
				changed[q] = true
			}
			w[k] = id
			w = append(w[:k+1], w[k+2:]...)
		}
		t.words[i] = w
	}
	return changed
}

// lose lowers the count of a pair that a merge of p takes apart.
func (t *trainer) lose(q, p pair, n int) {
	if q != p {
		t.pairs[q] -= n
	}
}

// file returns the tokenizer.json.
func (t *trainer) file(o BPEOptions) ([]byte, error) {
	var vocab strings.Builder // in the order of numbers, which maps do not keep
	vocab.WriteByte('{')
	for i, s := range t.tokens {
		if i > 0 {
			vocab.WriteByte(',')
		}
		key, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&vocab, "%s:%d", key, i)
	}
	vocab.WriteByte('}')
	merges, err := json.Marshal(t.merges)
	if err != nil {
		return nil, err
	}
	f := file{Version: "1.0", AddedTokens: []addedToken{}}
	for i, s := range o.Special {
		f.AddedTokens = append(f.AddedTokens, addedToken{ID: i, Content: s, Special: true})
	}
	sort.SliceStable(f.AddedTokens, func(i, j int) bool { return f.AddedTokens[i].ID < f.AddedTokens[j].ID })
	null := json.RawMessage("null")
	f.Truncation, f.Padding, f.Normalizer, f.PostProcessor = null, null, null, null
	f.PreTokenizer = json.RawMessage(`{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}`)
	f.Decoder = json.RawMessage(`{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}`)
	f.Model = json.RawMessage(fmt.Sprintf(`{"type":"BPE","dropout":null,"unk_token":null,`+
		`"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,`+
		`"ignore_merges":false,"vocab":%s,"merges":%s}`, vocab.String(), orList(merges)))
	return json.MarshalIndent(f, "", "  ")
}

func orList(b []byte) string {
	if string(b) == "null" {
		return "[]"
	}
	return string(b)
}

// NewCharacters returns the tokenizer of the characters of sample, each a token, in their order. Other
// characters are left out when text is encoded.
func NewCharacters(sample string) (*Tokenizer, error) {
	runes := []rune(sample)
	slices.Sort(runes)
	vocab := map[string]int{}
	for i, r := range slices.Compact(runes) {
		vocab[string(r)] = i
	}
	table, err := json.Marshal(vocab)
	if err != nil || len(vocab) == 0 {
		return nil, fmt.Errorf("text.NewCharacters: the sample has %d characters: %v", len(vocab), err)
	}
	return ParseTokenizer(fmt.Appendf(nil, `{"version":"1.0","added_tokens":[],"decoder":{"type":"Fuse"},`+
		`"model":{"type":"BPE","vocab":%s,"merges":[]}}`, table))
}
