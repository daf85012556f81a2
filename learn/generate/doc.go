// Package generate makes data with a known structure, to try estimators on.
//
//	x, y := generate.Moons(generate.MoonsOptions{Samples: 200, Noise: 0.1, Seed: 0})
//	x, y = generate.Blobs(generate.BlobsOptions{Samples: 300, Centers: 4})
//	x, y = generate.Classification(generate.NewClassification())
//
// Every function gives what scikit-learn's make_… gives for the same options and seed, to the last bits of the
// sums. Options with a zero value have scikit-learn's default, but for those that a New function sets. Sizes that
// make no sense are errors of the caller and panic as tensor operators do. The data sets that come with Lathe are in
// package data.
package generate
