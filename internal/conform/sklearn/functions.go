package sklearn

import "strings"

func functionName(r record) string {
	name, _, _ := strings.Cut(r.str("id"), "#")
	return name
}

// functions run cases of functions by name.
var functions = map[string]func(c *context, r record) error{}

func runFunction(c *context, r record) error {
	f, ok := functions[functionName(r)]
	if !ok {
		panic(unsupported("function " + functionName(r)))
	}
	return f(c, r)
}
