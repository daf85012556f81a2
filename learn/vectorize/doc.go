// Package vectorize turns documents and dictionaries into matrices of counts and weights.
//
//	v := vectorize.NewTfidfVectorizer()
//	v.StopWords = "english"
//	x, err := v.FitTransform(docs)     // *learn.CSR
//	names := v.FeatureNames()
//	z, err := v.Transform(others)
//
// Documents are Go strings of UTF-8. The package does not stem words or learn embeddings.
package vectorize
