package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// An Update is one edit of a cell's source as CodeMirror sends it.
type Update struct {
	Changes Changes `json:"changes"`
}

// Changes is a CodeMirror ChangeSet: sections that together cover the old text. Lengths count
// UTF-16 code units, as in JavaScript. In JSON a kept section is its length, a replaced one is
// [length, line, line...].
type Changes []Section

// A Section keeps (Insert is nil) or replaces Length units of the old text.
type Section struct {
	Length  int
	Replace bool
	Insert  string
}

// Replace returns the changes that turn old into text.
func Replace(old, text string) Changes {
	return Changes{{Length: units(old), Replace: true, Insert: text}}
}

// MarshalJSON writes CodeMirror's form.
func (s Section) MarshalJSON() ([]byte, error) {
	if !s.Replace {
		return json.Marshal(s.Length)
	}
	list := []any{s.Length}
	if s.Insert != "" {
		for _, line := range strings.Split(s.Insert, "\n") {
			list = append(list, line)
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads CodeMirror's form.
func (s *Section) UnmarshalJSON(data []byte) error {
	*s = Section{}
	if json.Unmarshal(data, &s.Length) == nil && s.Length >= 0 {
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
		return fmt.Errorf("change section %.40s: want a length or [length, lines...]", data)
	}
	if err := json.Unmarshal(list[0], &s.Length); err != nil || s.Length < 0 {
		return fmt.Errorf("change section %.40s: want a length from 0", data)
	}
	lines := make([]string, len(list)-1)
	for i, raw := range list[1:] {
		if err := json.Unmarshal(raw, &lines[i]); err != nil {
			return fmt.Errorf("change section %.40s: %w", data, err)
		}
	}
	s.Replace, s.Insert = true, strings.Join(lines, "\n")
	return nil
}

func (c Changes) apply(source string) (string, error) {
	var b strings.Builder
	rest := source
	for i, s := range c {
		n, ok := cut(rest, s.Length)
		if !ok {
			return "", fmt.Errorf("section %d covers %d units where %d are left", i, s.Length, units(rest))
		}
		if s.Replace {
			b.WriteString(s.Insert)
		} else {
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	if rest != "" {
		return "", fmt.Errorf("the changes leave %d units uncovered", units(rest))
	}
	return b.String(), nil
}

// cut returns the byte length of the first n UTF-16 units of s. ok is false when s is shorter or
// the cut would split a character.
func cut(s string, n int) (bytes int, ok bool) {
	for i, r := range s {
		if n == 0 {
			return i, true
		}
		if n--; r > 0xffff {
			n--
		}
		if n < 0 {
			return 0, false
		}
	}
	return len(s), n == 0
}

func units(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xffff {
			n++
		}
	}
	return n
}
