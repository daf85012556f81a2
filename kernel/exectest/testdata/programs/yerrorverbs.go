package main

import "fmt"

type Er int

func (e Er) Error() string { return fmt.Sprintf("er%d", int(e)) }

type Es struct{ A int }

func (e Es) Error() string { return "Es" }
func main() {
	var e error = Er(5)
	fmt.Printf("%d %v %s %x %q\n", e, e, e, e, e)
	var f error = Es{3}
	fmt.Printf("%v %+v %d %#v\n", f, f, f, f)
	fmt.Println([]any{e, f}, struct{ E error }{e}, struct{ e error }{e}, map[string]error{"a": f})
	fmt.Printf("%T %T %v\n", e, f, []error{e, nil})
}
