package text

import (
	"fmt"
	"regexp"
	"strings"
)

// pattern compiles a regular expression of tokenizer.json (Oniguruma's dialect). Go's engine has neither
// look-ahead nor possessive quantifiers; of these the forms that tokenizers use are understood: \s+(?!\S)
// as an alternative of its own, and ?+ where the greedy ? gives the same matches.
func pattern(p string) (finder, error) {
	var alts []func(s string) int
	for _, a := range alternatives(p) {
		if a == `\s+(?!\S)` {
			alts = append(alts, func(s string) int {
				if s == "" || !isSpace([]rune(s[:min(len(s), 4)])[0]) {
					return -1
				}
				n := blanks(s)
				if n < len(s) && !isSpace([]rune(s[n:min(len(s), n+4)])[0]) {
					return -1 // a single space before a word
				}
				return n
			})
			continue
		}
		re, err := regexp.Compile(`\A(?:` + translate(a) + `)`)
		if err != nil {
			return nil, fmt.Errorf("pattern %q is not understood: %w", p, err)
		}
		alts = append(alts, func(s string) int {
			if m := re.FindStringIndex(s); m != nil {
				return m[1]
			}
			return -1
		})
	}
	return func(s string, at int) (int, int) {
		for i := range s[at:] {
			for _, f := range alts {
				if n := f(s[at+i:]); n > 0 {
					return at + i, at + i + n
				}
			}
		}
		return -1, -1
	}, nil
}

// alternatives cuts a pattern at its outermost bars.
func alternatives(p string) []string {
	var out []string
	depth, class, start := 0, false, 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			out = append(out, p[start:i])
			start = i + 1
		}
	}
	return append(out, p[start:])
}

// translate gives classes their Unicode meaning and drops the possessive mark.
func translate(p string) string {
	const space = `\s\p{Z}\x{0b}\x{85}`
	var b strings.Builder
	class, counted := false, false // counted: a quantifier ends here
	for i := 0; i < len(p); i++ {
		c := p[i]
		if c == '\\' && i+1 < len(p) {
			i++
			inner := map[byte]string{'s': space, 'd': `\p{Nd}`, 'w': `\p{L}\p{M}\p{N}_`}[p[i]]
			outer := map[byte]string{'S': `[^` + space + `]`, 'D': `\P{Nd}`, 'W': `[^\p{L}\p{M}\p{N}_]`}[p[i]]
			switch {
			case inner != "" && class:
				b.WriteString(inner)
			case inner != "":
				b.WriteString("[" + inner + "]")
			case outer != "" && !class:
				b.WriteString(outer)
			default:
				b.WriteString(p[i-1 : i+1])
				if (p[i] == 'p' || p[i] == 'P') && i+1 < len(p) && p[i+1] == '{' {
					end := i + strings.IndexByte(p[i:]+"}", '}')
					b.WriteString(p[i+1 : min(end+1, len(p))])
					i = end
				}
			}
			counted = false
			continue
		}
		switch {
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '+' && counted:
			counted = false
			continue
		}
		counted = !class && strings.IndexByte("?+*}", c) >= 0
		b.WriteByte(c)
	}
	return b.String()
}
