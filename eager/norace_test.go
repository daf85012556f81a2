//go:build !race

package eager_test

const underRace = false
