// Package vend lies in a vendor folder.
package vend

// Name is its name.
const Name = "vend"
