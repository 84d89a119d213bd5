package plain

import (
	"regexp"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// refusals are how the API server says what a policy or a webhook refuses: its name, and its own words
// (k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go and plugin/webhook/errors/statuserror.go).
var refusals = []struct {
	by   string
	says *regexp.Regexp
}{
	{"policy", regexp.MustCompile(`ValidatingAdmissionPolicy '([^']+)' (?:with binding '[^']*' )?denied request: ([^\n]+)`)},
	{"webhook", regexp.MustCompile(`admission webhook "([^"]+)" denied the request: ([^\n]+)`)},
}

// Refusal is what a policy or a webhook says, and then its name, by the text of an error, which is all that some
// clients keep; "" if it is about anything else. It is clean. Any goroutine may call it.
func Refusal(text string) string {
	for _, r := range refusals {
		if found := r.says.FindStringSubmatch(text); found != nil {
			return kinds.Clean(found[2] + " (" + r.by + " " + found[1] + ")")
		}
	}
	return ""
}
