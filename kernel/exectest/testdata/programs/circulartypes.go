package main

import "fmt"

type Node struct {
	kids []*Node
	up   *Node
	n    int
}
type Tree struct {
	root *Node
	all  []Node
}
type G struct {
	nodes map[int]*V
}
type V struct {
	edges []E
	g     *G
	id    int
}
type E struct {
	from, to *V
	w        float64
}

func (g *G) add(id int) *V { v := &V{g: g, id: id}; g.nodes[id] = v; return v }
func (v *V) link(o *V, w float64) {
	v.edges = append(v.edges, E{v, o, w})
}
func main() {
	t := &Tree{}
	t.root = &Node{n: 1}
	t.root.kids = append(t.root.kids, &Node{up: t.root, n: 2})
	fmt.Println(t.root.kids[0].up.n)
	g := &G{map[int]*V{}}
	a, b := g.add(1), g.add(2)
	a.link(b, 0.5)
	b.link(a, 0.25)
	for _, e := range g.nodes[1].edges {
		fmt.Println(e.from.id, e.to.id, e.w, e.to.g == g, e.to.edges[0].to == a)
	}
}
