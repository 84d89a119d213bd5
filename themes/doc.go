// Package themes holds the colours, by meaning: a Role says what a text is, a
// theme how that looks. One YAML file is one theme; a user's own file is read
// by the same Parse as those that are built in. The package draws nothing.
package themes
