package check

import "iter"

// table is a map by name whose copies are cheap: they share what did not change for a while. A
// session of n names would otherwise copy all of them for each cell.
type table[V any] struct {
	base map[string]V        // shared between copies, never written
	over map[string]entry[V] // what changed since
}

type entry[V any] struct {
	value V
	gone  bool
}

// get returns the value of a name, or the zero value.
func (t *table[V]) get(name string) V {
	v, _ := t.find(name)
	return v
}

func (t *table[V]) find(name string) (V, bool) {
	if e, ok := t.over[name]; ok {
		return e.value, !e.gone
	}
	v, ok := t.base[name]
	return v, ok
}

func (t *table[V]) set(name string, v V) { t.change(name, entry[V]{value: v}) }

func (t *table[V]) remove(name string) {
	if _, ok := t.find(name); ok {
		t.change(name, entry[V]{gone: true})
	}
}

func (t *table[V]) change(name string, e entry[V]) {
	if t.over == nil {
		t.over = map[string]entry[V]{}
	}
	t.over[name] = e
}

// copy returns a table that changes on its own. The changes move into the shared part when they
// are more than the square root of it, so that copying n times costs n√n at most.
func (t *table[V]) copy() table[V] {
	c := table[V]{t.base, make(map[string]entry[V], len(t.over)+1)}
	if n := len(t.over); n > 8 && n*n > len(t.base) {
		c.base = make(map[string]V, len(t.base)+n)
		for name, v := range t.all() {
			c.base[name] = v
		}
		return c
	}
	for name, e := range t.over {
		c.over[name] = e
	}
	return c
}

// all yields every name and its value, in no order.
func (t *table[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for name, e := range t.over {
			if !e.gone && !yield(name, e.value) {
				return
			}
		}
		for name, v := range t.base {
			if _, changed := t.over[name]; !changed && !yield(name, v) {
				return
			}
		}
	}
}

// names yields every name, in no order.
func (t *table[V]) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range t.all() {
			if !yield(name) {
				return
			}
		}
	}
}

// user is a link of the list of keys that use a name, or did.
type user struct {
	key  string
	next *user
}
