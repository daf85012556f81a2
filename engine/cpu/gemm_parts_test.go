package cpu

import "testing"

func TestPartsOfProductsAreEvenForAllThreads(t *testing.T) {
	for _, c := range [][4]int{{21, 3, 2, 8}, {21, 21, 2, 1}, {15, 2, 2, 8}, {3, 2, 2, 2}, {5, 2, 2, 4}, {5, 1, 4, 5}, {3, 1, 8, 3}} {
		if got := evenParts(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%d strips of at most %d, %d threads: %d parts, want %d", c[0], c[1], c[2], got, c[3])
		}
	}
	for n := 1; n < 100; n++ {
		for most := 1; most <= n; most++ {
			for threads := 1; threads < 9; threads++ {
				parts := evenParts(n, most, threads)
				for i := range parts {
					if size := (i+1)*n/parts - i*n/parts; size < 1 || size > most {
						t.Fatalf("part %d of %d of %d has %d, want 1 to %d", i, parts, n, size, most)
					}
				}
			}
		}
	}
}
