package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

type Account struct {
	balance int
	log     []string
}
type InsufficientError struct{ need, have int }

func (e *InsufficientError) Error() string { return fmt.Sprintf("need %d have %d", e.need, e.have) }
func (a *Account) Withdraw(n int) (err error) {
	defer func() { a.log = append(a.log, fmt.Sprintf("w%d:%v", n, err)) }()
	if n > a.balance {
		return &InsufficientError{n, a.balance}
	}
	a.balance -= n
	return nil
}
func safe(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			switch v := r.(type) {
			case error:
				err = fmt.Errorf("wrapped: %w", v)
			case string:
				err = errors.New(v)
			default:
				err = fmt.Errorf("%v", v)
			}
		}
	}()
	f()
	return
}
func nested() (s string) {
	defer func() { s += "|outer:" + fmt.Sprint(recover()) }()
	defer func() { defer func() { s += "inner:" + fmt.Sprint(recover()) }(); panic("two") }()
	panic("one")
}
func early(n int) (r string) {
	defer func() { r += "d" }()
	for i := range 10 {
		if i == n {
			return fmt.Sprint(i)
		}
		defer func(k int) { r += fmt.Sprint("<", k, ">") }(i)
	}
	return "end"
}
func multi() (a int, b string, err error) {
	defer func() {
		if err != nil {
			a, b = -1, "failed"
		}
	}()
	return 5, "ok", errors.New("x")
}
func rethrow() { defer func() { r := recover(); panic(fmt.Sprint("re-", r)) }(); panic("orig") }
func main() {
	a := &Account{balance: 10}
	fmt.Println(a.Withdraw(5), a.Withdraw(50), a.balance, a.log)
	var ie *InsufficientError
	fmt.Println(errors.As(a.Withdraw(99), &ie), ie.need)
	fmt.Println(safe(func() { panic("str") }), safe(func() { panic(&InsufficientError{1, 2}) }), safe(func() { panic(3.5) }), safe(func() {}))
	e := safe(func() { panic(fmt.Errorf("a: %w", os.ErrNotExist)) })
	fmt.Println(e, errors.Is(e, os.ErrNotExist))
	fmt.Println(nested())
	fmt.Println(early(2))
	fmt.Println(early(50))
	fmt.Println(multi())
	fmt.Println(safe(rethrow))
	func() { defer fmt.Println("1"); defer func() { defer fmt.Println("2"); recover() }(); panic("x") }()
	f := func() (n int) { defer func() { recover(); n = 9 }(); var m map[string]int; m["a"]++; return 1 }
	fmt.Println(f())
	g := func() (err error) {
		defer func() {
			if e := recover(); e != nil {
				err = e.(error)
			}
		}()
		var p *Account
		p.balance = 1
		return
	}
	fmt.Println(g())
	d := func() (s []string) {
		for _, w := range strings.Fields("a b c") {
			defer func() { s = append(s, w) }()
		}
		return nil
	}
	fmt.Println(d())
	h := func() { defer func() { fmt.Println("r", recover()) }(); defer panic("from defer"); fmt.Println("body") }
	h()
	var fn func()
	fmt.Println(safe(fn))
	fmt.Println(safe(func() { var i any = "s"; _ = i.(int) }))
	fmt.Println(safe(func() { panic(errors.Join(errors.New("a"), errors.New("b"))) }))
	k := func() int { x := 1; defer func() { x = 2 }(); return x }
	fmt.Println(k())
	fmt.Println(func() (x int) { defer func() { x++ }(); x = 1; return x * 10 }())
}
