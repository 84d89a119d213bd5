package triage

import (
	"encoding/json"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// The JSON form of a verdict, which docs/triage.md describes. Fields may be added, never
// renamed.
type (
	verdictJSON struct {
		Cluster  string         `json:"cluster"`
		At       time.Time      `json:"at"`
		Complete bool           `json:"complete"`
		Coverage []coverageJSON `json:"coverage"`
		Findings []findingJSON  `json:"findings"`
	}
	coverageJSON struct {
		Kind    string `json:"kind"`
		Judged  int    `json:"judged"`
		Of      int    `json:"of"` // -1: not known
		Missing string `json:"missing,omitempty"`
		// The only namespace that was looked at.
		Namespace string `json:"namespace,omitempty"`
	}
	objectJSON struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace,omitempty"`
		Name      string `json:"name"`
	}
	findingJSON struct {
		ID           string         `json:"id"`
		Severity     string         `json:"severity"`
		Settling     bool           `json:"settling"`
		Object       objectJSON     `json:"object"`
		Rule         string         `json:"rule"`
		Reason       string         `json:"reason"`
		Since        *time.Time     `json:"since"` // null: not known
		SinceAtLeast bool           `json:"sinceAtLeast"`
		Flapping     bool           `json:"flapping,omitempty"`
		Evidence     []evidenceJSON `json:"evidence"`
		Affects      []affectedJSON `json:"affects"`
		Folded       []foldedJSON   `json:"folded"`
		Links        []linkJSON     `json:"links"`
		Chain        []stepJSON     `json:"chain"`
		Changes      []changeJSON   `json:"changes"`
	}
	evidenceJSON struct {
		Object objectJSON `json:"object"`
		Field  string     `json:"field"`
		Text   string     `json:"text"`
	}
	affectedJSON struct {
		objectJSON
		Effect string `json:"effect"`
		Reason string `json:"reason"`
	}
	foldedJSON struct {
		objectJSON
		Reason string `json:"reason"`
		Why    string `json:"why"`
	}
	linkJSON struct {
		To  objectJSON `json:"to"`
		Why string     `json:"why"`
	}
	stepJSON struct {
		Object objectJSON `json:"object"`
		Word   string     `json:"word"`
		Text   string     `json:"text"`
	}
	changeJSON struct {
		Object objectJSON `json:"object"`
		At     time.Time  `json:"at"`
		Who    string     `json:"who"`
		Text   string     `json:"text"`
	}
)

// WriteJSON writes a verdict about a cluster in its documented form.
func (v *Verdict) WriteJSON(w io.Writer, cluster string) error {
	out := verdictJSON{Cluster: kinds.Clean(cluster), At: v.At.UTC(), Complete: v.Complete, Coverage: []coverageJSON{},
		Findings: []findingJSON{}}
	for _, c := range v.Coverage {
		out.Coverage = append(out.Coverage, coverageJSON(c))
	}
	for _, f := range v.Findings {
		out.Findings = append(out.Findings, f.json())
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

func refJSON(r kinds.Ref) objectJSON { return objectJSON{r.Kind, r.Namespace, r.Name} }

func (f *Finding) json() findingJSON {
	out := findingJSON{
		ID: f.ID, Severity: f.Severity.String(), Settling: f.Settling, Object: refJSON(f.Object), Rule: f.Rule,
		Reason: f.Reason, SinceAtLeast: f.AtLeast, Flapping: f.Flapping, Evidence: []evidenceJSON{},
		Affects: []affectedJSON{}, Folded: []foldedJSON{}, Links: []linkJSON{}, Chain: []stepJSON{}, Changes: []changeJSON{},
	}
	if !f.Since.IsZero() {
		since := f.Since.UTC()
		out.Since = &since
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, evidenceJSON{refJSON(e.Object), e.Field, e.Text})
	}
	for _, a := range f.Affects {
		out.Affects = append(out.Affects, affectedJSON{refJSON(a.Object), a.Effect.String(), a.Reason})
	}
	for _, s := range f.Folded {
		out.Folded = append(out.Folded, foldedJSON{refJSON(s.Object), s.Reason, s.Why})
	}
	for _, l := range f.Links {
		out.Links = append(out.Links, linkJSON{refJSON(l.To), l.Why})
	}
	for _, s := range f.Chain {
		out.Chain = append(out.Chain, stepJSON{refJSON(s.Object), s.Word, s.Text})
	}
	for _, c := range f.Changes {
		out.Changes = append(out.Changes, changeJSON{refJSON(c.Object), c.At.UTC(), c.Who, c.Text})
	}
	return out
}
