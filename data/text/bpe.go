package text

import (
	"fmt"
	"unicode/utf8"
)

// pair is two neighbouring tokens.
type pair struct{ a, b int }

// merge is what a pair becomes; lower ranks come first.
type merge struct{ rank, id int }

// bpe is byte-pair encoding: characters are merged in the order that training found.
// Source: Sennrich, Haddow and Birch 2016.
type bpe struct {
	vocab    map[string]int
	merges   map[pair]merge
	unk      int // −1: unknown characters are left out
	prefix   string
	suffix   string
	fuse     bool // unknown neighbours become one
	fallback bool // unknown characters become bytes <0x00> … <0xFF>
	whole    bool // a word of the vocabulary is one token, whatever merges say
}

// symbol is a token in a word that is being merged, in a linked list.
type symbol struct {
	id, prev, next int
	gone           bool
}

func (m *bpe) tokenize(word string) []int {
	if id, ok := m.vocab[word]; ok && m.whole {
		return []int{id}
	}
	s := m.symbols(word)
	if len(s) < 24 {
		m.mergeShort(&s)
	} else {
		m.mergeLong(s)
	}
	ids := make([]int, 0, len(s))
	for _, x := range s {
		if !x.gone {
			ids = append(ids, x.id)
		}
	}
	return ids
}

// symbols returns the characters of a word as tokens.
func (m *bpe) symbols(word string) []symbol {
	var s []symbol
	add := func(id int) {
		s = append(s, symbol{id: id, prev: len(s) - 1, next: len(s) + 1})
	}
	unknown := false // the last one was
	for i, r := range word {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError && n > len(word)-i {
			n = 1
		}
		key := word[i : i+n]
		if i > 0 {
			key = m.prefix + key
		}
		if i+n == len(word) {
			key += m.suffix
		}
		id, ok := m.vocab[key]
		switch {
		case ok:
			add(id)
			unknown = false
			continue
		case m.fallback && m.bytes(word[i:i+n], add):
			unknown = false
		case m.unk >= 0 && !(m.fuse && unknown):
			add(m.unk)
			unknown = true
		}
	}
	if len(s) > 0 {
		s[len(s)-1].next = -1
	}
	return s
}

// bytes adds the tokens of the bytes of c and says whether the vocabulary has them.
func (m *bpe) bytes(c string, add func(id int)) bool { return byteTokens(m.vocab, c, add) }

func byteTokens(vocab map[string]int, c string, add func(id int)) bool {
	ids := make([]int, len(c))
	for i := range len(c) {
		id, ok := vocab[fmt.Sprintf("<0x%02X>", c[i])]
		if !ok {
			return false
		}
		ids[i] = id
	}
	for _, id := range ids {
		add(id)
	}
	return true
}

// mergeShort merges the best pair until there is none; quadratic.
func (m *bpe) mergeShort(all *[]symbol) {
	s := *all
	for len(s) > 1 {
		best, at := merge{rank: -1}, 0
		for i := range len(s) - 1 {
			if k, ok := m.merges[pair{s[i].id, s[i+1].id}]; ok && (best.rank < 0 || k.rank < best.rank) {
				best, at = k, i
			}
		}
		if best.rank < 0 {
			break
		}
		s[at].id = best.id
		s = append(s[:at+1], s[at+2:]...)
	}
	*all = s
}

// candidate is a pair that may be merged, in a heap by rank and place.
type candidate struct {
	merge
	at int
	pair
}

func (a candidate) before(b candidate) bool {
	return a.rank < b.rank || a.rank == b.rank && a.at < b.at
}

// mergeLong does the same with a heap.
func (m *bpe) mergeLong(s []symbol) {
	h := heap[candidate]{less: candidate.before}
	offer := func(i int) {
		if i < 0 || s[i].next < 0 {
			return
		}
		p := pair{s[i].id, s[s[i].next].id}
		if k, ok := m.merges[p]; ok {
			h.push(candidate{k, i, p})
		}
	}
	for i := range s {
		offer(i)
	}
	for h.len() > 0 {
		c := h.pop()
		left := &s[c.at]
		if left.gone || left.next < 0 || left.id != c.a || s[left.next].id != c.b {
			continue
		}
		right := &s[left.next]
		right.gone = true
		left.id, left.next = c.merge.id, right.next
		if left.next >= 0 {
			s[left.next].prev = c.at
		}
		offer(left.prev)
		offer(c.at)
	}
}

// heap is a binary heap whose least element comes first.
type heap[T any] struct {
	items []T
	less  func(a, b T) bool
}

func (h *heap[T]) len() int { return len(h.items) }

func (h *heap[T]) push(x T) {
	h.items = append(h.items, x)
	for i := len(h.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(h.items[i], h.items[up]) {
			break
		}
		h.items[i], h.items[up] = h.items[up], h.items[i]
		i = up
	}
}

func (h *heap[T]) pop() T {
	top := h.items[0]
	n := len(h.items) - 1
	h.items[0] = h.items[n]
	h.items = h.items[:n]
	for i := 0; ; {
		low := 2*i + 1
		if low >= n {
			return top
		}
		if low+1 < n && h.less(h.items[low+1], h.items[low]) {
			low++
		}
		if !h.less(h.items[low], h.items[i]) {
			return top
		}
		h.items[i], h.items[low] = h.items[low], h.items[i]
		i = low
	}
}
