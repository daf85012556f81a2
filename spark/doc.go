// Package spark works on an Apache Spark cluster: SQL, data frames and tables over Spark Connect.
//
//	s, err := spark.Connect("sc://localhost:15002/;token=secret")
//	trips := s.Read().Parquet("/data/trips.parquet")
//	long := trips.Filter(functions.Col("km").Gt(10)).GroupBy("driver").Agg(functions.Avg("fare").As("fare"))
//	err = long.OrderBy("fare").Show()   // or Table, Collect, Tensors, Write
//	again, err := s.SQL("SELECT count(*) FROM parquet.`/data/trips.parquet`")
//
// A DataFrame is a plan: methods that make another DataFrame send nothing and never fail; a mistake in their
// arguments comes back from the first method that runs the plan (Collect, Count, Schema, Write …). Values
// travel as Arrow. A query survives a cut connection: the session attaches to it again and goes on after the
// last answer. Package spark/functions has the functions of SQL, spark/ml the estimators of MLlib, and
// spark/gang trains Lathe's own models inside Spark's executors. The package starts no Spark (lathe spark up
// does) and runs no functions of Go on rows: use SQL functions, or a gang.
package spark
