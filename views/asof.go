package views

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// step goes to an older version of the object (1) or a newer one (-1).
func (v *object) step(older int) ui.Intent {
	s := v.subject
	if s.record == nil {
		return nil
	}
	versions := s.session.Cluster.History().Versions(s.ref())
	at := slices.IndexFunc(versions, func(one *history.Version) bool {
		return one.ResourceVersion == s.record.ResourceVersion
	})
	to := at + older
	switch {
	case older < 0 && s.asOf == nil:
		return ui.Say{Text: "this is the newest version", Role: themes.Muted}
	case to >= len(versions), older > 0 && at < 0:
		return ui.Say{Text: "no older version is kept", Role: themes.Muted}
	case to <= 0:
		s.asOf = nil
		s.deleted = time.Time{}
		if record := s.listing.Get(s.namespace, s.name); record != nil {
			s.record = record
		} else {
			s.vanish()
		}
		return v.updateTabs(subjectChanged{})
	}
	record, err := s.session.Cluster.Past(versions[to])
	if err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Degraded}
	}
	s.asOf, s.until, s.record = versions[to], versions[to-1].At, record
	return v.updateTabs(subjectChanged{})
}

// asOfWords names the version that is looked at. What was there when the program began to
// look has no time of its own.
func (s *subject) asOfWords(now time.Time) string {
	if at := s.asOf.At; !at.IsZero() {
		return "as of " + at.In(now.Location()).Format("15:04:05")
	}
	return "before " + s.until.In(now.Location()).Format("15:04:05")
}

// asOfNote says what a tab shows of the time that is looked at; nil for the newest version.
func (v *object) asOfNote(f ui.Frame) []ui.Line {
	if v.subject.asOf == nil {
		return nil
	}
	words := v.subject.asOfWords(f.Now) + ": "
	role := themes.Muted
	if back := v.specs[v.current].goesBack; back != "" {
		words += back
	} else {
		words, role = "this tab is live: it does not show what was "+v.subject.asOfWords(f.Now), themes.Degraded
	}
	return []ui.Line{{{Text: " " + words, Role: role}}}
}

// wasSeen reports whether an event had been seen when the version that is looked at was
// there.
func (s *subject) wasSeen(event *kinds.Record) bool {
	if s.asOf == nil {
		return true
	}
	first, ok := event.Cells[firstSeen].Moment()
	return !ok || !first.After(s.until)
}

var firstSeen = kinds.Event.Column("FIRST SEEN")
