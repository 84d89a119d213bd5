package views

import (
	"cmp"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// expiresSoon is how long before its end a certificate should have been renewed: what
// renews them does so weeks before.
const expiresSoon = 7 * 24 * time.Hour

// dated adds to a fact how far its times are away, and judges it by them.
func (v *overview) dated(fact *kinds.Fact, now time.Time) {
	var words []string
	if fact.Value != "" {
		words = append(words, fact.Value)
	}
	if !fact.Begins.IsZero() {
		words = append(words, v.moment(fact.Begins, now))
		if fact.Begins.After(now) {
			words, fact.Level = append(words, "not valid yet"), kinds.Failing
		}
	}
	if !fact.Ends.IsZero() {
		at := v.moment(fact.Ends, now)
		switch left := fact.Ends.Sub(now); {
		case left <= 0:
			at, fact.Level = at+", expired", kinds.Failing
		case left < expiresSoon:
			fact.Level = max(fact.Level, kinds.Degraded)
		}
		if fact.Value != "" {
			at = "expires " + at
		}
		words = append(words, at)
	}
	fact.Value = strings.Join(words, ", ")
}

// nextRun says when a CronJob runs next, in the time zone of its schedule; "" for other
// kinds, for one that is suspended, and for a schedule that this program cannot read.
func (v *overview) nextRun(now time.Time) string {
	r := v.subject.record
	if r.Kind != kinds.CronJob || cellText(r, "SUSPEND") == "True" {
		return ""
	}
	zone := strings.TrimSuffix(cellText(r, "TIMEZONE"), "<none>")
	next := triage.NextRun(cellText(r, "SCHEDULE"), zone, now)
	if next.IsZero() {
		return ""
	}
	day := ""
	if next.Sub(now) >= 24*time.Hour {
		day = next.Format(time.DateOnly) + " "
	}
	return v.ago(next, now) + " (" + day + next.Format("15:04") + " " + cmp.Or(zone, "UTC") + ")"
}

// moment is a time and how far it is away: "2026-05-01T12:00:00Z, in 30d".
func (v *overview) moment(at, now time.Time) string {
	away := v.ago(at, now)
	if !strings.HasPrefix(away, "in ") {
		away += " ago"
	}
	return at.UTC().Format(time.RFC3339) + ", " + away
}
