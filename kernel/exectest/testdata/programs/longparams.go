package main

import "fmt"

type V struct{ x, y, z float64 }

func many(a int8, b uint16, c float32, d string, e []int, f V, g any, h error, i func() int, j map[string]int, k [3]byte, l complex128, m bool, n *int, o V) (int, string, V, error, []int, float32) {
	return int(a) + int(b) + i() + j["x"] + int(k[2]) + *n, d + fmt.Sprint(g, h, m, l), V{f.x + o.x, f.y, f.z}, h, e[1:], c * 2
}
func ret() (a, b, c, d, e, f, g, h, i, j int) { return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
func main() {
	x := 1
	fmt.Println(many(1, 2, 1.5, "d", []int{1, 2}, V{1, 2, 3}, 4, nil, func() int { return 5 }, map[string]int{"x": 6}, [3]byte{1, 2, 3}, 1i, true, &x, V{10, 20, 30}))
	fmt.Println(ret())
	f := many
	a, b, _, _, _, _ := f(1, 2, 1.5, "d", []int{1, 2}, V{}, nil, fmt.Errorf("er"), func() int { return 0 }, nil, [3]byte{}, 0, false, &x, V{})
	fmt.Println(a, b)
}
