package ring

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

// together runs f in every rank and returns the errors, of Join or of f.
func together(t testing.TB, n int, o func(rank int) Options, f func(r *Ring) error) []error {
	t.Helper()
	listeners, addresses := make([]net.Listener, n), make([]string, n)
	for i := range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		listeners[i], addresses[i] = ln, ln.Addr().String()
	}
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			r, err := Join(listeners[i], i, addresses, o(i))
			if err == nil {
				defer r.Close()
				err = f(r)
			}
			errs[i] = err
		})
	}
	wait.Wait()
	return errs
}

func plain(int) Options { return Options{Secret: secret} }

func encryptedRing(int) Options { return Options{Secret: secret, TLS: true} }

func TestEveryRankGetsTheSameSums(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		for name, o := range map[string]func(int) Options{"plain": plain, "TLS": encryptedRing} {
			t.Run(fmt.Sprint(n, name), func(t *testing.T) {
				sizes := []int{1, 7, 100_003, 3}
				got := make([][]*eager.Tensor, n)
				inputs := make([][][]float32, n)
				for rank := range n {
					g := rand.New(rand.NewPCG(uint64(rank), 1))
					for _, size := range sizes {
						x := make([]float32, size)
						for i := range x {
							x[i] = g.Float32() - 0.5
						}
						inputs[rank] = append(inputs[rank], x)
					}
				}
				errs := together(t, n, o, func(r *Ring) error {
					var xs []*eager.Tensor
					for _, x := range inputs[r.Rank] {
						xs = append(xs, eager.FromFloat32s(append([]float32{}, x...), len(x)))
					}
					xs = append(xs, eager.FromFloat64s([]float64{float64(r.Rank), 1}, 2))
					got[r.Rank] = xs
					return r.AllReduce(xs...)
				})
				for rank, err := range errs {
					if err != nil {
						t.Fatalf("rank %d: %v", rank, err)
					}
				}
				for k, size := range sizes {
					for i := range size {
						want := 0.0
						for rank := range n {
							want += float64(inputs[rank][k][i])
						}
						y := got[0][k].Storage().F32()[i]
						if d := float64(y) - want; d > 1e-5 || d < -1e-5 { // float32 sums of 5 numbers below 1
							t.Fatalf("tensor %d element %d: %g, want %g", k, i, y, want)
						}
						for rank := range n {
							if got[rank][k].Storage().F32()[i] != y {
								t.Fatalf("ranks 0 and %d differ in tensor %d", rank, k)
							}
						}
					}
				}
				if s := got[0][len(sizes)].Storage().F64(); s[0] != float64(n*(n-1)/2) || s[1] != float64(n) {
					t.Errorf("f64 sums %v", s)
				}
			})
		}
	}
}

func TestBroadcastGivesRankZerosValues(t *testing.T) {
	values := make([]float32, 3)
	for _, err := range together(t, 3, plain, func(r *Ring) error {
		x := eager.Full(float64(r.Rank+7), 200_000)
		err := r.Broadcast(x)
		values[r.Rank] = x.Storage().F32()[199_999]
		return err
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if values[0] != 7 || values[1] != 7 || values[2] != 7 {
		t.Errorf("values %v, want 7", values)
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	for _, tls := range []bool{false, true} {
		errs := together(t, 2, func(rank int) Options {
			return Options{Secret: []byte(strings.Repeat(string(rune('a'+rank)), 32)), TLS: tls}
		}, (*Ring).Barrier)
		for rank, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "secret") && !strings.Contains(err.Error(), "certificate") {
				t.Errorf("TLS %t: rank %d: %v; want an error about the secret", tls, rank, err)
			}
		}
	}
}

func TestStrangersDoNotKeepTheRanksApart(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	garbage, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer garbage.Close()
	if _, err := garbage.Write([]byte("GET / HTTP/1.1\r\nHost: somebody who takes this for a web server\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	addresses := []string{ln.Addr().String(), other.Addr().String()}
	var wait sync.WaitGroup
	for rank, l := range []net.Listener{ln, other} {
		wait.Go(func() {
			r, err := Join(l, rank, addresses, plain(rank))
			if err != nil {
				t.Errorf("rank %d: %v", rank, err)
				return
			}
			defer r.Close()
			if err := r.Barrier(); err != nil {
				t.Errorf("rank %d: %v", rank, err)
			}
		})
	}
	wait.Wait()
}

func TestALostRankIsAnErrorWithinTheDeadline(t *testing.T) {
	stay := make(chan bool)
	errs := together(t, 3, plain, func(r *Ring) error {
		r.timeout = 2 * time.Second // of calls; joining has longer
		if r.Rank == 1 {            // it stalls until the others have given up
			<-stay
			<-stay
			return nil
		}
		err := r.Barrier()
		stay <- true
		return err
	})
	for _, rank := range []int{0, 2} {
		if errs[rank] == nil {
			t.Errorf("rank %d has not noticed", rank)
		}
	}
}

func TestRanksThatCallDifferentThingsAreTold(t *testing.T) {
	for _, err := range together(t, 2, plain, func(r *Ring) error {
		return r.AllReduce(eager.Zeros(3 + r.Rank))
	}) {
		if err == nil || !strings.Contains(err.Error(), "other tensors") {
			t.Errorf("error %v; want one that says so", err)
		}
	}
}

func TestNeighboursSendBothWays(t *testing.T) {
	for _, n := range []int{2, 3} {
		for _, o := range []func(int) Options{plain, encryptedRing} {
			errs := together(t, n, o, func(r *Ring) error {
				const size = 300_000 // more than a block
				next, prev := (r.Rank+1)%n, (r.Rank+n-1)%n
				sent := make(chan error, 1)
				go func() {
					sent <- errors.Join(r.Send(next, eager.Full(float64(r.Rank), size)), r.Send(prev, eager.Full(float64(10+r.Rank), size)))
				}()
				x, y := eager.Zeros(size), eager.Zeros(size)
				from := []int{prev, next}
				if n == 2 { // both are the same rank, whose messages come in order
					from[1] = prev
				}
				if err := errors.Join(r.Recv(from[0], x), r.Recv(from[1], y), <-sent, r.Barrier()); err != nil {
					return err
				}
				if got := [2]float64{x.Slice(0, size-1, size).Item(), y.Slice(0, 0, 1).Item()}; got != [2]float64{float64(prev), float64(10 + next)} {
					return fmt.Errorf("rank %d has %v", r.Rank, got)
				}
				return nil
			})
			if err := errors.Join(errs...); err != nil {
				t.Errorf("%d ranks: %v", n, err)
			}
		}
	}
	errs := together(t, 4, plain, func(r *Ring) error { return r.Send((r.Rank+2)%4, eager.Zeros(1)) })
	if err := errors.Join(errs...); err == nil || !strings.Contains(err.Error(), "beside it") {
		t.Errorf("a rank across the ring: %v", err)
	}
	errs = together(t, 2, plain, func(r *Ring) error {
		if r.Rank == 0 {
			return r.Send(1, eager.Zeros(3))
		}
		return r.Recv(0, eager.Zeros(4))
	})
	if err := errors.Join(errs...); err == nil || !strings.Contains(err.Error(), "it sends f32 [3], this rank receives f32 [4]") {
		t.Errorf("another shape: %v", err)
	}
}

func BenchmarkAllReduce8MiB(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchmarkAllReduce(b, plain) })
	b.Run("TLS", func(b *testing.B) { benchmarkAllReduce(b, encryptedRing) })
}

func benchmarkAllReduce(b *testing.B, o func(int) Options) {
	b.SetBytes(8 << 20)
	for _, err := range together(b, 2, o, func(r *Ring) error {
		x := eager.Zeros(2 << 20)
		if err := r.AllReduce(x); err != nil {
			return err
		}
		for range b.N {
			if err := r.AllReduce(x); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			b.Fatal(err)
		}
	}
}
