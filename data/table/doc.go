// Package table reads files of columns: CSV, JSON lines, Parquet and Arrow.
//
//	t, err := table.ReadParquet("trips.parquet", "distance", "hour", "fare")
//	fare := t.Column("fare").Floats
//	ds, err := t.Dataset("fare", "distance", "hour")
//	loader := data.NewLoader(ds, data.LoaderOptions{BatchSize: 256, Shuffle: true})
//
// Columns are numbers, whole numbers, truth values or text, each with missing values. Dataset makes a
// data.Table of them for training. The package does not join, group or write (see learn for preparation).
package table
