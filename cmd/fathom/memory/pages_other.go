//go:build !linux

package memory

// DropPages does nothing: only Linux says which pages of a file are in memory.
func DropPages() {}
