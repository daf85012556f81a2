package text

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// slot is a place in a template: a special token or one of the texts.
type slot struct {
	SpecialToken *struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"`
	}
	Sequence *struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"`
	}
}

type postFile struct {
	Type          string
	Single, Pair  []slot
	SpecialTokens map[string]struct {
		IDs []int `json:"ids"`
	} `json:"special_tokens"`
	Sep, Cls [2]any
}

// trims reports whether a processor leaves spaces out of offsets.
func trims(raw json.RawMessage) bool {
	var p struct {
		Type       string
		Trim       *bool             `json:"trim_offsets"`
		Processors []json.RawMessage `json:"processors"`
	}
	if none(raw) || json.Unmarshal(raw, &p) != nil {
		return false
	}
	return (p.Type == "ByteLevel" || p.Type == "RobertaProcessing") && (p.Trim == nil || *p.Trim) ||
		slices.ContainsFunc(p.Processors, trims)
}

type post = func(a, b []token) []token

func readPost(raw json.RawMessage) (post, error) {
	if none(raw) {
		return nil, nil
	}
	var p postFile
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	mark := func(v [2]any) []token {
		id, _ := v[1].(float64)
		return []token{{id: int(id), special: true}}
	}
	cls, sep := mark(p.Cls), mark(p.Sep)
	switch p.Type {
	case "TemplateProcessing":
		return func(a, b []token) []token {
			if len(b) > 0 {
				return p.fill(p.Pair, a, b)
			}
			return p.fill(p.Single, a, b)
		}, nil
	case "BertProcessing":
		return func(a, b []token) []token {
			out := join(cls, a, sep)
			if len(b) > 0 {
				out = join(out, b, []token{{id: sep[0].id, kind: 1, special: true}})
			}
			return out
		}, nil
	case "RobertaProcessing":
		return func(a, b []token) []token {
			out := join(cls, a, sep)
			if len(b) > 0 {
				out = join(out, sep, b, sep)
			}
			for i := range out {
				out[i].kind = 0
			}
			return out
		}, nil
	case "ByteLevel":
		return nil, nil
	case "Sequence":
		return readPosts(raw)
	}
	return nil, fmt.Errorf("type %q is unknown; known are TemplateProcessing, BertProcessing, RobertaProcessing, "+
		"ByteLevel, Sequence", p.Type)
}

// readPosts reads a sequence, of which one part may add tokens.
func readPosts(raw json.RawMessage) (only post, err error) {
	list, err := parts(raw, "processors")
	for _, part := range list {
		f, err := readPost(part)
		if err != nil {
			return nil, err
		}
		if f != nil && only != nil {
			return nil, fmt.Errorf("a sequence with two processors that add tokens; one is understood")
		}
		if f != nil {
			only = f
		}
	}
	return only, err
}

func join(parts ...[]token) []token {
	var out []token
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// fill puts the texts into a template.
func (p *postFile) fill(template []slot, a, b []token) []token {
	var out []token
	for _, s := range template {
		switch {
		case s.SpecialToken != nil:
			for _, id := range p.SpecialTokens[s.SpecialToken.ID].IDs {
				out = append(out, token{id: id, kind: s.SpecialToken.TypeID, special: true})
			}
		case s.Sequence != nil:
			text := a
			if s.Sequence.ID == "B" {
				text = b
			}
			for _, t := range text {
				out = append(out, token{id: t.id, kind: s.Sequence.TypeID, at: t.at})
			}
		}
	}
	return out
}

type decoderFile struct {
	Type        string
	Prefix      string
	Cleanup     bool
	Replacement string
	Scheme      string `json:"prepend_scheme"`
	PrefixSpace *bool  `json:"add_prefix_space"`
	Suffix      string
	Pattern     patternFile
	Content     string
	Start, Stop int
	PadToken    string `json:"pad_token"`
	Delimiter   string `json:"word_delimiter_token"`
}

type decoder = func([]string) []string

// perToken makes a decoder of a function of a token and its place.
func perToken(f func(i int, s string) string) decoder {
	return func(in []string) []string {
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = f(i, s)
		}
		return out
	}
}

func readDecoder(b json.RawMessage) (decoder, error) {
	if none(b) {
		return nil, nil
	}
	var d decoderFile
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, err
	}
	switch d.Type {
	case "Sequence":
		return readDecoders(b)
	case "ByteLevel":
		return func(in []string) []string { return []string{readBytes(in)} }, nil
	case "WordPiece":
		return perToken(d.wordPiece), nil
	case "Metaspace":
		return perToken(d.metaspace), nil
	case "BPEDecoder":
		return func(in []string) []string {
			return perToken(func(i int, s string) string {
				space := " "
				if i == len(in)-1 {
					space = ""
				}
				return strings.ReplaceAll(s, d.Suffix, space)
			})(in)
		}, nil
	case "ByteFallback":
		return fallbackBytes, nil
	case "Fuse":
		return func(in []string) []string { return []string{strings.Join(in, "")} }, nil
	case "Strip":
		return perToken(func(_ int, s string) string {
			for i := 0; i < d.Start && strings.HasPrefix(s, d.Content); i++ {
				s = strings.TrimPrefix(s, d.Content)
			}
			for i := 0; i < d.Stop && strings.HasSuffix(s, d.Content); i++ {
				s = strings.TrimSuffix(s, d.Content)
			}
			return s
		}), nil
	case "Replace":
		f, err := d.Pattern.replace(d.Content)
		return perToken(func(_ int, s string) string { return f(s) }), err
	case "CTC":
		return d.ctc, nil
	}
	return nil, fmt.Errorf("type %q is unknown; known are Sequence, ByteLevel, WordPiece, Metaspace, BPEDecoder, "+
		"ByteFallback, Fuse, Strip, Replace, CTC", d.Type)
}

func readDecoders(b json.RawMessage) (decoder, error) {
	list, err := parts(b, "decoders")
	all := make([]decoder, len(list))
	for i := 0; i < len(list) && err == nil; i++ {
		if all[i], err = readDecoder(list[i]); all[i] == nil && err == nil {
			err = fmt.Errorf("part %d is null", i)
		}
	}
	return func(in []string) []string {
		for _, f := range all {
			in = f(in)
		}
		return in
	}, err
}

// english undoes the spaces that splitting at punctuation leaves.
var english = strings.NewReplacer(" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't",
	" 'm", "'m", " do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re")

func (d decoderFile) wordPiece(i int, s string) string {
	if i > 0 {
		if rest, ok := strings.CutPrefix(s, d.Prefix); ok {
			s = rest
		} else {
			s = " " + s
		}
	}
	if d.Cleanup {
		s = english.Replace(s)
	}
	return s
}

func (d decoderFile) metaspace(i int, s string) string {
	keep := d.Scheme == "never" || d.PrefixSpace != nil && !*d.PrefixSpace
	if i == 0 && !keep {
		s = strings.TrimPrefix(s, d.Replacement)
	}
	return strings.ReplaceAll(s, d.Replacement, " ")
}

// fallbackBytes turns runs of <0x41> into text.
func fallbackBytes(in []string) []string {
	var out []string
	var run []byte
	flush := func() {
		if len(run) == 0 {
			return
		}
		if s := string(run); lossy(run) == s {
			out = append(out, s)
		} else {
			for range run {
				out = append(out, "\ufffd")
			}
		}
		run = run[:0]
	}
	for _, s := range in {
		if len(s) == 6 && strings.HasPrefix(s, "<0x") && s[5] == '>' {
			if v, err := strconv.ParseUint(s[3:5], 16, 8); err == nil {
				run = append(run, byte(v))
				continue
			}
		}
		flush()
		out = append(out, s)
	}
	flush()
	return out
}

// ctc drops repeated and padding tokens.
func (d decoderFile) ctc(in []string) []string {
	var out []string
	for i, s := range in {
		if i > 0 && s == in[i-1] {
			continue
		}
		s = strings.ReplaceAll(s, d.PadToken, "")
		if d.Cleanup {
			s = strings.ReplaceAll(english.Replace(s), d.Delimiter, " ")
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
