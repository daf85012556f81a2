package text

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// patternFile is {"String": s} or {"Regex": r}.
type patternFile struct {
	String *string
	Regex  *string
}

func (p patternFile) finder() (finder, error) {
	switch {
	case p.Regex != nil:
		return pattern(*p.Regex)
	case p.String != nil && *p.String != "":
		s := *p.String
		return func(t string, at int) (int, int) {
			i := strings.Index(t[at:], s)
			if i < 0 {
				return -1, -1
			}
			return at + i, at + i + len(s)
		}, nil
	}
	return nil, fmt.Errorf(`a pattern without "String" or "Regex"`)
}

// replace writes content for every match.
func (p patternFile) replace(content string) (func(string) string, error) {
	find, err := p.finder()
	if err != nil {
		return nil, err
	}
	return func(s string) string {
		var b strings.Builder
		for _, part := range cut(s, find) {
			if part.match {
				b.WriteString(content)
			} else {
				b.WriteString(part.s)
			}
		}
		return b.String()
	}, nil
}

type normalizerFile struct {
	Type         string
	Pattern      patternFile
	Content      string
	Prepend      string
	StripLeft    bool  `json:"strip_left"`
	StripRight   bool  `json:"strip_right"`
	CleanText    bool  `json:"clean_text"`
	Chinese      bool  `json:"handle_chinese_chars"`
	StripAccents *bool `json:"strip_accents"`
	Lowercase    bool
}

func readNormalizer(b json.RawMessage) (func(string) string, error) {
	if none(b) {
		return nil, nil
	}
	var n normalizerFile
	if err := json.Unmarshal(b, &n); err != nil {
		return nil, err
	}
	switch n.Type {
	case "Sequence":
		return readNormalizers(b)
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC":
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "Lowercase":
		return lower, nil
	case "StripAccents":
		return stripAccents, nil
	case "ByteLevel":
		return spellBytes, nil
	case "BertNormalizer":
		return bertNormalizer(n.CleanText, n.Chinese, n.StripAccents, n.Lowercase), nil
	case "Replace":
		return n.Pattern.replace(n.Content)
	case "Prepend":
		return func(s string) string {
			if s == "" {
				return s
			}
			return n.Prepend + s
		}, nil
	case "Strip":
		return func(s string) string {
			if n.StripLeft {
				s = strings.TrimLeftFunc(s, isSpace)
			}
			if n.StripRight {
				s = strings.TrimRightFunc(s, isSpace)
			}
			return s
		}, nil
	}
	return nil, fmt.Errorf("type %q is unknown; known are Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, "+
		"StripAccents, Replace, Prepend, ByteLevel, BertNormalizer", n.Type)
}

func readNormalizers(b json.RawMessage) (func(string) string, error) {
	list, err := parts(b, "normalizers")
	if err != nil {
		return nil, err
	}
	all := make([]func(string) string, len(list))
	for i, part := range list {
		if all[i], err = readNormalizer(part); err != nil {
			return nil, err
		}
	}
	return func(s string) string {
		for _, f := range all {
			if f != nil {
				s = f(s)
			}
		}
		return s
	}, nil
}

type splitterFile struct {
	Type        string
	PrefixSpace *bool `json:"add_prefix_space"`
	UseRegex    *bool `json:"use_regex"`
	Replacement string
	Scheme      string `json:"prepend_scheme"`
	Split       *bool
	Pattern     patternFile
	Behavior    behavior
	Invert      bool
	Delimiter   string
	Individual  bool `json:"individual_digits"`
	Length      int
}

func readSplitter(b json.RawMessage) (splitter, error) {
	if none(b) {
		return nil, nil
	}
	var p splitterFile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, err
	}
	yes := func(v *bool) bool { return v == nil || *v }
	switch p.Type {
	case "Sequence":
		list, err := parts(b, "pretokenizers")
		all := make([]splitter, len(list))
		for i := 0; i < len(list) && err == nil; i++ {
			if all[i], err = readSplitter(list[i]); all[i] == nil && err == nil {
				err = fmt.Errorf("part %d is null", i)
			}
		}
		return inOrder(all), err
	case "ByteLevel":
		return byteLevel(yes(p.PrefixSpace), yes(p.UseRegex)), nil
	case "Whitespace":
		return splitBy(wordsOrSigns, removed, true), nil
	case "WhitespaceSplit":
		return splitBy(chars(isSpace), removed, false), nil
	case "BertPreTokenizer":
		return inOrder([]splitter{
			splitBy(chars(isSpace), removed, false), splitBy(chars(isPunctuation), isolated, false),
		}), nil
	case "Punctuation":
		if p.Behavior == "" {
			p.Behavior = isolated
		}
		return splitBy(chars(isPunctuation), p.Behavior, false), nil
	case "Digits":
		if p.Individual {
			return splitBy(chars(unicode.IsNumber), isolated, false), nil
		}
		return splitBy(chars(unicode.IsNumber), contiguous, false), nil
	case "Metaspace":
		if p.Scheme == "" {
			p.Scheme = map[bool]string{true: "always", false: "never"}[yes(p.PrefixSpace)]
		}
		return metaspace(p.Replacement, p.Scheme, yes(p.Split)), nil
	case "CharDelimiterSplit":
		return splitBy(chars(func(r rune) bool { return string(r) == p.Delimiter }), removed, false), nil
	case "Split":
		find, err := p.Pattern.finder()
		return splitBy(find, p.Behavior, p.Invert), err
	}
	return nil, fmt.Errorf("type %q is unknown; known are Sequence, ByteLevel, Whitespace, WhitespaceSplit, "+
		"BertPreTokenizer, Punctuation, Digits, Metaspace, CharDelimiterSplit, Split", p.Type)
}
