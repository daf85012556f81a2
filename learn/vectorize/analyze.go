package vectorize

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/lathe-ml/lathe/learn"
)

// Analysis says how a document becomes terms. Vectorizers embed it.
type Analysis struct {
	Lowercase    bool   `param:"lowercase=true"`
	StripAccents string `param:"strip_accents"` // "", ascii or unicode
	Analyzer     string `param:"analyzer=word"` // word, char or char_wb (within words)
	TokenPattern string `param:"token_pattern=(?u)\\b\\w\\w+\\b"`
	StopWords    any    `param:"stop_words=None"` // nil, english or a list
	NgramRange   []int  `param:"ngram_range=[1 1]"`

	Tokenizer    func(doc string) []string `param:"tokenizer"`    // instead of TokenPattern
	Preprocessor func(doc string) string   `param:"preprocessor"` // instead of lower case and accents
}

// analyzer returns the function from document to terms.
func (a *Analysis) analyzer(where string) func(doc string) []string {
	if len(a.NgramRange) != 2 || a.NgramRange[0] < 1 || a.NgramRange[0] > a.NgramRange[1] {
		learn.Fail(where, "NgramRange is %v; want 1 <= least <= greatest", a.NgramRange)
	}
	clean := a.Preprocessor
	if clean == nil {
		clean = a.clean
	}
	switch a.Analyzer {
	case "char":
		return func(doc string) []string { return a.chars([]rune(spaces.ReplaceAllString(clean(doc), " "))) }
	case "char_wb":
		return func(doc string) []string { return a.charsInWords(clean(doc)) }
	case "word":
	default:
		learn.Fail(where, "Analyzer is %q; want word, char or char_wb", a.Analyzer)
	}
	tokens := a.tokens(where)
	stop := a.stop(where)
	return func(doc string) []string {
		words := tokens(clean(doc))
		if stop != nil {
			kept := words[:0]
			for _, w := range words {
				if !stop[w] {
					kept = append(kept, w)
				}
			}
			words = kept
		}
		return a.ngrams(words)
	}
}

var spaces = regexp.MustCompile(`\s\s+`)

func (a *Analysis) clean(doc string) string {
	if a.Lowercase {
		doc = strings.ToLower(doc)
	}
	switch a.StripAccents {
	case "ascii":
		return strings.Map(func(r rune) rune {
			if r > 127 {
				return -1
			}
			return r
		}, norm.NFKD.String(doc))
	case "unicode":
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(doc))
	}
	return doc
}

// defaultPattern is scikit-learn's: words of two or more letters, digits or underscores.
const defaultPattern = `(?u)\b\w\w+\b`

func (a *Analysis) tokens(where string) func(doc string) []string {
	if a.Tokenizer != nil {
		return a.Tokenizer
	}
	if a.TokenPattern == defaultPattern {
		return words
	}
	pattern := strings.ReplaceAll(a.TokenPattern, "(?u)", "")
	re, err := regexp.Compile(pattern)
	if err != nil {
		learn.Fail(where, "TokenPattern: %v", err)
	}
	if re.NumSubexp() > 1 {
		learn.Fail(where, "TokenPattern %q has %d groups; want at most 1", a.TokenPattern, re.NumSubexp())
	}
	return func(doc string) []string {
		var out []string
		for _, m := range re.FindAllStringSubmatch(doc, -1) {
			out = append(out, m[len(m)-1])
		}
		return out
	}
}

// words finds runs of two or more letters, digits and underscores.
func words(doc string) []string {
	var out []string
	start, n := -1, 0
	for i, r := range doc {
		if r == '_' || r < 128 && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') ||
			r >= 128 && (unicode.IsLetter(r) || unicode.IsNumber(r)) {
			if start < 0 {
				start, n = i, 0
			}
			n++
			continue
		}
		if start >= 0 && n > 1 {
			out = append(out, doc[start:i])
		}
		start = -1
	}
	if start >= 0 && n > 1 {
		out = append(out, doc[start:])
	}
	return out
}

func (a *Analysis) stop(where string) map[string]bool {
	switch s := a.StopWords.(type) {
	case nil:
		return nil
	case string:
		if s == "english" {
			return english
		}
		learn.Fail(where, "StopWords is %q; want english or a list", s)
	case []string:
		m := map[string]bool{}
		for _, w := range s {
			m[w] = true
		}
		return m
	default:
		learn.Fail(where, "StopWords is %T; want english or a list", s)
	}
	return nil
}

func (a *Analysis) ngrams(words []string) []string {
	lo, hi := a.NgramRange[0], a.NgramRange[1]
	if hi == 1 {
		return words
	}
	var out []string
	if lo == 1 {
		out = append(out, words...)
		lo = 2
	}
	for n := lo; n <= min(hi, len(words)); n++ {
		for i := 0; i+n <= len(words); i++ {
			out = append(out, strings.Join(words[i:i+n], " "))
		}
	}
	return out
}

func (a *Analysis) chars(r []rune) []string {
	var out []string
	for n := a.NgramRange[0]; n <= min(a.NgramRange[1], len(r)); n++ {
		for i := 0; i+n <= len(r); i++ {
			out = append(out, string(r[i:i+n]))
		}
	}
	return out
}

func (a *Analysis) charsInWords(doc string) []string {
	var out []string
	for _, w := range strings.Fields(doc) {
		r := []rune(" " + w + " ")
		for n := a.NgramRange[0]; n <= a.NgramRange[1]; n++ {
			out = append(out, string(r[:min(n, len(r))]))
			i := 0
			for i+n < len(r) {
				i++
				out = append(out, string(r[i:i+n]))
			}
			if i == 0 { // a word shorter than n counts once
				break
			}
		}
	}
	return out
}
