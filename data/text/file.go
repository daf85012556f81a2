package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// file is the layout of tokenizer.json; parts of several kinds are read by their type.
type file struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         json.RawMessage `json:"model"`
}

// maxFile bounds the memory of a tokenizer file.
const maxFile = 256 << 20

// ReadTokenizer reads a tokenizer.json.
func ReadTokenizer(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		err = fmt.Errorf("%s has %d bytes; want at most %d", path, info.Size(), maxFile)
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("text.ReadTokenizer: %w", err)
	}
	t, err := ParseTokenizer(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// ParseTokenizer is ReadTokenizer for the bytes of a file.
func ParseTokenizer(b []byte) (*Tokenizer, error) {
	t, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("text.ParseTokenizer: %w", err)
	}
	return t, nil
}

func parse(b []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	if len(f.Model) == 0 {
		return nil, errors.New(`there is no "model"; want the file tokenizer.json of a tokenizer`)
	}
	t := &Tokenizer{vocab: map[string]int{}, marks: map[int]bool{}, cache: map[string][]int{}, source: b}
	if err := t.readModel(f.Model); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for _, a := range f.AddedTokens {
		if err := t.enter(a.Content, a.ID); err != nil {
			return nil, fmt.Errorf("added_tokens: %w", err)
		}
		t.added = append(t.added, a)
		t.marks[a.ID] = a.Special
	}
	var err error
	if t.normalize, err = readNormalizer(f.Normalizer); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	if t.split, err = readSplitter(f.PreTokenizer); err != nil {
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	}
	if t.post, err = readPost(f.PostProcessor); err != nil {
		return nil, fmt.Errorf("post_processor: %w", err)
	}
	t.joint.trim, t.joint.mark = trims(f.PostProcessor), "▁"
	if t.decode, err = readDecoder(f.Decoder); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	for i := range t.added { // normalized tokens are looked for in normalized text
		if a := &t.added[i]; a.Normalized && t.normalize != nil {
			a.Content = t.normalize(a.Content)
		}
	}
	return t, nil
}

// WriteFile writes the tokenizer as tokenizer.json, which Hugging Face's libraries read; beside path, then
// renamed.
func (t *Tokenizer) WriteFile(path string) error {
	if err := atomicfile.WriteBytes(path, t.source); err != nil {
		return fmt.Errorf("text.WriteFile: %w", err)
	}
	return nil
}

// none says whether a part of the file is left out.
func none(b json.RawMessage) bool { return len(b) == 0 || string(b) == "null" }

// parts reads the list of a Sequence.
func parts(b json.RawMessage, field string) ([]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	var list []json.RawMessage
	err := json.Unmarshal(all[field], &list)
	if len(list) > 100 {
		err = fmt.Errorf("%d parts; want at most 100", len(list))
	}
	return list, err
}

type modelFile struct {
	Type      string          `json:"type"`
	Vocab     json.RawMessage `json:"vocab"`
	Merges    json.RawMessage `json:"merges"`
	Unk       *string         `json:"unk_token"`
	UnkID     *int            `json:"unk_id"`
	Prefix    *string         `json:"continuing_subword_prefix"`
	Suffix    *string         `json:"end_of_word_suffix"`
	FuseUnk   bool            `json:"fuse_unk"`
	Fallback  bool            `json:"byte_fallback"`
	Whole     bool            `json:"ignore_merges"`
	MostChars *int            `json:"max_input_chars_per_word"`
}

// guess finds the type of a model in files that do not say it.
func (m *modelFile) guess() {
	switch {
	case m.Type != "":
	case len(m.Merges) > 0:
		m.Type = "BPE"
	case m.UnkID != nil || strings.HasPrefix(strings.TrimSpace(string(m.Vocab)), "["):
		m.Type = "Unigram"
	case m.MostChars != nil:
		m.Type = "WordPiece"
	default:
		m.Type = "WordLevel"
	}
}

func (t *Tokenizer) readModel(b []byte) error {
	var m modelFile
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	m.guess()
	if m.Type == "Unigram" {
		return t.readUnigram(m)
	}
	var vocab map[string]int
	if err := json.Unmarshal(m.Vocab, &vocab); err != nil {
		return fmt.Errorf("vocab: %w", err)
	}
	for s, id := range vocab {
		if err := t.enter(s, id); err != nil {
			return err
		}
	}
	unk := -1
	if m.Unk != nil {
		if id, ok := vocab[*m.Unk]; ok {
			unk = id
		}
	}
	text := func(s *string, other string) string {
		if s != nil {
			return *s
		}
		return other
	}
	switch m.Type {
	case "BPE":
		b := &bpe{
			vocab: vocab, unk: unk, prefix: text(m.Prefix, ""), suffix: text(m.Suffix, ""),
			fuse: m.FuseUnk, fallback: m.Fallback, whole: m.Whole,
		}
		t.model = b
		t.joint.prefix, t.joint.suffix = b.prefix, b.suffix
		return b.readMerges(m.Merges)
	case "WordPiece":
		most := 100
		if m.MostChars != nil {
			most = *m.MostChars
		}
		if unk < 0 {
			return fmt.Errorf("the vocabulary lacks the unknown token %q", text(m.Unk, ""))
		}
		t.joint.prefix = text(m.Prefix, "##")
		t.model = &wordPiece{vocab: vocab, unk: unk, prefix: t.joint.prefix, most: most}
	case "WordLevel":
		t.model = &wordLevel{vocab: vocab, unk: unk}
	default:
		return fmt.Errorf("type %q; known are BPE, WordPiece, Unigram, WordLevel", m.Type)
	}
	return nil
}

// readMerges reads ["a b", …] or [["a", "b"], …].
func (m *bpe) readMerges(b []byte) error {
	var pairs [][]string
	if json.Unmarshal(b, &pairs) != nil {
		var lines []string
		if err := json.Unmarshal(b, &lines); err != nil {
			return fmt.Errorf("merges: %w", err)
		}
		pairs = make([][]string, len(lines))
		for i, l := range lines {
			pairs[i] = strings.Split(l, " ")
		}
	}
	m.merges = make(map[pair]merge, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return fmt.Errorf("merge %d is %q; want two tokens", i, p)
		}
		a, okA := m.vocab[p[0]]
		b, okB := m.vocab[p[1]]
		id, ok := m.vocab[p[0]+strings.TrimPrefix(p[1], m.prefix)]
		if !okA || !okB || !ok {
			return fmt.Errorf("merge %d joins %q and %q; they and the result must be in the vocabulary", i, p[0], p[1])
		}
		if _, twice := m.merges[pair{a, b}]; !twice {
			m.merges[pair{a, b}] = merge{i, id}
		}
	}
	return nil
}

func (t *Tokenizer) readUnigram(m modelFile) error {
	var vocab [][2]any
	if err := json.Unmarshal(m.Vocab, &vocab); err != nil {
		return fmt.Errorf("vocab: %w", err)
	}
	pieces, score := make([]string, len(vocab)), make([]float64, len(vocab))
	for i, v := range vocab {
		p, okP := v[0].(string)
		s, okS := v[1].(float64)
		if !okP || !okS {
			return fmt.Errorf("piece %d is %v; want text and log-probability", i, v)
		}
		pieces[i], score[i] = p, s
		if err := t.enter(p, i); err != nil {
			return err
		}
	}
	unk := -1
	if m.UnkID != nil {
		unk = *m.UnkID
	}
	if len(pieces) == 0 || unk >= len(pieces) {
		return fmt.Errorf("unk_id is %d of %d pieces", unk, len(pieces))
	}
	t.model = newUnigram(pieces, score, unk, m.Fallback)
	return nil
}
