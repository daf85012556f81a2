package main

import "fmt"

type rat struct{ num, den int64 }

type item interface {
	pr()
	eq(c item) bool
}

func (u *rat) pr() { fmt.Print(u.num, "/", u.den, " ") }
func (u *rat) eq(c item) bool {
	v := c.(*rat)
	return u.num == v.num && u.den == v.den
}
func i2tor(u, v int64) *rat { return &rat{u, v} }
func itor(u int64) *rat     { return i2tor(u, 1) }

var zero, one *rat

type dch struct {
	req chan int
	dat chan item
}
type dch2 [2]*dch

func mkdch() *dch { return &dch{make(chan int), make(chan item)} }
func put(dat item, out *dch) {
	<-out.req
	out.dat <- dat
}

func get(in *dch) *rat {
	in.req <- 1
	return (<-in.dat).(*rat)
}

func getn(in []*dch) []item {
	n := len(in)
	req := make([]chan int, 2)
	dat := make([]chan item, 2)
	out := make([]item, 2)
	var i int
	var it item
	for i = 0; i < n; i++ {
		req[i] = in[i].req
		dat[i] = nil
	}
	seqno := 0
	for n = 2 * n; n > 0; n-- {
		seqno++
		select {
		case req[0] <- seqno:
			dat[0] = in[0].dat
			req[0] = nil
		case req[1] <- seqno:
			dat[1] = in[1].dat
			req[1] = nil
		case it = <-dat[0]:
			out[0] = it
			dat[0] = nil
		case it = <-dat[1]:
			out[1] = it
			dat[1] = nil
		}
	}
	return out
}
func get2(in0, in1 *dch) []item { return getn([]*dch{in0, in1}) }

func add(u, v *rat) *rat { return &rat{u.num*v.den + v.num*u.den, u.den * v.den} }

func main() {
	a, b := mkdch(), mkdch()
	go func() {
		for i := range int64(5) {
			put(itor(i), a)
		}
	}()
	go func() {
		for i := range int64(5) {
			put(i2tor(i, 2), b)
		}
	}()
	for range 5 {
		uv := get2(a, b)
		add(uv[0].(*rat), uv[1].(*rat)).pr()
	}
	fmt.Println()
	var f item = itor(3)
	fmt.Println(f.eq(itor(3)), f.eq(itor(4)))
	x := itor(2)
	*x = *itor(9)
	x.pr()
	u := new(rat)
	*u = *x
	u.num++
	x.pr()
	u.pr()
}
