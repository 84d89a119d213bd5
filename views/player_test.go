package views

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// fakePlayer notes what it is asked for.
type fakePlayer struct {
	state PlayerState
	asked []string
	to    time.Time
}

func (p *fakePlayer) State() PlayerState { return p.state }
func (p *fakePlayer) Toggle()            { p.asked = append(p.asked, "toggle") }
func (p *fakePlayer) Faster()            { p.asked = append(p.asked, "faster") }
func (p *fakePlayer) Slower()            { p.asked = append(p.asked, "slower") }
func (p *fakePlayer) NextChange()        { p.asked = append(p.asked, "next") }
func (p *fakePlayer) PreviousChange()    { p.asked = append(p.asked, "previous") }
func (p *fakePlayer) NextFinding()       { p.asked = append(p.asked, "next finding") }
func (p *fakePlayer) PreviousFinding()   { p.asked = append(p.asked, "previous finding") }
func (p *fakePlayer) Seek(to time.Time)  { p.to = to }
func (p *fakePlayer) Watch() ui.Source   { return &quiet{} }

type quiet struct{}

func (*quiet) Next(context.Context) (ui.Msg, error) { return nil, io.EOF }

func clockAt(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-11-23 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// TestKeysOfARecording holds that in a recording its keys move it, in every
// root view, and mean nothing else there.
func TestKeysOfARecording(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	isPlay := func(k ui.Key) bool { return k.Action == actPlay }
	for name, view := range rootViews(t, s) {
		if slices.ContainsFunc(view.Keys(), isPlay) {
			t.Errorf("%s: a live cluster is played", name)
		}
	}
	player := &fakePlayer{}
	s.Player = player
	moves := map[string]ui.Action{
		"space": actPlay, ",": actPreviousChange, ".": actNextChange, "<": actPreviousFinding, ">": actNextFinding,
		"+": actFaster, "-": actSlower,
	}
	for name, view := range rootViews(t, s) {
		bound := map[string][]ui.Action{}
		for _, k := range view.Keys() {
			for _, key := range k.Keys {
				bound[key] = append(bound[key], k.Action)
			}
		}
		for key, action := range moves {
			if got := bound[key]; !slices.Equal(got, []ui.Action{action}) {
				t.Errorf("%s: %q is bound to %v, want %s", name, key, got, action)
			}
			if got := view.Update(ui.Do{Action: action, Key: key}); got != (play{player, action}) {
				t.Errorf("%s: %q wants %v", name, key, got)
			}
		}
	}
}

// TestPlayMovesThePlayer executes every move.
func TestPlayMovesThePlayer(t *testing.T) {
	player := &fakePlayer{}
	for _, k := range playerKeys {
		play{player, k.Action}.Execute()
	}
	want := []string{"toggle", "previous", "next", "previous finding", "next finding", "faster", "slower"}
	if !slices.Equal(player.asked, want) {
		t.Errorf("asked for %q, want %q", player.asked, want)
	}
}

func TestHeaderOfARecording(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	state := PlayerState{Start: clockAt("13:40:00"), End: clockAt("14:02:00"), Position: clockAt("13:55:58"), Speed: 1}
	header := func(change func(*PlayerState)) string {
		p := state
		change(&p)
		s.Player = &fakePlayer{state: p}
		h := s.header(clockAt("13:55:58"), kube.State{Phase: kube.Live})
		return h.Freshness.String()
	}
	for want, change := range map[string]func(*PlayerState){
		"■ tape 13:40–14:02 at 13:55:58":        func(*PlayerState) {},
		"■ tape 13:40–14:02 at 13:55:58 paused": func(p *PlayerState) { p.Paused = true },
		"■ tape 13:40–14:02 at 13:55:58 ×30":    func(p *PlayerState) { p.Speed = 30 },
		"■ tape 13:40–14:02 at 13:55:58 end":    func(p *PlayerState) { p.AtEnd, p.Paused = true, true },
		"■ tape Nov 23 13:40–Nov 24 01:00 at Nov 23 13:55:58": func(p *PlayerState) {
			p.End = clockAt("13:00:00").Add(12 * time.Hour)
		},
		"✖ tape at 13:55:58 (the tape was changed)": func(p *PlayerState) {
			p.Err = errors.New("the tape was changed")
		},
	} {
		if got := header(change); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	cut := PlayerState{
		Start:    clockAt("13:40:00"),
		End:      clockAt("14:02:11"),
		Position: clockAt("13:55:58"),
		Speed:    1,
		Cut:      true,
	}
	s.Player = &fakePlayer{state: cut}
	h := s.header(clockAt("13:55:58"), kube.State{Phase: kube.Live})
	if h.Facts[len(h.Facts)-1].Text != "cut at 14:02:11" {
		t.Errorf("a tape that was cut: %q", h.Facts)
	}
	cut.AtEnd, cut.Position = true, cut.End
	s.Player = &fakePlayer{state: cut}
	if h := s.header(clockAt("14:02:11"),
		kube.State{Phase: kube.Live}); h.Freshness.String() != "■ tape 13:40–14:02 at 14:02:11 cut here" ||
		strings.Contains(h.Facts.String(), "cut at") {
		t.Errorf("where it was cut: %+v", h)
	}
	s.Player, s.Saved, s.Lost = nil, "dump 2026-11-23 14:02", 3
	h = s.header(clockAt("14:02:00"), kube.State{Phase: kube.Live})
	if h.Freshness[0].Text != "■ dump 2026-11-23 14:02" ||
		!slices.Contains(h.Facts, ui.Span{Text: "3 not read", Role: themes.Degraded}) ||
		!slices.Contains(h.Facts, ui.Span{Text: "read-only", Role: themes.Muted}) {
		t.Errorf("a dump: %+v", h)
	}
	if h := s.header(clockAt("14:02:00"), kube.State{Phase: kube.Denied}); !strings.Contains(h.Freshness[0].Text,
		"forbidden") {
		t.Errorf("what goes wrong is hidden: %+v", h.Freshness)
	}
}

// TestWordsOfAStep shows what changed where a key has led until the next key, and then what the
// recording says of the moment.
func TestWordsOfAStep(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Player = &fakePlayer{state: PlayerState{Start: clockAt("13:40:00"), End: clockAt("14:02:00"),
		Position: clockAt("13:55:58"), Paused: true, Mark: "the release begins", Step: "pod web: CrashLoopBackOff"}}
	view := Objects(s, Pods(s.Cluster))
	for _, c := range []struct {
		action ui.Action
		want   string
	}{
		{actNextFinding, "pod web: CrashLoopBackOff"},
		{ui.Down, "the release begins"},
		{ui.Up, "the release begins"},
		{actPreviousChange, "pod web: CrashLoopBackOff"},
	} {
		view.Update(ui.Do{Action: c.action})
		if got := view.Header(s.Now()).Note; got != c.want {
			t.Errorf("after %s: %q, want %q", c.action, got, c.want)
		}
	}
}

func TestJumpByTime(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	player := &fakePlayer{state: PlayerState{Start: clockAt("23:40:00"), End: clockAt("23:40:00").Add(time.Hour)}}
	if len(s.timeChoices("13:55")) > 0 {
		t.Error("a live cluster has times to go to")
	}
	s.Player = player
	for query, want := range map[string]time.Time{
		"23:55": clockAt("23:55:00"), "23:55:58": clockAt("23:55:58"), "0:10": clockAt("00:10:00").AddDate(0, 0,
			1), "00:10:30": clockAt("00:10:30").AddDate(0, 0, 1),
	} {
		choices := Choices(Objects(s, Pods(s.Cluster)), query)
		if len(choices) == 0 || choices[0].Name != query {
			t.Fatalf("%s: %+v", query, choices)
		}
		if choices[0].Then.(ui.Command).Execute(); !player.to.Equal(want) {
			t.Errorf("%s goes to %s", query, player.to)
		}
	}
	for _, query := range []string{"24:00", "13:60", "pods", "1", ":", "12:3"} {
		if choices := s.timeChoices(query); len(choices) > 0 {
			t.Errorf("%q is a time: %+v", query, choices)
		}
	}
}

// TestLogsThatWereNotSaved opens the log of a container of which a recording and a dump have none.
func TestLogsThatWereNotSaved(t *testing.T) {
	for want, save := range map[string]func(*Session){
		"no log lines on the tape":  func(s *Session) { s.Player = &fakePlayer{} },
		"no log lines in the dump":  func(s *Session) { s.Saved = "dump 2026-05-01 12:00" },
		"no log lines yet; contain": func(*Session) {},
	} {
		s := newSession(t, newCluster(t, "shop.yaml"), "shop")
		save(s)
		p := look(t, newObject(s, served(t, s, "pod"), "shop", "checkout-7d9f-b7c44", nil, "logs"))
		p.until(160, 20, want)
	}
}
