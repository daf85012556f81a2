package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Where tokens stand in the text is found afterwards: what normalizers, splitters and models return is
// matched with what they were given, in order. Exact for normalizers that change characters one by one
// (and what they combine with); others are matched at the nearest characters that agree.

// place is a range of bytes.
type place struct{ from, to int }

// traced is a text that was made of another: byte i comes from at[i].
type traced struct {
	s  string
	at []place
}

// itself is s as a traced text that starts at byte base; each byte belongs to its character.
func itself(s string, base int) traced {
	t := traced{s, make([]place, len(s))}
	for i, r := range s {
		n := max(utf8.RuneLen(r), 1)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		for k := range n {
			t.at[i+k] = place{base + i, base + i + n}
		}
	}
	return t
}

// whole is the range that the text comes from.
func (t traced) whole() place {
	if len(t.at) == 0 {
		return place{}
	}
	return place{t.at[0].from, t.at[len(t.at)-1].to}
}

// normalized returns f(s) traced.
func normalized(s string, base int, f func(string) string) traced {
	if f == nil {
		return itself(s, base)
	}
	want := f(s)
	var b strings.Builder
	t := traced{s: want}
	for from := 0; from < len(s); {
		to := cluster(s, from)
		part := f(s[from:to])
		b.WriteString(part)
		t.at = append(t.at, slices.Repeat([]place{{base + from, base + to}}, len(part))...)
		from = to
	}
	if b.String() == want {
		return t
	}
	t.at = matched(want, guarded(s, base, f), base)
	return t
}

// guarded is s with f applied to each character between letters, so that it is neither the start nor the
// end of a text.
func guarded(s string, base int, f func(string) string) traced {
	var t traced
	for from := 0; from < len(s); {
		to := cluster(s, from)
		part := f("x" + s[from:to] + "x")
		if lo, hi := strings.Index(part, "x"), strings.LastIndex(part, "x"); lo >= 0 && hi > lo {
			part = part[lo+1 : hi]
		} else {
			part = s[from:to]
		}
		t.s += part
		t.at = append(t.at, slices.Repeat([]place{{base + from, base + to}}, len(part))...)
		from = to
	}
	return t
}

// cluster returns the end of the character at byte from with the marks that combine with it.
func cluster(s string, from int) int {
	_, n := utf8.DecodeRuneInString(s[from:])
	for from += n; from < len(s); from += n {
		var r rune
		if r, n = utf8.DecodeRuneInString(s[from:]); !unicode.Is(unicode.M, r) {
			break
		}
	}
	return from
}

// matched traces s to the characters of another text: those that agree, and between them what stands
// between.
func matched(s string, from traced, base int) []place {
	at := make([]place, len(s))
	i, j := 0, 0 // in s, in from.s
	end := base
	for i < len(s) {
		di, dj := resync(s[i:], from.s[j:])
		gap := place{end, end}
		if dj > 0 {
			gap.to = from.at[j+dj-1].to
		} else if j < len(from.s) && di > 0 { // put in front of a character: it begins there
			gap = from.at[j]
		}
		for k := range di {
			at[i+k] = gap
		}
		inStep(s[i:i+di], at[i:i+di], from.s[j:j+dj], from.at[j:j+dj])
		i, j = i+di, j+dj
		if i == len(s) || j == len(from.s) {
			for ; i < len(s); i++ {
				at[i] = gap
			}
			break
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		_, m := utf8.DecodeRuneInString(from.s[j:])
		for k := range n {
			at[i+k] = from.at[j]
		}
		end = from.at[j].to
		i, j = i+n, j+m
	}
	return at
}

// inStep traces the last characters of s to those of another text, one to one, when it has no fewer.
func inStep(s string, at []place, other string, places []place) {
	if utf8.RuneCountInString(s) < utf8.RuneCountInString(other) {
		return
	}
	for len(other) > 0 {
		_, n := utf8.DecodeLastRuneInString(s)
		_, m := utf8.DecodeLastRuneInString(other)
		s, other = s[:len(s)-n], other[:len(other)-m]
		for k := range n {
			at[len(s)+k] = places[len(other)]
		}
	}
	for i := range s { // put in front
		if len(places) > 0 {
			at[i] = places[0]
		}
	}
}

// resync returns how many bytes of a and of b to skip so that both go on alike, those of the fewest characters.
func resync(a, b string) (da, db int) {
	const far = 24
	best := len(a) + len(b)
	da, db = len(a), len(b)
	for i, n := 0, 0; i < len(a) && n < far; n++ {
		r, size := utf8.DecodeRuneInString(a[i:])
		for j, m := 0, 0; j < len(b) && m < far && n+m < best; m++ {
			q, width := utf8.DecodeRuneInString(b[j:])
			if alike(r, q) && (n+m == 0 || goesOn(a[i+size:], b[j+width:])) {
				best, da, db = n+m, i, j
				break
			}
			j += width
		}
		i += size
	}
	return da, db
}

// goesOn reports whether the next characters are alike, too.
func goesOn(a, b string) bool {
	r, n := utf8.DecodeRuneInString(a)
	q, m := utf8.DecodeRuneInString(b)
	return n == 0 || m == 0 || alike(r, q) || !unicode.IsLetter(q)
}

func alike(r, q rune) bool { return r == q || unicode.ToLower(r) == unicode.ToLower(q) }

// spelling is how a splitter wrote a word: byte i of the word stands at at[i] of the text, as one that goes
// on to end.
type spelling struct {
	at  []int
	end int
}

// find looks for a word of a splitter in s from byte cursor on: as bytes that were spelled, with marks for
// spaces, or as it is; the first one counts.
func find(s string, cursor int, word, mark string) (spelling, bool) {
	best := spelling{}
	found := false
	try := func(text string, at []int) {
		p := strings.Index(s[cursor:], text)
		if p < 0 || found && cursor+p >= best.at[0] {
			return
		}
		at = slices.Clone(at)
		for i := range at {
			at[i] += cursor + p
		}
		best, found = spelling{at, cursor + p + len(text)}, true
	}
	if bytes, at, ok := spelledBytes(word); ok {
		try(bytes, at)
		if bytes[0] == ' ' { // put in front
			try(bytes[1:], less1(at))
		}
	}
	if mark != "" && strings.Contains(word, mark) {
		plain, at := unmarked(word, mark)
		try(plain, at)
		if bare, _ := strings.CutPrefix(plain, " "); bare != plain {
			try(bare, less1(at))
		}
	}
	if plain := make([]int, len(word)); len(word) > 0 {
		for i := range plain {
			plain[i] = i
		}
		try(word, plain)
	}
	return best, found
}

// less1 are places after one byte at the start was left out.
func less1(at []int) []int {
	out := make([]int, len(at))
	for i, p := range at {
		out[i] = max(p-1, 0)
	}
	return out
}

// spelledBytes undoes spellBytes.
func spelledBytes(word string) (s string, at []int, ok bool) {
	var b []byte
	for _, r := range word {
		c, known := runesToBytes[r]
		if !known {
			return "", nil, false
		}
		for range utf8.RuneLen(r) {
			at = append(at, len(b))
		}
		b = append(b, c)
	}
	return string(b), at, len(b) > 0
}

// unmarked puts spaces for marks.
func unmarked(word, mark string) (s string, at []int) {
	for len(word) > 0 {
		part, out := word[:1], word[:1]
		if strings.HasPrefix(word, mark) {
			part, out = mark, " "
		}
		for range len(part) {
			at = append(at, len(s))
		}
		s += out
		word = word[len(part):]
	}
	return s, at
}

// cuts returns where in word the tokens of a model end and start: they follow each other, known ones by
// their text, unknown ones up to the next that is known.
func (t *Tokenizer) cuts(word string, ids []int) []place {
	out := make([]place, len(ids))
	at := 0
	var run []int // bytes that stand for a character so far
	for i, id := range ids {
		text, kind := t.written(word[at:], id)
		if kind == isByte {
			_, n := utf8.DecodeRuneInString(word[at:])
			if run = append(run, i); len(run) >= n {
				at += n
				run = nil
			}
			out[i] = place{at, at}
			if run == nil {
				for k := i; k >= 0 && k > i-n; k-- {
					out[k] = place{at - n, at}
				}
			}
			continue
		}
		end := at + len(text)
		if kind == isUnknown {
			end = t.unknownEnd(word, at, ids[i+1:])
		}
		out[i] = place{at, end}
		at = end
	}
	return out
}

// Kinds of tokens beside their text.
const (
	isText = iota
	isByte
	isUnknown
)

// written returns what a token stands for at the start of rest.
func (t *Tokenizer) written(rest string, id int) (text string, kind int) {
	text = t.Token(id)
	if strings.HasPrefix(rest, text) && text != "" {
		return text, isText
	}
	if t.joint.prefix != "" {
		if s, ok := strings.CutPrefix(text, t.joint.prefix); ok && s != "" && strings.HasPrefix(rest, s) {
			return s, isText
		}
	}
	if t.joint.suffix != "" {
		if s, ok := strings.CutSuffix(text, t.joint.suffix); ok && s != "" && strings.HasPrefix(rest, s) {
			return s, isText
		}
	}
	if len(text) == 6 && strings.HasPrefix(text, "<0x") && text[5] == '>' {
		return "", isByte
	}
	return "", isUnknown
}

// unknownEnd returns the end of an unknown token: where the next known one begins.
func (t *Tokenizer) unknownEnd(word string, at int, next []int) int {
	if at >= len(word) {
		return at
	}
	for i := range word[at:] {
		if i > 0 && len(next) > 0 {
			if _, kind := t.written(word[at+i:], next[0]); kind == isText {
				return at + i
			}
		}
	}
	if len(next) > 0 { // one character for each
		_, n := utf8.DecodeRuneInString(word[at:])
		return at + n
	}
	return len(word)
}

// locate gives the tokens of one part of the text, which words returned for p, their places: the words of
// the splitter lie one after the other.
func (t *Tokenizer) locate(from traced, words []piece, tokens [][]int) []place {
	var out []place
	cursor := 0
	for k, w := range words {
		sp, ok := find(from.s, cursor, w.s, t.joint.mark)
		if !ok { // a splitter that rewrites words: what is left of the text
			sp = spelling{slices.Repeat([]int{cursor}, len(w.s)), cursor}
		}
		for _, c := range t.cuts(w.s, tokens[k]) {
			out = append(out, sp.source(from, c))
		}
		cursor = sp.end
	}
	return out
}

// source is the range of the first text that part c of a word comes from.
func (sp spelling) source(from traced, c place) place {
	lo, hi := sp.end, sp.end
	if c.from < len(sp.at) {
		lo = sp.at[c.from]
	}
	if c.to < len(sp.at) {
		hi = sp.at[c.to]
	}
	switch {
	case len(from.at) == 0:
		return place{}
	case lo >= len(from.at):
		end := from.at[len(from.at)-1].to
		return place{end, end}
	case hi <= lo: // put in front of a character
		return from.at[lo]
	}
	return place{from.at[lo].from, from.at[hi-1].to}
}

// trimmed leaves out the spaces that a token begins and ends with, as processors of byte-level tokenizers
// do; the first token of a text keeps those in front.
func trimmed(token string, p place) place {
	space := func(r rune) bool { return r == bytesToRunes[' '] || isSpace(r) }
	left := utf8.RuneCountInString(token) - utf8.RuneCountInString(strings.TrimLeftFunc(token, space))
	right := utf8.RuneCountInString(token) - utf8.RuneCountInString(strings.TrimRightFunc(token, space))
	if left == utf8.RuneCountInString(token) {
		if p.from == 0 {
			return place{}
		}
		return place{p.to, p.to}
	}
	if p.from > 0 {
		p.from = min(p.from+left, p.to)
	}
	if p.to >= right {
		p.to = max(p.to-right, p.from)
	}
	return p
}
