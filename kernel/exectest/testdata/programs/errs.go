package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

type NotFound struct{ Key string }

func (e *NotFound) Error() string { return "not found: " + e.Key }

type Code int

func (c Code) Error() string   { return fmt.Sprintf("code %d", int(c)) }
func (c Code) Is(t error) bool { return t == errBase }

type Wrap struct {
	msg string
	err error
}

func (w Wrap) Error() string { return w.msg + ": " + w.err.Error() }
func (w Wrap) Unwrap() error { return w.err }

var errBase = errors.New("base")

func find(k string) error {
	if k == "" {
		return &NotFound{k}
	}
	if k == "c" {
		return Code(3)
	}
	if k == "w" {
		return Wrap{"wrapped", &NotFound{"deep"}}
	}
	return nil
}

func main() {
	err := find("")
	var nf *NotFound
	fmt.Println(errors.As(err, &nf), nf.Key == "", err)
	err = fmt.Errorf("ctx: %w", find("w"))
	fmt.Println(errors.As(err, &nf), nf.Key, err)
	var w Wrap
	fmt.Println(errors.As(err, &w), w.msg)
	err = find("c")
	var c Code
	fmt.Println(errors.Is(err, errBase), errors.As(err, &c), int(c))
	j := errors.Join(errBase, find("c"), io.EOF)
	fmt.Println(errors.Is(j, io.EOF), errors.Is(j, errBase), j)
	fmt.Println(errors.Unwrap(fmt.Errorf("a: %w", errBase)) == errBase, errors.Unwrap(errBase))
	_, err = os.Open("/no/such/file")
	var pe *fs.PathError
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.As(err, &pe), pe.Op)
	_, err = strconv.Atoi("x")
	var ne *strconv.NumError
	fmt.Println(errors.As(err, &ne), ne.Func, ne.Err == strconv.ErrSyntax)
	fmt.Println(find("z") == nil)
	if e, ok := find("w").(Wrap); ok {
		fmt.Println("wrap", e.err)
	}
	switch e := find("").(type) {
	case *NotFound:
		fmt.Println("nf", e.Key)
	case Code:
		fmt.Println("code")
	}
	m := map[error]int{errBase: 1}
	fmt.Println(m[errBase], m[io.EOF])
	fmt.Printf("%v %s %q\n", Code(1), &NotFound{"k"}, errBase)
}
