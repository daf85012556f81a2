package main

import (
	"errors"
	"fmt"
)

type Account struct {
	Owner   string
	balance float64
	history []Tx
}
type Tx struct {
	Kind   string
	Amount float64
}

var ErrFunds = errors.New("insufficient funds")

type LimitError struct{ Want, Have float64 }

func (e LimitError) Error() string { return fmt.Sprintf("want %.2f have %.2f", e.Want, e.Have) }
func (e LimitError) Unwrap() error { return ErrFunds }

func (a *Account) Withdraw(x float64) (err error) {
	defer func() {
		if err == nil {
			a.history = append(a.history, Tx{"w", x})
		}
	}()
	if x > a.balance {
		return LimitError{x, a.balance}
	}
	a.balance -= x
	return
}

type Bank struct{ accounts map[string]*Account }

func (b *Bank) Get(n string) (*Account, bool) { a, ok := b.accounts[n]; return a, ok }

func main() {
	b := Bank{map[string]*Account{"x": {Owner: "x", balance: 10}}}
	a, ok := b.Get("x")
	fmt.Println(ok, a.Withdraw(3), a.balance)
	err := a.Withdraw(100)
	var le LimitError
	fmt.Println(err, errors.Is(err, ErrFunds), errors.As(err, &le), le.Have, len(a.history))
	_, ok = b.Get("y")
	fmt.Println(ok, a.history, *a)
	fmt.Printf("%+v\n", a.history)
}
