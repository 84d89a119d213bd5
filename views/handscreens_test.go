package views

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// dryRuns answers patches as a dry run does: with the object as it would be. Deletions are refused.
func dryRuns(t *testing.T, server *kubetest.Server) { server.Intercept(dryRun(t, server)) }

func dryRun(t *testing.T, server *kubetest.Server) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		switch r.Method {
		case http.MethodDelete:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,`+
				`"message":"admission webhook \"guard.example.com\" denied the request: not on a Friday"}`)
			return true
		case http.MethodPatch:
		default:
			return false
		}
		ask := r.Clone(r.Context())
		ask.Method, ask.Body = http.MethodGet, http.NoBody
		ask.URL.Path, ask.URL.RawQuery = strings.TrimSuffix(r.URL.Path, "/scale"), ""
		res, err := server.API.RoundTrip(ask)
		if err != nil {
			t.Error(err)
			return false
		}
		object, err := io.ReadAll(res.Body)
		if err != nil {
			t.Error(err)
		}
		change, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		patch, err := jsonpatch.DecodePatch(change)
		if err != nil {
			t.Error(err)
			return false
		}
		patched, err := patch.Apply(object)
		if err != nil {
			t.Error(err)
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, bytes.NewReader(patched))
		return true
	}
}

// address is where a test's server is, which is another place each time.
var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// TestHandScreens draws what stands between a person and a change.
func TestHandScreens(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	dryRuns(t, server)
	s := writableSession(t, server)
	s.Namespace = "shop"
	s.Hands.Journal = journal.Open("", func() time.Time { return screenNow })
	rows := look(t, Objects(s, deployments))
	rows.until(120, 30, "checkout", "v1.36.3")
	targets, _ := rows.view.(*table).targets()
	effect := func(name, text string) effects.Effect {
		offer, _ := effects.Named(name)
		e, err := offer.Make(targets[0], text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	journaledAs(t, s, effect("pause", ""), journal.Done)
	journaledAs(t, s, effect("delete", ""), journal.Failed)
	ruled := *s
	ruled.Rules = effects.Rules{
		{Effects: []string{"scale", "pause", "delete", "edit", "debug"}, Deny: true, Why: "platform team only"},
		{Effects: []string{"label"}, Type: true, Reason: true},
	}
	shell, err := s.Hands.Begin(t.Context(), "shell", "shell of shop/checkout-1 in "+s.Cluster.Name(),
		"incident 7: too slow", targets[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.End(nil, false); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		view  ui.View
		until string
	}{
		{"menu under rules", newMenu(&ruled, targets), "nothing happens before"},
		{"review under rules", newReview(&ruled, []effects.Effect{effect("label", "tier=front")}), "tier: front"},
		{"review denied by a rule", newReview(&ruled, []effects.Effect{effect("pause", "")}), "paused: true"},
		{"menu", newMenu(s, targets), "nothing happens before"},
		{"review", newReview(s, []effects.Effect{effect("label", "tier=front")}), "tier: front"},
		{"review refused", newReview(s, []effects.Effect{effect("delete", "")}), "admission webhook"},
		{"journal", newJournalView(s), "pause deployment"},
	} {
		p := look(t, c.view)
		p.until(80, 24, c.until)
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, address.ReplaceAllString(p.draw(size[0], size[1]), "127.0.0.1:PORT"))
			})
		}
	}
}

// journaledAs puts an effect into the journal of a session.
func journaledAs(t *testing.T, s *Session, e effects.Effect, outcome journal.Outcome) {
	t.Helper()
	entry, err := s.Hands.Journal.Begin(journal.Entry{
		Context: s.Cluster.Name(), Effect: e.Name, Words: e.String(),
		Object: journal.Object{Group: "apps", Version: "v1", Resource: "deployments", Kind: "Deployment", Name: e.Ref.Name},
	})
	if err != nil {
		t.Fatal(err)
	}
	var failure error
	if outcome == journal.Done {
		entry.Undoes, entry.Changes = true, []journal.Change{{Path: "/spec/paused", After: true}}
	} else {
		failure = errors.New(`admission webhook "guard.example.com" denied the request: not on a Friday`)
	}
	if err := s.Hands.Journal.End(entry, failure, false); !errors.Is(err, failure) {
		t.Fatal(err)
	}
}
