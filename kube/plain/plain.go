// Package plain makes errors fit to be shown: one clean line that says what was
// tried and why it did not work. It does not decide which errors are shown.
package plain

import (
	"errors"
	"net/url"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// clearError is an error whose text is clean and without the request's URL.
type clearError struct {
	text  string
	cause error
}

func (e *clearError) Error() string { return e.text }
func (e *clearError) Unwrap() error { return e.cause }

// Error makes an error fit to be shown: on one line, cleaned, prefixed with
// what was tried ("" for nothing). The cause stays within reach of errors.Is
// and errors.As.
func Error(what string, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if u, ok := errors.AsType[*url.Error](err); ok {
		// The URL is long, and where it leads stands in the header.
		text = strings.Replace(text, u.Error(), u.Err.Error(), 1)
	}
	text = withoutQuotedObject(strings.Join(strings.Fields(text), " "))
	if what != "" {
		text = what + ": " + text
	}
	return &clearError{kinds.Clean(text), err}
}

// withoutQuotedObject leaves out the object that the API server quotes before it says what is wrong with it
// (k8s.io/apiserver/pkg/endpoints/handlers/patch.go).
func withoutQuotedObject(text string) string {
	const begin = `Invalid value: "{`
	at := strings.Index(text, begin)
	if at < 0 {
		return text
	}
	quoted := text[at+len(begin)-1:]
	for i := 0; i < len(quoted); i++ {
		switch quoted[i] {
		case '\\':
			i++
		case '"':
			return text[:at] + "Invalid value" + quoted[i+1:]
		}
	}
	return text
}
