// Package zoo finds models in a store, brings their files here and runs them on photos, recordings and texts.
//
//	store, err := zoo.Open("https://models.example.org/")   // or a folder; it holds index.json and the files
//	m, err := store.Get(ctx, "efficientnet-lite0", zoo.Options{})
//	r, err := m.Run("cat.jpg")
//	fmt.Println(r)                                           // 285 Egyptian cat  0.48 …
//
// An entry of the index says what a model is for, its licence, its files with their SHA-256 and size, and how inputs
// are prepared and outputs read, so that a new model of a known task needs no code. Files are kept in a cache by
// their hash; what is there is not asked for again, and an interrupted download goes on where it ended. A file that
// has not the hash of the index is refused. It does not train, and it has no models of its own.
package zoo
