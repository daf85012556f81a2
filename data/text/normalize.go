package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isWord is \w of Unicode's regular expressions (UTS 18).
func isWord(r rune) bool {
	return r == 0x200c || r == 0x200d ||
		unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic)
}

// stripAccents removes combining marks.
func stripAccents(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// clean removes what is not text and makes every space a plain one, as BERT does.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == 0 || r == 0xfffd || unicode.In(r, unicode.Other):
			return -1
		case isSpace(r):
			return ' '
		}
		return r
	}, s)
}

// spaceChinese puts spaces around Chinese characters.
func spaceChinese(s string) string {
	var b strings.Builder
	for _, r := range s {
		if isChinese(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isChinese(r rune) bool {
	for _, b := range [...][2]rune{
		{0x4e00, 0x9fff},
		{0x3400, 0x4dbf},
		{0x20000, 0x2a6df},
		{0x2a700, 0x2b73f},
		{0x2b740, 0x2b81f},
		{0x2b920, 0x2ceaf},
		{0xf900, 0xfaff},
		{0x2f800, 0x2fa1f},
	} {
		if r >= b[0] && r <= b[1] {
			return true
		}
	}
	return false
}

// lower is the lower case of each character by itself.
func lower(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "İ", "i\u0307"))
}

// bertNormalizer is BERT's: accents nil follows lowercase.
func bertNormalizer(cleanText, chinese bool, accents *bool, lowercase bool) func(string) string {
	strip := lowercase
	if accents != nil {
		strip = *accents
	}
	return func(s string) string {
		if cleanText {
			s = clean(s)
		}
		if chinese {
			s = spaceChinese(s)
		}
		if strip {
			s = stripAccents(norm.NFD.String(s))
		}
		if lowercase {
			s = lower(s)
		}
		return s
	}
}

// bytesToRunes gives every byte a printable character, as GPT-2's vocabulary does.
var bytesToRunes, runesToBytes = func() (to [256]rune, from map[rune]byte) {
	from = map[rune]byte{}
	n := rune(256)
	for b := range 256 {
		r := rune(b)
		if !(b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff) {
			r = n
			n++
		}
		to[b], from[r] = r, byte(b)
	}
	return to, from
}()

func spellBytes(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(bytesToRunes[s[i]])
	}
	return b.String()
}

// readBytes undoes spellBytes over all tokens; characters of no byte stay as they are.
func readBytes(tokens []string) string {
	var b []byte
	for _, t := range tokens {
		part, ok := make([]byte, 0, len(t)), true
		for _, r := range t {
			c, known := runesToBytes[r]
			part, ok = append(part, c), ok && known
		}
		if !ok {
			part = []byte(t)
		}
		b = append(b, part...)
	}
	return lossy(b)
}

// lossy replaces each broken sequence of UTF-8 by one U+FFFD, as Rust does.
func lossy(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		n := sequence(b)
		if n > 0 {
			out.Write(b[:n])
		} else {
			n = -n
			out.WriteString("\ufffd")
		}
		b = b[n:]
	}
	return out.String()
}

// sequence returns the length of the character at the start of b, or minus the length of the broken one.
func sequence(b []byte) int {
	c := b[0]
	need, lo, hi := 0, byte(0x80), byte(0xbf)
	switch {
	case c < 0x80:
		return 1
	case c >= 0xc2 && c <= 0xdf:
		need = 1
	case c >= 0xe0 && c <= 0xef:
		need = 2
		if c == 0xe0 {
			lo = 0xa0
		} else if c == 0xed {
			hi = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		need = 3
		if c == 0xf0 {
			lo = 0x90
		} else if c == 0xf4 {
			hi = 0x8f
		}
	default:
		return -1
	}
	for i := 1; i <= need; i++ {
		if i >= len(b) || b[i] < lo || b[i] > hi {
			return -i
		}
		lo, hi = 0x80, 0xbf
	}
	return need + 1
}
