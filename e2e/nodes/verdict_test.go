package nodes

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// limit is how long Kubernetes may take to show a fault, and to get over it.
const limit = 3 * time.Minute

// verdict is what scripts read of `fathom triage -o json`.
type verdict struct {
	Complete bool
	Findings []finding
}

type finding struct {
	Severity, Reason string
	Object           struct{ Kind, Namespace, Name string }
	Folded           []struct{ Kind, Name string }
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %s/%s: %s, with %v", f.Severity, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Reason,
		f.Folded)
}

// says waits until triage has a row of this object whose reason matches.
func says(t *testing.T, kind, namespace, name, reason string) finding {
	t.Helper()
	var found finding
	until(t, fmt.Sprintf("%s %s: %s", kind, name, reason), func(findings []finding) bool {
		i := slices.IndexFunc(findings, func(f finding) bool {
			return slices.Contains(strings.Split(kind, "|"), f.Object.Kind) && f.Object.Namespace == namespace &&
				regexp.MustCompile(`^(?:`+name+`)$`).MatchString(f.Object.Name) && regexp.MustCompile(reason).MatchString(f.Reason)
		})
		if i >= 0 {
			found = findings[i]
		}
		return i >= 0
	})
	return found
}

// calm waits until triage says nothing but notices of the namespace and of nodes.
func calm(t *testing.T, namespace string) {
	t.Helper()
	until(t, "nothing is wrong", func(findings []finding) bool {
		return !slices.ContainsFunc(findings, func(f finding) bool {
			return f.Severity != "notice" && (f.Object.Namespace == namespace || f.Object.Kind == "Node")
		})
	})
}

func until(t *testing.T, what string, shown func([]finding) bool) {
	t.Helper()
	var findings []finding
	err := wait.PollUntilContextTimeout(context.WithoutCancel(t.Context()), time.Second, limit, true,
		func(context.Context) (bool, error) {
			out, problems, code := run(t, "", world.fathom, "triage", "-o", "json", "-A")
			var v verdict
			if err := json.Unmarshal([]byte(out), &v); err != nil {
				return false, fmt.Errorf("triage: exit %d: %w: %s %s", code, err, out, problems)
			}
			findings = v.Findings
			return v.Complete && shown(findings), nil
		})
	if err != nil {
		var lines strings.Builder
		for _, f := range findings {
			fmt.Fprintln(&lines, f)
		}
		t.Fatalf("waited for triage to say %s: %v; it says\n%s", what, err, &lines)
	}
}

// shows reports it when fathom's tree of an object has no line that matches.
func shows(t *testing.T, namespace, object, line string) {
	t.Helper()
	if got := tree(t, namespace, object); !regexp.MustCompile(line).MatchString(got) {
		t.Errorf("no line of the tree of %s matches %s:\n%s", object, line, got)
	}
}

// tree returns fathom's tree of an object.
func tree(t *testing.T, namespace, object string) string {
	t.Helper()
	out, problems, code := run(t, "", world.fathom, "--once", "-n", namespace, "tree", object)
	if code != 0 {
		t.Fatalf("tree %s: exit %d: %s", object, code, problems)
	}
	return out
}
