package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a part of the text; first says that the text begins with it.
type piece struct {
	s     string
	first bool
}

// splitter cuts pieces further.
type splitter func([]piece) []piece

// behavior says what becomes of the text that a pattern matches.
type behavior string

// The behaviors of tokenizer.json.
const (
	removed        behavior = "Removed"
	isolated       behavior = "Isolated"
	mergedPrevious behavior = "MergedWithPrevious"
	mergedNext     behavior = "MergedWithNext"
	contiguous     behavior = "Contiguous"
)

// finder returns the first match at or after s's start, or from < 0.
type finder func(s string, at int) (from, to int)

// chars finds single characters.
func chars(is func(rune) bool) finder {
	return func(s string, at int) (int, int) {
		i := strings.IndexFunc(s[at:], is)
		if i < 0 {
			return -1, -1
		}
		_, n := utf8.DecodeRuneInString(s[at+i:])
		return at + i, at + i + n
	}
}

// span is a part of a string, and whether a pattern matched it.
type span struct {
	s     string
	match bool
}

// cut splits s at the matches of find.
func cut(s string, find finder) []span {
	var out []span
	at := 0
	for at < len(s) {
		from, to := find(s, at)
		if from < 0 {
			break
		}
		if to == from { // an empty match moves on by one character
			_, n := utf8.DecodeRuneInString(s[from:])
			from, to = from+n, from+n
			if from >= len(s) {
				break
			}
		}
		if from > at {
			out = append(out, span{s[at:from], false})
		}
		if to > from {
			out = append(out, span{s[from:to], true})
		}
		at = to
	}
	if at < len(s) {
		out = append(out, span{s[at:], false})
	}
	return out
}

// splitBy splits with a pattern.
func splitBy(find finder, b behavior, invert bool) splitter {
	return func(in []piece) []piece {
		var out []piece
		for _, p := range in {
			spans := cut(p.s, find)
			for i := range spans {
				spans[i].match = spans[i].match != invert
			}
			first := p.first
			for _, s := range group(spans, b) {
				out = append(out, piece{s, first})
				first = false
			}
		}
		return out
	}
}

// group applies a behavior to the parts of a string.
func group(spans []span, b behavior) []string {
	var out []string
	join := false // the next part belongs to the last one
	for i, s := range spans {
		switch {
		case s.match && b == removed:
			continue
		case b == mergedPrevious && s.match && i > 0 && !spans[i-1].match,
			b == contiguous && i > 0 && s.match == spans[i-1].match, join && !s.match:
			out[len(out)-1] += s.s
			join = false
			continue
		}
		out = append(out, s.s)
		join = b == mergedNext && s.match
	}
	return out
}

func inOrder(parts []splitter) splitter {
	return func(p []piece) []piece {
		for _, f := range parts {
			p = f(p)
		}
		return p
	}
}

func isPunctuation(r rune) bool {
	if r < 0x80 { // signs such as $ and + count, which Unicode calls symbols
		return r > ' ' && r < 0x7f && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	return unicode.IsPunct(r)
}

// words finds runs of letters, digits and marks, and runs of other characters but spaces.
func wordsOrSigns(s string, at int) (int, int) {
	for i, r := range s[at:] {
		if isSpace(r) {
			continue
		}
		same := isWord(r)
		n := strings.IndexFunc(s[at+i:], func(c rune) bool { return isSpace(c) || isWord(c) != same })
		if n < 0 {
			n = len(s) - at - i
		}
		return at + i, at + i + n
	}
	return -1, -1
}

// metaspace writes spaces as a mark, begins the text with one, and cuts before each.
func metaspace(mark, scheme string, split bool) splitter {
	at := splitBy(chars(func(r rune) bool { return string(r) == mark }), mergedNext, false)
	return func(in []piece) []piece {
		var out []piece
		for _, p := range in {
			s := strings.ReplaceAll(p.s, " ", mark)
			if (scheme == "always" || scheme == "first" && p.first) && !strings.HasPrefix(s, mark) {
				s = mark + s
			}
			out = append(out, piece{s, p.first})
		}
		if split {
			out = at(out)
		}
		return out
	}
}

// byteLevel spells bytes as characters, after GPT-2's split into words.
func byteLevel(prefixSpace, words bool) splitter {
	return func(in []piece) []piece {
		var out []piece
		for _, p := range in {
			s := p.s
			if prefixSpace && !strings.HasPrefix(s, " ") {
				s = " " + s
			}
			if !words {
				out = append(out, piece{spellBytes(s), p.first})
				continue
			}
			for _, part := range cut(s, gpt2) {
				out = append(out, piece{spellBytes(part.s), false})
			}
		}
		return out
	}
}

// gpt2 finds the next word of GPT-2's pattern
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func gpt2(s string, at int) (int, int) {
	t := s[at:]
	for _, c := range [...]string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(t, c) {
			return at, at + len(c)
		}
	}
	skip := 0
	if t[0] == ' ' {
		skip = 1
	}
	r, n := utf8.DecodeRuneInString(t[skip:])
	if n > 0 && !isSpace(r) {
		kind := class(r)
		end := skip + n
		for end < len(t) {
			r, n := utf8.DecodeRuneInString(t[end:])
			if class(r) != kind {
				break
			}
			end += n
		}
		return at, at + end
	}
	return at, at + blanks(t)
}

// blanks is the length of the spaces that t begins with, less the last one when a word follows.
func blanks(t string) int {
	end, last := 0, 0
	for end < len(t) {
		r, n := utf8.DecodeRuneInString(t[end:])
		if !isSpace(r) {
			break
		}
		last, end = end, end+n
	}
	if end < len(t) && last > 0 {
		return last
	}
	return end
}

// class tells letters, numbers, spaces and other characters apart.
func class(r rune) int {
	switch {
	case unicode.IsLetter(r):
		return 1
	case unicode.IsNumber(r):
		return 2
	case isSpace(r):
		return 3
	}
	return 4
}
