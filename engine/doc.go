// Package engine holds the types that every compute device shares: DType, Shape, Array (a strided
// view of a Buffer), the buffer pool, the worker pool, the counter-based random generator and the
// detected CPU features.
//
//	a := engine.Zeros(engine.F32, engine.Shape{2, 3})
//	row := a.Slice(0, 1, 2, 1)       // [1 3], shares storage
//	copy(row.F32(), []float32{1, 2, 3})
//	fmt.Println(a.Shape, a.F32())    // [2 3] [0 0 0 1 2 3]
//
// It knows no operator: operators are declared in engine/op and computed by engine/cpu.
package engine
