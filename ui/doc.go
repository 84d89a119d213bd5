// Package ui is the terminal: the shell around the views, and the widgets that
// they are made of. It knows nothing about Kubernetes.
//
//	key ──> Shell ──> Do{action} ──> View.Update ──> Intent ──> Shell.perform ──> Effect, Source
//	Source ──> Shell ──> message ──> View.Update;  View.Draw ──> screen
//
// Above Shell.Update the same loop is drawn with the names of the files.
//
// Shell is the only tea.Model. perform is the only place where an intent
// becomes work. Widgets are plain structs that turn actions into state and
// state into strings.
package ui
