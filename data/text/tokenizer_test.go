package text

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

type recorded struct {
	Lines []string
	Cases []struct {
		Name      string
		Tokenizer json.RawMessage
		Runs      []struct {
			Text, Pair    string
			Plain         bool
			IDs, Types    []int
			Special       []int
			Tokens        []string
			Decoded, Kept string
			Offsets       [][2]int
		}
	}
}

func record(t testing.TB) recorded {
	t.Helper()
	f, err := os.Open("testdata/cases.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.NewDecoder(z).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTokenizersAgreeWithHuggingFaces(t *testing.T) {
	r := record(t)
	if len(r.Cases) < 11 {
		t.Fatalf("%d tokenizers", len(r.Cases))
	}
	offsets, differ := 0, map[string]int{}
	for _, c := range r.Cases {
		tok, err := ParseTokenizer(c.Tokenizer)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for _, run := range c.Runs {
			e := tok.Encode(run.Text, EncodeOptions{Pair: run.Pair, NoSpecial: run.Plain, Offsets: true})
			for i, at := range e.Offsets {
				if i >= len(run.Offsets) || at != run.Offsets[i] {
					differ[c.Name]++
				}
				offsets++
			}
			special := make([]int, len(e.Special))
			for i, s := range e.Special {
				if s {
					special[i] = 1
				}
			}
			if !slices.Equal(e.IDs, run.IDs) || !slices.Equal(e.TypeIDs, run.Types) || !slices.Equal(special, run.Special) {
				t.Errorf("%s: %q + %q:\n  %q %v %v\nwant\n  %q %v %v", c.Name, run.Text, run.Pair, e.Tokens, e.TypeIDs, special,
					run.Tokens, run.Types, run.Special)
			}
			if got := tok.Decode(run.IDs); got != run.Decoded {
				t.Errorf("%s: %q decodes to %q, want %q", c.Name, run.Text, got, run.Decoded)
			}
			if got := tok.Decode(run.IDs, DecodeOptions{KeepSpecial: true}); got != run.Kept {
				t.Errorf("%s: %q decodes with marks to %q, want %q", c.Name, run.Text, got, run.Kept)
			}
		}
	}
	// Bytes of unknown characters stand for their character here and for the whole run of them there; what a
	// normalizer deletes or joins belongs to its neighbour here and to nobody there.
	for name, n := range differ {
		most := map[string]int{"unigram with bytes": 192, "llama": 12, "unigram": 14}[name]
		if n > max(most, 2) {
			t.Errorf("%s: %d offsets differ, known are %d", name, n, max(most, 2))
		}
	}
	if offsets < 10000 {
		t.Errorf("%d offsets were compared", offsets)
	}
}

func TestOffsetsCutTheTokensOut(t *testing.T) {
	r := record(t)
	tok, err := ParseTokenizer(r.Cases[3].Tokenizer) // BERT, lower case
	if err != nil {
		t.Fatal(err)
	}
	const s = "Printf FORMATS Ünïcode"
	e := tok.Encode(s, EncodeOptions{Offsets: true})
	back := ""
	for i, at := range e.Offsets {
		if e.Special[i] != (at[0] == at[1]) {
			t.Errorf("token %q stands at %v", e.Tokens[i], at)
		}
		back += s[at[0]:at[1]]
	}
	if want := strings.ReplaceAll(s, " ", ""); back != want {
		t.Errorf("tokens cover %q, want %q", back, want)
	}
}

func TestCuttingLeavesTheWantedText(t *testing.T) {
	r := record(t)
	tok, err := ParseTokenizer(r.Cases[3].Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	all := tok.Encode("a b c d e f", EncodeOptions{Pair: "1 2 3"})
	first := func(o EncodeOptions) string {
		o.Pair = "1 2 3"
		e := tok.Encode("a b c d e f", o)
		if len(e.IDs) != o.MaxTokens {
			t.Errorf("%+v gives %d tokens", o, len(e.IDs))
		}
		return strings.Join(e.Tokens, " ")
	}
	n := len(all.IDs)
	for want, o := range map[string]EncodeOptions{
		"[CLS] a b c d e [SEP] 1 2 3 [SEP]": {MaxTokens: n - 1},
		"[CLS] a b c d e f [SEP] 1 2 [SEP]": {MaxTokens: n - 1, Cut: "second"},
		"[CLS] c d e f [SEP] 1 2 3 [SEP]":   {MaxTokens: n - 2, CutLeft: true},
		"[CLS] a b [SEP] 1 2 [SEP]":         {MaxTokens: n - 5, Cut: "longest"},
	} {
		if got := first(o); got != want && !strings.Contains(got, "[UNK]") {
			t.Errorf("%+v gives %q, want %q", o, got, want)
		}
	}
	if err := engine.Catch(func() { tok.Encode("a", EncodeOptions{MaxTokens: 2, Cut: "second"}) }); err == nil {
		t.Error("a text that cannot be cut enough gave no error")
	}
}

func TestTrainingFindsTheSameVocabulary(t *testing.T) {
	r := record(t)
	want, err := ParseTokenizer(r.Cases[0].Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	got, err := TrainBPE(slices.Values(r.Lines), BPEOptions{Vocab: 500, Special: []string{"<|endoftext|>", "<s>", "</s>"}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.tokens, want.tokens) {
		for i := range want.tokens {
			if i >= got.Len() || got.tokens[i] != want.tokens[i] {
				t.Fatalf("token %d of %d is %q, want %q", i, got.Len(), got.Token(i), want.tokens[i])
			}
		}
	}
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := got.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	again, err := ReadTokenizer(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r.Lines {
		ids := again.Encode(line).IDs
		if !slices.Equal(ids, want.Encode(line).IDs) || again.Decode(ids) != line {
			t.Fatalf("%q: %v", line, ids)
		}
	}
}

func TestLongWordsMergeAsShortOnesDo(t *testing.T) {
	r := record(t)
	tok, err := ParseTokenizer(r.Cases[0].Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	m := tok.model.(*bpe)
	for _, line := range r.Lines {
		word := spellBytes(line)
		a, b := m.symbols(word), m.symbols(word)
		m.mergeShort(&a)
		m.mergeLong(b)
		b = slices.DeleteFunc(b, func(s symbol) bool { return s.gone })
		if !slices.EqualFunc(a, b, func(x, y symbol) bool { return x.id == y.id }) {
			t.Fatalf("%q differs", line)
		}
	}
}

func TestCharacterTokenizerKeepsText(t *testing.T) {
	tok, err := NewCharacters("hello world")
	if err != nil {
		t.Fatal(err)
	}
	e := tok.Encode("world hello?")
	if got := tok.Decode(e.IDs); got != "world hello" || tok.Len() != 8 || e.Tensor().Shape().String() != "[11]" {
		t.Errorf("%q from %v of %v", got, e.IDs, tok)
	}
}

func TestTokensAreCutToTheirNumber(t *testing.T) {
	r := record(t)
	for _, c := range r.Cases {
		if c.Name != "bert cased" {
			continue
		}
		tok, err := ParseTokenizer(c.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		e := tok.Encode("Printf formats verbs and more", EncodeOptions{MaxTokens: 5})
		if len(e.IDs) != 5 || e.Tokens[0] != "[CLS]" || e.Tokens[4] != "[SEP]" {
			t.Errorf("%q", e.Tokens)
		}
		err = engine.Catch(func() { tok.Encode("a", EncodeOptions{MaxTokens: 1}) })
		if err == nil || !strings.Contains(err.Error(), "MaxTokens is 1") {
			t.Errorf("error %v", err)
		}
		return
	}
	t.Error("there is no tokenizer bert cased")
}

func TestBrokenTokenizersSayWhy(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:  `there is no "model"`,
		`[1]`: "cannot unmarshal",
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":["a a"]}}`:                                                "merge 0 joins",
		`{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}`:                                                    "has number -1",
		`{"model":{"type":"BPE","vocab":{"a":99999999999},"merges":[]}}`:                                           "has number 99999999999",
		`{"model":{"type":"Magic","vocab":{}}}`:                                                                    `type "Magic"`,
		`{"model":{"type":"WordPiece","vocab":{"a":0},"unk_token":"[UNK]"}}`:                                       "lacks the unknown token",
		`{"model":{"type":"Unigram","vocab":[["a"]],"unk_id":0}}`:                                                  "piece 0",
		`{"model":{"type":"WordLevel","vocab":{}},"pre_tokenizer":{"type":"X"}}`:                                   `pre_tokenizer: type "X"`,
		`{"model":{"type":"WordLevel","vocab":{}},"normalizer":{"type":"X"}}`:                                      `normalizer: type "X"`,
		`{"model":{"type":"WordLevel","vocab":{}},"decoder":{"type":"X"}}`:                                         `decoder: type "X"`,
		`{"model":{"type":"WordLevel","vocab":{}},"post_processor":{"type":"X"}}`:                                  `post_processor: type "X"`,
		`{"model":{"type":"WordLevel","vocab":{}},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(?<=a)b"}}}`: "is not understood",
	} {
		if _, err := ParseTokenizer([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want …%s…", text, err, want)
		}
	}
}

func FuzzParseTokenizer(f *testing.F) {
	for _, c := range record(f).Cases {
		b, _ := json.Marshal(c.Tokenizer)
		if len(b) < 20_000 {
			f.Add(b, "Hello, wörld 12")
		}
	}
	f.Add([]byte(`{"model":{"type":"Unigram","vocab":[["a",-1.5]],"unk_id":0}}`), "aab")
	f.Fuzz(func(t *testing.T, b []byte, s string) {
		tok, err := ParseTokenizer(b)
		if err != nil {
			return
		}
		for _, id := range tok.Encode(s).IDs {
			if id < 0 {
				t.Errorf("token %d", id)
			}
		}
	})
}

func ExampleTrainBPE() {
	tok, err := TrainBPE(slices.Values([]string{"low lower lowest", "new newer newest"}), BPEOptions{Vocab: 262})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := tok.Encode("newest low")
	fmt.Println(len(e.IDs), tok.Decode(e.IDs))
	// Output: 5 newest low
}

func TestEncodeAllPadsToOneLength(t *testing.T) {
	tok, err := NewCharacters("abc")
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := tok.ID("a"), tok.ID("b"), tok.ID("c")
	p := tok.EncodeAll([]string{"ab", "abc", ""}, PadOptions{PadID: 9, MultipleOf: 4})
	if got, want := p.IDs.Ints(), []int{a, b, 9, 9, a, b, c, 9, 9, 9, 9, 9}; !slices.Equal(got, want) {
		t.Errorf("numbers are %v, want %v", got, want)
	}
	if got, want := p.Mask.Sum(1).Ints(), []int{2, 3, 0}; !slices.Equal(got, want) || p.Mask.DType() != engine.Bool {
		t.Errorf("the mask counts %v tokens, want %v", got, want)
	}
	left := tok.EncodeAll([]string{"abc", "b"}, PadOptions{
		Left: true, Length: 3, EncodeOptions: EncodeOptions{MaxTokens: 2}, Pairs: []string{"", "c"},
	})
	if got, want := left.IDs.Ints(), []int{0, a, b, 0, b, c}; !slices.Equal(got, want) {
		t.Errorf("padded on the left %v, want %v", got, want)
	}
	if got, want := left.TypeIDs.Ints(), []int{0, 0, 0, 0, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	defer func() {
		if e, ok := recover().(*engine.Error); !ok || !strings.Contains(e.Error(), "text 0 has 3 tokens, Length is 2") {
			t.Errorf("a text that is too long gives %v", e)
		}
	}()
	tok.EncodeAll([]string{"abc"}, PadOptions{Length: 2})
}
