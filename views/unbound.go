package views

import (
	"slices"
	"strings"
	"unicode"

	"github.com/fathom-k8s/fathom/ui"
)

// otherKeys are keys of k9s that do nothing on some screen, with the action here that
// comes nearest, or why there is none.
var otherKeys = map[string]struct {
	action ui.Action
	words  string
}{
	"T": {actSortNext, "sorts by another column"}, "R": {actSortNext, "sorts by another column"},
	"C": {actSortNext, "sorts by another column"}, "M": {actSortNext, "sorts by another column"},
	"I": {actSortNext, "sorts by another column"},
	"-": {ui.GoBack, "goes back"}, "backspace": {ui.GoBack, "goes back"},
	"ctrl+a": {ui.GoPalette, "lists all kinds"},
	"ctrl+g": {ui.GoPalette, "goes anywhere"},
	"n":      {actCopy, "copies a cell"},
	"w":      {actWrap, "wraps long lines"},
	"0":      {actSince, "chooses how far back"},
	"e":      {"", "editing" + needsWrite},
	"s":      {"", "scaling" + needsWrite},
	"a":      {"", "attach is for pods and workloads"},
	"r":      {"", "restarting" + needsWrite},
	"D":      {"", "deleting" + needsWrite},
	"F":      {"", "ports of pods, services and workloads are forwarded"},
	"ctrl+k": {actMenu, "has kill, in write mode"},
	"ctrl+e": {"", "the header is one line and stays"},
}

// needsWrite is what is missing for what the keys do in write mode.
const needsWrite = " needs write mode, :write switches to it"

// Unbound says what to press in place of a key that no binding has: what it does in k9s,
// or what the same letter does in the other case. "" is nothing.
func Unbound(bound []ui.Key, key string) string {
	if follow := keyOf(bound, actFollow); key == "s" && follow != "" {
		return follow + " follows, or pauses"
	}
	if other, known := otherKeys[key]; known {
		switch {
		case other.action != "":
		case keyOf(bound, actDelete) != "": // Write mode is on.
			return "not with what is under the cursor"
		case strings.HasSuffix(other.words, needsWrite) && keyOf(bound, actMenu) == "":
			return "not on this screen"
		default:
			return other.words
		}
		if at := keyOf(bound, other.action); at != "" {
			return at + " " + other.words
		}
	}
	if r := []rune(key); len(r) == 1 && unicode.IsLetter(r[0]) {
		swapped := strings.ToUpper(key)
		if unicode.IsUpper(r[0]) {
			swapped = strings.ToLower(key)
		}
		for _, k := range bound {
			if slices.Contains(k.Keys, swapped) {
				return "nothing here, " + swapped + " is " + k.Help
			}
		}
	}
	return ""
}

// keyOf is the first key of an action, "" for none.
func keyOf(bound []ui.Key, action ui.Action) string {
	for _, k := range bound {
		if k.Action == action && len(k.Keys) > 0 {
			return k.Keys[0]
		}
	}
	return ""
}
