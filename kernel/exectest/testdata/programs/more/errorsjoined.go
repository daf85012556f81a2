package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

type NotFound struct{ Name string }

func (n *NotFound) Error() string { return n.Name + " not found" }

type Temp struct{ err error }

func (t Temp) Error() string { return "temp: " + t.err.Error() }
func (t Temp) Unwrap() error { return t.err }

var ErrA, ErrB = errors.New("a"), errors.New("b")

type isA struct{}

func (isA) Error() string   { return "isA" }
func (isA) Is(e error) bool { return e == ErrA }
func main() {
	j := errors.Join(ErrA, nil, ErrB)
	fmt.Println(j, errors.Is(j, ErrA), errors.Is(j, ErrB), errors.Is(j, io.EOF))
	fmt.Println(errors.Join(nil, nil) == nil)
	w := fmt.Errorf("x: %w, y: %w", ErrA, &NotFound{"f"})
	var nf *NotFound
	fmt.Println(w, errors.As(w, &nf), nf.Name, errors.Is(w, ErrA))
	var t Temp
	fmt.Println(errors.As(fmt.Errorf("o: %w", Temp{io.EOF}), &t), t, errors.Is(t, io.EOF), errors.Unwrap(t) == io.EOF)
	fmt.Println(errors.Is(isA{}, ErrA), errors.Is(isA{}, ErrB))
	_, err := os.Open("/nonexistent/x")
	var pe *fs.PathError
	fmt.Println(errors.As(err, &pe), pe.Op, pe.Path, errors.Is(err, fs.ErrNotExist), os.IsNotExist(err))
	_, err = strconv.Atoi("12x")
	var ne *strconv.NumError
	fmt.Println(errors.As(err, &ne), ne.Func, ne.Num, ne.Err == strconv.ErrSyntax, err)
	fmt.Printf("%v|%s|%q|%+v\n", w, w, ErrA, t)
	fmt.Println(errors.Is(nil, ErrA), errors.Unwrap(errors.Join(ErrA)))
	if nf, ok := errors.AsType[*NotFound](w); ok {
		fmt.Println("astype", nf.Name)
	}
}
