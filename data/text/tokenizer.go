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

	mu    sync.Mutex
	cache map[string][]int // words of the model
}

// token is one result: its number, the sequence it belongs to, and whether it is a special one.
type token struct {
	id, kind int
	special  bool
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
}

// Tensor returns the numbers as I64 [n].
func (e *Encoding) Tensor() *eager.Tensor { return eager.FromInts(e.IDs, len(e.IDs)) }

// EncodeOptions are the options of Encode; the zero value is the default.
type EncodeOptions struct {
	Pair      string // a second text, as of a question and an answer
	NoSpecial bool   // do not add tokens such as [CLS]
	MaxTokens int    // cut the first text so that no more tokens than this come out; 0: any number
}

// Encode returns s as tokens.
func (t *Tokenizer) Encode(s string, o ...EncodeOptions) *Encoding {
	var opt EncodeOptions
	if len(o) > 0 {
		opt = o[0]
	}
	a := t.pieces(s)
	var b []token
	if opt.Pair != "" {
		b = t.pieces(opt.Pair)
		for i := range b {
			b[i].kind = 1
		}
	}
	finish := func(a []token) []token {
		if t.post == nil {
			return append(slices.Clone(a), b...)
		}
		all := t.post(a, b)
		if opt.NoSpecial {
			all = slices.DeleteFunc(all, func(k token) bool { return k.special })
		}
		return all
	}
	all := finish(a)
	if over := len(all) - opt.MaxTokens; opt.MaxTokens > 0 && over > 0 {
		if over > len(a) {
			engine.Fail("text.Encode", "MaxTokens is %d; the special tokens and the second text alone are %d",
				opt.MaxTokens, len(all)-len(a))
		}
		all = finish(a[:len(a)-over])
	}
	e := &Encoding{}
	for _, k := range all {
		e.IDs, e.TypeIDs = append(e.IDs, k.id), append(e.TypeIDs, k.kind)
		e.Tokens, e.Special = append(e.Tokens, t.Token(k.id)), append(e.Special, k.special)
	}
	return e
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
func (t *Tokenizer) pieces(s string) []token {
	var out []token
	first := true
	t.around(s, false, func(raw string, id int) {
		if id >= 0 {
			out = append(out, token{id: id})
			first = false
			return
		}
		if t.normalize != nil {
			raw = t.normalize(raw)
		}
		t.around(raw, true, func(part string, id int) {
			if id >= 0 {
				out = append(out, token{id: id})
			} else if part != "" {
				for _, k := range t.words(piece{part, first}) {
					out = append(out, token{id: k})
				}
			}
			first = false
		})
	})
	return out
}

// around calls yield for the added tokens in s and for the text between them (id −1).
func (t *Tokenizer) around(s string, normalized bool, yield func(s string, id int)) {
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
			yield(s[start:from], -1)
		}
		yield("", a.ID)
		start, at = to, to
	}
	if start < len(s) {
		yield(s[start:], -1)
	}
}

// alone says whether s[from:to] has no letters or digits beside it.
func alone(s string, from, to int) bool {
	before, after := []rune(s[:from]), []rune(s[to:])
	return (len(before) == 0 || !isWord(before[len(before)-1])) && (len(after) == 0 || !isWord(after[0]))
}

// cacheWords bounds the memory of the cache.
const cacheWords = 1 << 16

// words splits a part of the text and looks its words up.
func (t *Tokenizer) words(p piece) []int {
	words := []piece{p}
	if t.split != nil {
		words = t.split(words)
	}
	var out []int
	for _, w := range words {
		t.mu.Lock()
		ids, ok := t.cache[w.s]
		t.mu.Unlock()
		if !ok {
			ids = t.model.tokenize(w.s)
			t.mu.Lock()
			if len(t.cache) >= cacheWords {
				clear(t.cache)
			}
			if len(w.s) < 100 {
				t.cache[strings.Clone(w.s)] = ids
			}
			t.mu.Unlock()
		}
		out = append(out, ids...)
	}
	return out
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
