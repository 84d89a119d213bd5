package views

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const actJumpTo ui.Action = "go-to-time"

// timesWords say what the key for times does next.
var timesWords = map[logbuf.Times]string{
	logbuf.NoTimes: "timestamps", logbuf.Clock: "times ago", logbuf.Ago: "times between", logbuf.Delta: "no timestamps",
}

// moment reads a time: "-15m", or one of the clock in UTC, which was today or yesterday, or
// as RFC 3339 has it.
func moment(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "@"))
	if ago, found := strings.CutPrefix(text, "-"); found {
		if d, err := time.ParseDuration(ago); err == nil {
			return now.Add(-d), nil
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if at, err := time.Parse(layout, strings.TrimSuffix(text, "Z")); err == nil {
			if at = dayTime(now.UTC(), at); at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
			return at, nil
		}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time, such as 14:02, 14:02:11 or -15m", text)
}

// atTop reports whether an action wants to go up from the oldest line.
func (v *logs) atTop(action ui.Action) bool {
	switch action {
	case ui.Up, ui.PageUp, ui.HalfUp, ui.Top:
		return v.Len() > 0 && !v.pager.Follow && v.pager.Top() == 0 && v.pager.Cursor() == 0 && v.subject.session.Saved == ""
	}
	return false
}

// readBack reads again, from further back, and stays where it is.
func (v *logs) readBack() ui.Intent {
	w, ok := v.window.wider(v.subject.session.Now())
	switch {
	case v.buffer.Dropped() > 0:
		return ui.Say{Text: "older lines do not fit beside the newer ones; S chooses a window", Role: themes.Muted}
	case !ok || v.reading > 0 && !v.answered:
		return ui.Say{Text: "nothing older is left of this log", Role: themes.Muted}
	}
	at := v.shown(0).Time
	v.window = w
	intents := v.start()
	v.back, v.pager.Follow = at, false
	return append(intents, ui.Say{Text: "reading further back: " + w.name, Role: themes.Waiting})
}

// returnTo keeps the line in sight from which older ones are read.
func (v *logs) returnTo() {
	if v.back.IsZero() {
		return
	}
	i := sort.Search(v.Len(), func(i int) bool { return !v.shown(i).Time.Before(v.back) })
	if i < v.Len() {
		v.pager.GoTo(i, v)
	}
}

// onset is since when what the logs are of is broken; zero if it is not, or that is not known.
func (v *logs) onset() time.Time {
	if v.subject.session.Triage == nil {
		return time.Time{}
	}
	verdict := v.subject.session.Triage.Verdict()
	var refs []kinds.Ref
	for _, s := range v.subjects() {
		refs = append(refs, s.ref())
	}
	for _, s := range v.streams {
		refs = append(refs, s.pod.Ref())
	}
	for _, ref := range refs {
		if f, _ := findingOf(verdict, ref); f != nil && !f.Since.IsZero() {
			return f.Since
		}
	}
	return time.Time{}
}

// onsetWord stands for the time at which the trouble began.
const onsetWord = "onset"

// askTime asks for a time to go to. When the trouble began is there to be taken.
func (v *logs) askTime() ui.Intent {
	p := ui.Prompt{Name: string(actJumpTo), Label: "go to 14:02 (UTC) or -15m: "}
	if !v.onset().IsZero() {
		p.Label, p.Text = "go to 14:02 (UTC), -15m or onset: ", onsetWord
	}
	return p
}

// jumpTo puts the cursor on the first line from a time on.
func (v *logs) jumpTo(text string) ui.Intent {
	at, err := moment(text, v.subject.session.Now())
	if strings.EqualFold(strings.Trim(text, " @"), onsetWord) {
		if at, err = v.onset(), nil; at.IsZero() {
			return ui.Say{Text: "nothing is known to be broken here, or since when", Role: themes.Muted}
		}
	}
	if err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Failing}
	}
	i := sort.Search(v.Len(), func(i int) bool { return !v.shown(i).Time.Before(at) })
	if v.Len() == 0 {
		return ui.Say{Text: "no lines yet", Role: themes.Muted}
	}
	v.pager.Follow, v.pager.Select = false, true
	v.pager.GoTo(i, v)
	clock := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
	switch first := v.shown(0).Time; {
	case i == v.Len():
		return ui.Say{Text: "no line from " + clock(at) + " on; this is the last", Role: themes.Waiting}
	case i == 0 && first.After(at):
		return ui.Say{Text: "the oldest line here is of " + clock(first) + "; S reads further back", Role: themes.Waiting}
	}
	return nil
}
