package text

import (
	"math"
	"unicode/utf8"
)

// wordPiece takes the longest known beginning of what is left of a word.
// Source: Schuster and Nakajima 2012, as in BERT.
type wordPiece struct {
	vocab  map[string]int
	unk    int
	prefix string // of pieces within a word
	most   int    // longer words are unknown
}

func (m *wordPiece) tokenize(word string) []int {
	if utf8.RuneCountInString(word) > m.most {
		return []int{m.unk}
	}
	var ids []int
	for start := 0; start < len(word); {
		end, id := len(word), -1
		for ; end > start; end-- {
			if end < len(word) && !utf8.RuneStart(word[end]) {
				continue
			}
			key := word[start:end]
			if start > 0 {
				key = m.prefix + key
			}
			if k, ok := m.vocab[key]; ok {
				id = k
				break
			}
		}
		if id < 0 {
			return []int{m.unk}
		}
		ids, start = append(ids, id), end
	}
	return ids
}

// wordLevel has whole words only.
type wordLevel struct {
	vocab map[string]int
	unk   int
}

func (m *wordLevel) tokenize(word string) []int {
	if id, ok := m.vocab[word]; ok {
		return []int{id}
	}
	if m.unk < 0 {
		return nil
	}
	return []int{m.unk}
}

// unigram chooses the pieces whose log-probabilities have the largest sum.
// Source: Kudo 2018.
type unigram struct {
	vocab    map[string]int
	score    []float64 // by number
	longest  int       // bytes of the longest piece
	unk      int       // −1: none
	unkScore float64
	fallback bool
}

func newUnigram(pieces []string, score []float64, unk int, fallback bool) *unigram {
	m := &unigram{vocab: map[string]int{}, score: score, unk: unk, fallback: fallback}
	low := math.Inf(1)
	for i, p := range pieces {
		m.vocab[p] = i
		m.longest = max(m.longest, len(p))
		low = min(low, score[i])
	}
	m.unkScore = low - 10
	return m
}

// step is the best way to a place in the text.
type step struct {
	from, id int
	score    float64
	ok       bool
}

func (m *unigram) tokenize(s string) []int {
	best := make([]step, len(s)+1)
	best[0].ok = true
	for at := 0; at < len(s); {
		_, n := utf8.DecodeRuneInString(s[at:])
		single := false
		try := func(end, id int, score float64) {
			if score += best[at].score; !best[end].ok || score > best[end].score {
				best[end] = step{at, id, score, true}
			}
		}
		for end := at + n; end <= len(s) && end-at <= m.longest; {
			if id, ok := m.vocab[s[at:end]]; ok {
				try(end, id, m.score[id])
				single = single || end == at+n
			}
			if end == len(s) {
				break
			}
			_, k := utf8.DecodeRuneInString(s[end:])
			end += k
		}
		if !single {
			try(at+n, -1, m.unkScore)
		}
		at += n
	}
	return m.path(s, best)
}

// path walks back through the best steps; unknown neighbours become one piece.
func (m *unigram) path(s string, best []step) []int {
	var steps []step
	var ends []int
	for end := len(s); end > 0; end = best[end].from {
		steps, ends = append(steps, best[end]), append(ends, end)
	}
	var ids []int
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].id >= 0 && steps[i].id != m.unk {
			ids = append(ids, steps[i].id)
			continue
		}
		from := steps[i].from
		for i > 0 && (steps[i-1].id < 0 || steps[i-1].id == m.unk) {
			i--
		}
		if m.fallback && byteTokens(m.vocab, s[from:ends[i]], func(id int) { ids = append(ids, id) }) {
			continue
		}
		if m.unk >= 0 {
			ids = append(ids, m.unk)
		}
	}
	return ids
}
