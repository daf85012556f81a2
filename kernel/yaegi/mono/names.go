package mono

import (
	"go/types"
	"regexp"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
)

// Instances have names that Go cannot write: List[int] is spelled with a letter for each character
// that no identifier has, so that go/types, the interpreter and reflection take it.
const (
	first  = '\uA000' // stands for the character 0
	mark   = '\uA080' // starts a number that tells types of one name apart
	markEx = "\uA080" + `\w*`
)

// encode spells s as an identifier.
func encode(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127:
			return r
		}
		return first + r
	}, s)
}

var marks = regexp.MustCompile(markEx)

// Plain replaces the names of instances in s by what Go prints for them.
func Plain(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= first && r <= mark }) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= first && r < mark {
			return r - first
		}
		return r
	}, marks.ReplaceAllString(s, ""))
}

// instanceName is the name of a generic function or type with type arguments.
func instanceName(name string, args []types.Type) string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = check.LinkName(a, nil)
	}
	return encode(name + "[" + strings.Join(list, ",") + "]")
}
