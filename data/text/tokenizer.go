package text

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Tokenizer cuts text into tokens of a vocabulary. It may be used by several goroutines.
type Tokenizer struct {
	normalize func(string) string
	split     splitter
	model     model
	post      func(a, b []token) []token
	decode    func([]string) []string

	vocab  map[string]int
	tokens []string // by number
	added  []addedToken
	marks  map[int]bool // special tokens
	source []byte       // the file
	joint  joints

	mu    sync.Mutex
	cache map[string][]int // words of the model
}

// joints is how words and tokens are written beside the text itself, for offsets.
type joints struct {
	prefix string // of tokens within a word, such as ##
	suffix string // of tokens that end a word
	mark   string // for spaces
	trim   bool   // offsets leave out spaces
}

// token is one result: its number, the sequence it belongs to, whether it is a special one, and where it
// stands in its text, when that is wanted.
type token struct {
	id, kind int
	special  bool
	at       place
}

// model cuts a word into tokens.
type model interface {
	tokenize(word string) []int
}

// addedToken is found in the text before anything else.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// Encoding is a text as tokens.
type Encoding struct {
	IDs     []int
	Tokens  []string
	TypeIDs []int  // 0 for the first text, 1 for the second
	Special []bool // tokens that the tokenizer added, such as [CLS]
	// Offsets are, with EncodeOptions.Offsets, the bytes from [0] to before [1] of its text that each token
	// stands for; 0, 0 for those that the tokenizer added.
	Offsets [][2]int
}

// Tensor returns the numbers as I64 [n].
func (e *Encoding) Tensor() *eager.Tensor { return eager.FromInts(e.IDs, len(e.IDs)) }

// EncodeOptions are the options of Encode; the zero value is the default.
type EncodeOptions struct {
	Pair      string // a second text, as of a question and an answer
	NoSpecial bool   // do not add tokens such as [CLS]
	MaxTokens int    // cut so that no more tokens than this come out; 0: any number
	Cut       string // what MaxTokens cuts: "first" text (or ""), "second", or always the "longest"
	CutLeft   bool   // at the start of the text instead of its end
	Offsets   bool   // find where tokens stand in the text
}

// Encode returns s as tokens.
func (t *Tokenizer) Encode(s string, o ...EncodeOptions) *Encoding {
	var opt EncodeOptions
	if len(o) > 0 {
		opt = o[0]
	}
	a := t.pieces(s, opt.Offsets)
	var b []token
	if opt.Pair != "" {
		b = t.pieces(opt.Pair, opt.Offsets)
		for i := range b {
			b[i].kind = 1
		}
	}
	all := t.finish(a, b, opt.NoSpecial)
	if over := len(all) - opt.MaxTokens; opt.MaxTokens > 0 && over > 0 {
		a, b = shortened(a, b, over, len(all), opt)
		all = t.finish(a, b, opt.NoSpecial)
	}
	e := &Encoding{}
	for _, k := range all {
		e.IDs, e.TypeIDs = append(e.IDs, k.id), append(e.TypeIDs, k.kind)
		e.Tokens, e.Special = append(e.Tokens, t.Token(k.id)), append(e.Special, k.special)
		if opt.Offsets {
			e.Offsets = append(e.Offsets, [2]int{k.at.from, k.at.to})
		}
	}
	return e
}

// finish adds the special tokens.
func (t *Tokenizer) finish(a, b []token, plain bool) []token {
	if t.post == nil {
		return append(slices.Clone(a), b...)
	}
	all := t.post(a, b)
	if plain {
		all = slices.DeleteFunc(all, func(k token) bool { return k.special })
	}
	return all
}

// shortened takes over tokens away from the texts a and b, of all in all.
func shortened(a, b []token, over, all int, o EncodeOptions) (first, second []token) {
	fromA, fromB := over, 0
	switch o.Cut {
	case "", "first":
	case "second":
		fromA, fromB = 0, over
	case "longest": // of two that are equally long the second
		fromA = 0
		for range over {
			if len(a)-fromA > len(b)-fromB {
				fromA++
			} else {
				fromB++
			}
		}
	default:
		engine.Fail("text.Encode", "Cut is %q; known: first, second, longest", o.Cut)
	}
	if fromA > len(a) || fromB > len(b) {
		engine.Fail("text.Encode", "MaxTokens is %d of %d; the special tokens and the text that is not cut alone are more",
			o.MaxTokens, all)
	}
	if o.CutLeft {
		return a[fromA:], b[fromB:]
	}
	return a[:len(a)-fromA], b[:len(b)-fromB]
}

// Padded are texts of one length, as networks take them.
type Padded struct {
	IDs     *eager.Tensor // I64 [texts tokens]
	Mask    *eager.Tensor // bool: true where there is a token, false where there is padding
	TypeIDs *eager.Tensor // I64: 0 for the first text of a pair, 1 for the second
}

// PadOptions are the options of EncodeAll; the zero value is the default.
type PadOptions struct {
	EncodeOptions          // of each text; Pair is taken from Pairs
	Pairs         []string // the second text of each, or nil
	Length        int      // tokens of every row; 0: those of the longest text
	MultipleOf    int      // the length is rounded up to a multiple of this; 0: 1
	PadID         int      // what stands in place of tokens; 0 unless the tokenizer says otherwise, see ID("[PAD]")
	Left          bool     // padding comes first, as models want that go on with the text
}

// EncodeAll encodes texts and pads them to one length; MaxTokens cuts them. Agrees with the tokenizers of
// Hugging Face with padding and truncation.
func (t *Tokenizer) EncodeAll(texts []string, o ...PadOptions) Padded {
	var opt PadOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if len(texts) == 0 || opt.Pairs != nil && len(opt.Pairs) != len(texts) {
		engine.Fail("text.EncodeAll", "%d texts and %d second texts; want some, and as many or none", len(texts), len(opt.Pairs))
	}
	rows := make([]*Encoding, len(texts))
	length := opt.Length
	for i, s := range texts {
		if opt.Pairs != nil {
			opt.Pair = opt.Pairs[i]
		}
		rows[i] = t.Encode(s, opt.EncodeOptions)
		if n := len(rows[i].IDs); opt.Length == 0 {
			length = max(length, n)
		} else if n > length {
			engine.Fail("text.EncodeAll", "text %d has %d tokens, Length is %d; set MaxTokens to cut it", i, n, length)
		}
	}
	if m := max(opt.MultipleOf, 1); length%m != 0 {
		length += m - length%m
	}
	ids, kinds, mask := make([]int, len(rows)*length), make([]int, len(rows)*length), make([]bool, len(rows)*length)
	for i := range ids {
		ids[i] = opt.PadID
	}
	for i, r := range rows {
		at := i * length
		if opt.Left {
			at += length - len(r.IDs)
		}
		copy(ids[at:], r.IDs)
		copy(kinds[at:], r.TypeIDs)
		for k := range r.IDs {
			mask[at+k] = true
		}
	}
	return Padded{
		IDs: eager.FromInts(ids, len(rows), length), TypeIDs: eager.FromInts(kinds, len(rows), length),
		Mask: eager.New(mask).Reshape(len(rows), length),
	}
}

// pieces cuts at added tokens and gives the rest to the model.
func (t *Tokenizer) pieces(s string, offsets bool) []token {
	var out []token
	first := true
	t.around(s, false, func(lo, hi, id int) {
		if id >= 0 {
			out = append(out, token{id: id, at: place{lo, hi}})
			first = false
			return
		}
		var from traced
		if offsets {
			from = normalized(s[lo:hi], lo, t.normalize)
		} else if from.s = s[lo:hi]; t.normalize != nil {
			from.s = t.normalize(from.s)
		}
		t.around(from.s, true, func(lo, hi, id int) {
			part := traced{s: from.s[lo:hi]}
			if offsets {
				part.at = from.at[lo:hi]
			}
			if id >= 0 {
				out = append(out, token{id: id, at: part.whole()})
			} else if part.s != "" {
				out = append(out, t.part(part, first)...)
			}
			first = false
		})
	})
	if t.joint.trim && offsets {
		for i := range out {
			out[i].at = trimmed(t.Token(out[i].id), out[i].at)
		}
	}
	return out
}

// part gives the words of a part of the text to the model.
func (t *Tokenizer) part(p traced, first bool) []token {
	words := []piece{{p.s, first}}
	if t.split != nil {
		words = t.split(words)
	}
	var out []token
	ids := make([][]int, len(words))
	for i, w := range words {
		ids[i] = t.word(w.s)
		for _, id := range ids[i] {
			out = append(out, token{id: id})
		}
	}
	if p.at != nil {
		for i, at := range t.locate(p, words, ids) {
			out[i].at = at
		}
	}
	return out
}

// around calls yield with the bytes of the added tokens in s and of the text between them (id −1).
func (t *Tokenizer) around(s string, normalized bool, yield func(from, to, id int)) {
	start := 0
	for at := 0; at < len(s); {
		best := -1
		for i, a := range t.added {
			if a.Normalized != normalized || !strings.HasPrefix(s[at:], a.Content) || a.Content == "" {
				continue
			}
			if a.SingleWord && !alone(s, at, at+len(a.Content)) {
				continue
			}
			if best < 0 || len(a.Content) > len(t.added[best].Content) {
				best = i
			}
		}
		if best < 0 {
			at++
			continue
		}
		a := t.added[best]
		from, to := at, at+len(a.Content)
		if a.LStrip {
			from = start + len(strings.TrimRightFunc(s[start:from], isSpace))
		}
		if a.RStrip {
			to = len(s) - len(strings.TrimLeftFunc(s[to:], isSpace))
		}
		if from > start {
			yield(start, from, -1)
		}
		yield(from, to, a.ID)
		start, at = to, to
	}
	if start < len(s) {
		yield(start, len(s), -1)
	}
}

// alone says whether s[from:to] has no letters or digits beside it.
func alone(s string, from, to int) bool {
	before, after := []rune(s[:from]), []rune(s[to:])
	return (len(before) == 0 || !isWord(before[len(before)-1])) && (len(after) == 0 || !isWord(after[0]))
}

// cacheWords bounds the memory of the cache.
const cacheWords = 1 << 16

// word looks a word up.
func (t *Tokenizer) word(s string) []int {
	t.mu.Lock()
	ids, ok := t.cache[s]
	t.mu.Unlock()
	if ok {
		return ids
	}
	ids = t.model.tokenize(s)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.cache) >= cacheWords {
		clear(t.cache)
	}
	if len(s) < 100 {
		t.cache[strings.Clone(s)] = ids
	}
	return ids
}

// DecodeOptions are the options of Decode; the zero value is the default.
type DecodeOptions struct {
	KeepSpecial bool // show tokens such as [CLS]
}

// Decode returns the text of tokens; numbers outside the vocabulary are left out.
func (t *Tokenizer) Decode(ids []int, o ...DecodeOptions) string {
	keep := len(o) > 0 && o[0].KeepSpecial
	var tokens []string
	for _, id := range ids {
		if id < 0 || id >= len(t.tokens) || t.tokens[id] == "" || t.marks[id] && !keep {
			continue
		}
		tokens = append(tokens, t.tokens[id])
	}
	if t.decode == nil {
		return strings.Join(tokens, " ")
	}
	return strings.Join(t.decode(tokens), "")
}

// Len returns the size of the vocabulary: one more than the largest number.
func (t *Tokenizer) Len() int { return len(t.tokens) }

// Token returns the text of a token in the vocabulary, "" when there is none.
func (t *Tokenizer) Token(id int) string {
	if id < 0 || id >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}

// ID returns the number of a token, −1 when the vocabulary lacks it.
func (t *Tokenizer) ID(token string) int {
	if id, ok := t.vocab[token]; ok {
		return id
	}
	return -1
}

// String returns one line.
func (t *Tokenizer) String() string { return fmt.Sprintf("tokenizer of %d tokens", t.Len()) }

// enter adds a token to the tables.
func (t *Tokenizer) enter(s string, id int) error {
	if id < 0 || id > 1<<24 {
		return fmt.Errorf("token %q has number %d; want 0…%d", s, id, 1<<24)
	}
	for len(t.tokens) <= id {
		t.tokens = append(t.tokens, "")
	}
	t.vocab[s], t.tokens[id] = id, s
	return nil
}
