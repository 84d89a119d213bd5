package suite

import (
	"regexp"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// demoIncidents are what goes wrong in the demo, in this order, as triage says it.
var demoIncidents = []struct {
	object string
	says   *regexp.Regexp
}{
	{"deployment shop/checkout", regexp.MustCompile(`✖ deployment shop/checkout .*ready: app .*exit 3`)},
	{"deployment shop/web", regexp.MustCompile(`deployment shop/web .*secret "db" not found`)},
	{"node simulated-0001", regexp.MustCompile(`✖ node simulated-0001 .*NotReady`)},
}

// TestTheDemoOpensOnTriage plays the demo as it opens: triage finds each of its incidents
// while it plays, and none of them before and after.
func TestTheDemoOpensOnTriage(t *testing.T) {
	f := openWith(t, "/does/not/exist", screen.Options{Columns: 120, Rows: 40}, "demo")
	f.WaitFor("■ tape", demoLimit)
	f.Keys("space") // However slow this machine is, it looks at the beginning.
	shot := f.WaitFor("legacy-api", demoLimit)
	for _, incident := range demoIncidents {
		if shot.Contains(incident.object) {
			t.Errorf("it begins with %s\n%s", incident.object, shot)
		}
	}
	f.Keys("space", "+")
	f.WaitFor("×10", demoLimit)
	for _, incident := range demoIncidents {
		f.WaitFor(incident.says, demoLimit)
	}
	for _, incident := range demoIncidents {
		f.WaitGone(incident.object, demoLimit)
	}
}
