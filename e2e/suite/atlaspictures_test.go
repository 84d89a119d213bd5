package suite

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// atlasLook is the atlas as one column, each part on a line. What the shop and the tests
// beside this one are busy with is not part of the picture.
var atlasLook = look{
	masks: []mask{
		anyHeader,
		masked(`(\S) ·( |$)`, "$1 "), // it is left out where a line ends
		masked(`( [●▲✖◌]) (deployments|statefulsets|daemonsets|jobs|cronjobs|pods|claims|namespaces)  `, " ? $2  "),
		masked(`\d+ (all well|all bound|\d+ on their way|\d+ not well: .*?)( only in \S+)?$`, "HOW MANY$2"),
		masked(`✖ not well: ((deployments|statefulsets|jobs|pods|claims|namespaces),? ?)*`, "✖ not well: "),
		masked(`answers in (\w+ )?[\d.]+ m?s`, "answers in TIME"),
		masked(`[A-Z][\w/ ]+ \d+ \(\w+\) ×`, "SYSTEM ×"),
		masked(`plugins: .* and \d+ more`, "plugins: SOME and more"), // those that had something to do
		masked(`\b(amd64|arm64)\b`, "ARCHITECTURE"),
		masked(`-fc-v\d+`, ""),
		// Long words are cut, and the name of a sandbox with them.
		masked(`system:serviceaccount:sandbox[-\w ]+:visitor`, "system:serviceaccount:SANDBOX:visitor"),
		masked(`system:serviceaccounts:sandbox[-\w ]+,`, "system:serviceaccounts:SANDBOX,"),
	},
	lines: func(shot screen.Screen) []string { return unwrapped(stacked(rowsOfScreen(shot)), atlasIndent) },
}

// atlasIndent is where the text of a part goes on in the next line.
const atlasIndent = 20

var layerHead = regexp.MustCompile(`\b(PHYSICAL|LOGICAL|INTERFACE|FUNCTION|SECURITY)  `)

// stacked puts the columns of an atlas below each other. They begin where the heads of the
// layers stand that share a row.
func stacked(lines []string) []string {
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "PHYSICAL ") })
	if at < 0 {
		return lines
	}
	foot := len(lines) - 1
	var begins []int
	for _, found := range layerHead.FindAllStringIndex(lines[at], -1) {
		begins = append(begins, len([]rune(lines[at][:found[0]])))
	}
	out := unwrapped(slices.Clone(lines[:at]), 3)
	for i, begin := range begins {
		for _, line := range lines[at:foot] {
			cells := []rune(line)
			end := len(cells)
			if i+1 < len(begins) {
				end = min(end, begins[i+1])
			}
			if cell := strings.TrimRight(string(cells[min(begin, end):end]), " "); cell != "" {
				out = append(out, cell)
			}
		}
	}
	return append(out, lines[foot])
}

// pictureAtlas opens the atlas at each width and compares it.
func pictureAtlas(t *testing.T, name, kubeconfig, ready string, args ...string) {
	t.Helper()
	atWidths(t, func(t *testing.T, options screen.Options) {
		f := openWith(t, kubeconfig, options, args...)
		f.WaitFor(ready, limit)
		goTo(f, "atlas")
		comparePicture(t, f, name, atlasLook)
	})
}

func TestPictureOfTheAtlas(t *testing.T) {
	pictureAtlas(t, "atlas", world.cluster.Kubeconfig, "● live")
}

func TestPictureOfTheAtlasWithBrokenParts(t *testing.T) {
	breakParts(t, sandbox(t))
	pictureAtlas(t, "atlas-broken", world.cluster.Kubeconfig, "● live")
}

// TestPictureOfTheAtlasForAVisitor is for somebody who may read one namespace.
func TestPictureOfTheAtlasForAVisitor(t *testing.T) {
	pictureAtlas(t, "atlas-visitor", visitor(t, sandbox(t)), "● live")
}

func TestPictureOfTheAtlasOfADump(t *testing.T) {
	path := dumpShapes[0].take(t, nil)
	pictureAtlas(t, "atlas-dump", "/does/not/exist", "db-0", "open", path, "pods", "-n", "shop")
}

// TestPictureOfTheAtlasOfATape is of the demo before anything breaks in it.
func TestPictureOfTheAtlasOfATape(t *testing.T) {
	atWidths(t, func(t *testing.T, options screen.Options) {
		f := openWith(t, "/does/not/exist", options, "demo", "pods", "-A")
		f.WaitFor("two things are broken: enter tells why", demoLimit)
		f.Keys("space")
		f.WaitFor("paused", limit)
		goTo(f, "atlas")
		comparePicture(t, f, "atlas-tape", atlasLook)
	})
}

// TestPictureOfExplain compares the fields of a resource, and those of an object with its
// values beside them.
func TestPictureOfExplain(t *testing.T) {
	for _, c := range []struct{ name, args, keys string }{
		{"explain", "explain deployments", "j"},
		{"explain-field", "explain deploy.spec.strategy", ""},
		{"explain-object", "deployment/web -n shop", "i"},
		{"explain-object-unfolded", "ingress/shop -n shop", "ia"},
	} {
		t.Run(c.name, func(t *testing.T) {
			atWidths(t, func(t *testing.T, options screen.Options) {
				f := openWith(t, world.cluster.Kubeconfig, options, strings.Fields(c.args)...)
				f.WaitFor("● live", limit)
				f.Type(c.keys)
				comparePicture(t, f, c.name, look{masks: []mask{anyHeader}})
			})
		})
	}
}
