// Package tty has the modes of a terminal: how the system treats what is typed. It
// imports nothing that takes time to initialise.
package tty
