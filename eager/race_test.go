//go:build race

package eager_test

// underRace: the race detector makes pools drop what is put back, at random.
const underRace = true
