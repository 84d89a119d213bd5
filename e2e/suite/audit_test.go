package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// writeNamespace is how the namespaces begin in which tests of write mode change objects, and the
// names of what has no namespace: nothing else may fathom change in the whole suite.
const writeNamespace = "fathom-write"

// auditFrom is how long the audit log was when the suite began.
var auditFrom int64

// request is a line of the API server's audit log (k8s.io/apiserver/pkg/apis/audit/v1.Event).
type request struct {
	AuditID    string `json:"auditID"`
	Verb       string `json:"verb"`
	UserAgent  string `json:"userAgent"`
	RequestURI string `json:"requestURI"`
	ObjectRef  *struct {
		Resource, Subresource, Namespace, Name string
	} `json:"objectRef"`
	ResponseStatus struct{ Code int }        `json:"responseStatus"`
	User           struct{ Username string } `json:"user"`
	Received       time.Time                 `json:"requestReceivedTimestamp"`
}

// writes lists the requests of fathom since the suite began that were not reads.
func writes() ([]request, error) {
	log, err := os.ReadFile(world.cluster.AuditLog)
	if err != nil {
		return nil, err
	}
	if int64(len(log)) < auditFrom {
		return nil, fmt.Errorf("%s was %d bytes long and is %d: what is missing was not looked at", world.cluster.AuditLog,
			auditFrom, len(log))
	}
	var found []request
	reads := []string{"get", "list", "watch"}
	for line := range bytes.Lines(log[auditFrom:]) {
		if !bytes.Contains(line, []byte(`"userAgent":"fathom/`)) {
			continue
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", world.cluster.AuditLog, err)
		}
		asks := r.ObjectRef != nil && strings.HasPrefix(r.ObjectRef.Resource, "selfsubject")
		dry := strings.Contains(r.RequestURI, "dryRun=All")
		if (!slices.Contains(reads, r.Verb) || opensStream(r.RequestURI)) && !asks && !dry {
			found = append(found, r)
		}
	}
	return found, nil
}

// opensStream reports whether a request, which may be a GET, opens a stream to a container.
func opensStream(uri string) bool {
	path, _, _ := strings.Cut(uri, "?")
	for _, subresource := range []string{"/exec", "/attach", "/portforward"} {
		if strings.HasSuffix(path, subresource) {
			return true
		}
	}
	return false
}

// readOnlyKept returns an error when fathom has changed anything other than what the
// test of --write made for it.
func readOnlyKept() error {
	if world.cluster.AuditLog == "" {
		return nil
	}
	all, err := writes()
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ObjectRef == nil || !strings.HasPrefix(r.ObjectRef.Namespace, writeNamespace) &&
			(r.ObjectRef.Namespace != "" || !strings.HasPrefix(r.ObjectRef.Name, writeNamespace)) {
			return fmt.Errorf("fathom changed the cluster: %s %s", r.Verb, r.RequestURI)
		}
	}
	return nil
}

// beginAudit remembers where the suite's part of the audit log begins.
func beginAudit() error {
	if world.cluster.AuditLog == "" {
		return nil
	}
	info, err := os.Stat(world.cluster.AuditLog)
	if err != nil {
		return err
	}
	auditFrom = info.Size()
	return nil
}
