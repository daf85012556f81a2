package source

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/lathe-ml/lathe/engine/op"
)

// forms returns the forms of operators that are no expression of elements.
var forms = sync.OnceValue(func() map[*op.Def]form {
	return map[*op.Def]form{}
})

// Missing lists the operators without a CUDA form, with the reason.
var Missing = map[string]string{}

// digest shortens a text to a name.
func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}
