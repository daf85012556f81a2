package main

import "fmt"

func Kind[T any](v T) string {
	switch any(v).(type) {
	case int:
		return "int"
	case string:
		return "string"
	case []T:
		return "slice of T"
	case fmt.Stringer:
		return "stringer"
	case nil:
		return "nil"
	case error:
		return "error"
	}
	return fmt.Sprintf("%T", v)
}

type X struct{}

func (X) String() string { return "X!" }
func main() {
	fmt.Println(Kind(1), Kind("a"), Kind(X{}), Kind([]int{1}), Kind(any(nil)), Kind(fmt.Errorf("x")), Kind(map[string][]X{}))
}
