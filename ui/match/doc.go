// Package match finds text: a pattern in lines, and names by a few typed letters. It
// knows nothing about screens.
package match
