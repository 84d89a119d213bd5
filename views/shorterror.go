package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/ui"
)

// causes are what an error of the network comes down to, however long a sentence a
// library wraps around it.
var causes = []string{
	"connection refused", "connection lost", "connection reset", "no route to host", "network is unreachable",
	"no such host", "deadline exceeded", "timeout", "unexpected EOF", "EOF",
}

// short is an error in a few words: its cause where that is known, else the
// last link of its chain.
func short(text string) string {
	for _, cause := range causes {
		if strings.Contains(text, cause) {
			return cause
		}
	}
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if _, came, found := strings.Cut(text, ", and the API server "); found {
		text = came
	}
	return ui.Truncate(text, 40)
}
