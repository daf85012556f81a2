package source

import "strings"

// Missing lists the operators without a CUDA form, with the reason.
var Missing = reasons(map[string]string{
	"Eig": "eigenvalues of matrices that are not symmetric take steps that wait for each other; few leave the CPU for them",
})

// reasons spreads lists of names.
func reasons(lists map[string]string) map[string]string {
	m := map[string]string{}
	for names, why := range lists {
		for n := range strings.FieldsSeq(names) {
			m[n] = why
		}
	}
	return m
}
