// Package hdf5 reads and writes files of the Hierarchical Data Format, version 5, as Caffe keeps data sets and snapshots.
//
//	f, err := hdf5.Open("train.h5")
//	if err != nil { … }
//	defer f.Close()
//	x, err := f.Read("data") // x.Shape, x.Float32s()
//
// It reads what h5py and Caffe write: superblocks 0 to 3, groups, numbers of up to 64 bits and strings of fixed length,
// contiguous, compact and chunked, with deflate, shuffle, Fletcher's checksum and LZF. It writes contiguous data sets. It
// has no attributes, references, compound types or strings of variable length, and reads no file that another program is writing.
package hdf5
