// Package match finds text: a pattern in lines, and names by what somebody types
// of them. It knows nothing of screens.
package match
