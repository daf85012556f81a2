package check

import "strings"

// near reports whether a and b could be the same word mistyped: equal but for case, or one or two
// edits apart when they are long enough.
func near(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	limit := 1
	if min(len(a), len(b)) > 5 {
		limit = 2
	}
	if min(len(a), len(b)) < 3 {
		return max(len(a), len(b)) < 3 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
	}
	return distance(a, b) <= limit
}

// distance is the optimal string alignment distance: insertions, deletions, substitutions and
// swaps of neighbours.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur, prev, before := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

// nearest returns the candidate closest to name, or "".
func nearest(name string, candidates []string) string {
	best, found := 0, ""
	for _, c := range candidates {
		if c == name || c == "_" || !near(c, name) {
			continue
		}
		if d := distance(strings.ToLower(c), strings.ToLower(name)); found == "" || d < best {
			best, found = d, c
		}
	}
	return found
}
