// Package ui is the terminal: the shell around the views, and the widgets that
// they are made of. It knows nothing about Kubernetes.
//
//	key ──> Shell ──> Do{action} ──> View.Update ──> Intent ──> Shell.perform ──> Effect, Source
//	Source ──> Shell ──> message ──> View.Update;  View.Draw ──> screen
//
// Above Shell.Update the same loop is drawn with the names of the files.
//
// Text that comes in is clean: views, intents, and the errors of sources and effects
// bring none that a terminal would obey. What does not come from there is made
// printable here: what is typed or pasted, a panic, and the names of files.
//
// Shell is the only tea.Model. perform is the only place where an intent
// becomes work. Widgets are plain structs that turn actions into state and
// state into strings.
package ui
