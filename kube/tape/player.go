package tape

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiversion "k8s.io/apimachinery/pkg/version"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// SpeedMax bounds how many seconds of the tape are played in a second.
const SpeedMax = 60

// Speeds are the steps of Slower and Faster.
var Speeds = []int{1, 2, 5, 10, 30, SpeedMax}

// PlayerOptions say how a tape is played.
type PlayerOptions struct {
	Paused bool // do not begin to play by itself
	Loop   bool // play from the start again some seconds after the end
	Speed  int  // seconds of the tape per second, at first; 0 is 1
	// At is where it stands at first. Zero is the tape's start; a time outside the tape
	// is its start or its end.
	At time.Time
	// Print writes the Tables of the kinds that it knows; nil knows none.
	Print memapi.Print
	// Refused is called, once for each object of the tape that cannot be served,
	// with what is wrong with it; the object is left out. It is called by NewPlayer
	// and by the Player's own goroutine, and must not use the Player. It may be nil.
	Refused func(error)
}

// State is where a Player is.
type State struct {
	Start, End time.Time
	Position   time.Time
	Speed      int
	Paused     bool
	AtEnd      bool
	Mark       string // the last mark's words, while it is recent; usually ""
	Step       string // what changed at the stop that was stepped to; "" anywhere else
	Err        error  // why it cannot go on from here; usually nil
}

// Player moves an API through a tape's time. All methods are safe for every
// goroutine, and only NewPlayer and Close wait: orders are carried out one after
// the other, soon after they are given.
type Player struct {
	tape  *Tape
	api   *memapi.API
	clock *memapi.Clock
	loop  bool

	orders chan order
	stop   context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	state   State
	watches map[chan struct{}]struct{}

	// Only the Player's own goroutine uses the fields below.
	now       *state
	logs      *logState
	lines     map[memapi.Container][]memapi.Line
	lineBytes int
	position  int64
	anchor    time.Time // when, on the wall, the position was anchored
	anchored  int64
}

// NewPlayer returns a Player whose API stands where the options say. It fails when
// the tape cannot be read there.
func NewPlayer(t *Tape, o PlayerOptions) (_ *Player, err error) {
	defer t.Panicked.Recover("open the tape", &err)
	clock := memapi.NewClock(t.Start())
	api, err := memapi.New(memapi.Options{
		Clock: clock, Print: o.Print, Refused: reportOnce(o.Refused), Panicked: t.Panicked,
	})
	if err != nil {
		return nil, err
	}
	p := &Player{
		tape: t, api: api, clock: clock, loop: o.Loop,
		orders: make(chan order, ordersMax), done: make(chan struct{}), watches: map[chan struct{}]struct{}{},
		lines: map[memapi.Container][]memapi.Line{},
		state: State{
			Start: t.Start(), End: t.End(), Position: t.Start(), Speed: min(max(o.Speed, 1), SpeedMax), Paused: o.Paused,
		},
	}
	if err := p.describe(); err != nil {
		return nil, err
	}
	at := min(max(micros(o.At), t.start), t.end)
	if err := p.jump(at); err != nil {
		return nil, err
	}
	if at > t.start {
		p.state.Position, p.state.Mark = fromMicros(at), t.markAt(at)
		p.state.AtEnd = at == t.end
		p.state.Paused = p.state.Paused || p.state.AtEnd
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	t.Panicked.Start("play the tape", func() { p.run(ctx) })
	return p, nil
}

// refusedMax bounds how many objects are reported as refused.
const refusedMax = 1000

// reportOnce reports each object once, however often the tape is wound over it.
func reportOnce(report func(error)) func(memapi.Object, error) {
	reported := map[memapi.Ref]bool{}
	return func(o memapi.Object, err error) {
		if ref := o.Ref(); report != nil && !reported[ref] && len(reported) < refusedMax {
			reported[ref] = true
			report(err)
		}
	}
}

// The paths of the documents that a Player uses.
const (
	// DiscoveryPath holds JSON: a list of metav1.APIResourceList, in the order
	// that clients prefer.
	DiscoveryPath = "/apis"
	// VersionPath holds what the server answers there.
	VersionPath = "/version"
	// OpenAPIPrefix is what the paths of OpenAPI v3 documents begin with.
	OpenAPIPrefix = "/openapi/v3/"
)

// describe hands the API what the server said besides objects.
func (p *Player) describe() error {
	documents, err := p.tape.Documents(p.tape.Start())
	if err != nil {
		return err
	}
	schemas := map[string][]byte{}
	for _, d := range documents {
		switch path, isSchema := strings.CutPrefix(d.Path, OpenAPIPrefix); {
		case d.Path == DiscoveryPath:
			var lists []*metav1.APIResourceList
			if err := json.Unmarshal(d.Body, &lists); err != nil {
				return fmt.Errorf("%s on the tape is not a list of the server's resources", d.Path)
			}
			p.api.Describe(lists)
		case d.Path == VersionPath:
			var info apiversion.Info
			if json.Unmarshal(d.Body, &info) == nil && info.GitVersion != "" {
				p.api.SetVersion(info.GitVersion)
			}
		case isSchema:
			if plain, err := url.PathUnescape(path); err == nil {
				schemas[plain] = d.Body
			}
		}
	}
	p.api.SetOpenAPI(schemas)
	return nil
}

// API returns the API that the player moves.
func (p *Player) API() *memapi.API { return p.api }

// Clock returns the clock of the time on the tape.
func (p *Player) Clock() *memapi.Clock { return p.clock }

// Tape returns the tape that is played.
func (p *Player) Tape() *Tape { return p.tape }

// State returns where the player is.
func (p *Player) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Close stops the player; the API stays as it is. The tape stays open.
func (p *Player) Close() {
	p.stop()
	<-p.done
}

// Toggle pauses, or plays on; at the end it plays from the start.
func (p *Player) Toggle() { p.order(order{do: toggle}) }

// Play plays on; at the end, from the start.
func (p *Player) Play() { p.order(order{do: play}) }

// Faster goes to the next of Speeds.
func (p *Player) Faster() { p.order(order{do: faster}) }

// Slower goes to the one before.
func (p *Player) Slower() { p.order(order{do: slower}) }

// NextChange goes to the next change and pauses; changes that are Quiet do not
// count.
func (p *Player) NextChange() { p.order(order{do: forward}) }

// PreviousChange goes to the change before and pauses.
func (p *Player) PreviousChange() { p.order(order{do: back}) }

// NextFinding goes to the next mark, or change that is a Finding, and pauses.
func (p *Player) NextFinding() { p.order(order{do: forward, findings: true}) }

// PreviousFinding goes to the one before and pauses.
func (p *Player) PreviousFinding() { p.order(order{do: back, findings: true}) }

// Seek goes to a time; one that is not on the tape is its start or end.
func (p *Player) Seek(to time.Time) { p.order(order{do: seek, to: micros(to)}) }

// Moved is the message of a PlayerWatch: the player's state has changed.
type Moved struct{ Player *Player }

// PlayerWatch is a source that yields Moved.
type PlayerWatch struct {
	player *Player
	signal chan struct{}
}

// Watch returns a source that yields Moved when the state has changed, once for
// any number of changes; the position counts by the second. The first Next
// returns at once. It ends with the context of the first Next.
func (p *Player) Watch() *PlayerWatch { return &PlayerWatch{player: p} }

// Next waits for the state to change. Only one goroutine at a time may call it.
func (w *PlayerWatch) Next(ctx context.Context) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := w.player
	if w.signal == nil {
		w.signal = make(chan struct{}, 1)
		p.mu.Lock()
		p.watches[w.signal] = struct{}{}
		p.mu.Unlock()
		signal := w.signal
		p.tape.Panicked.StartWhenDone(ctx, "watch of the player", func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.watches, signal)
		})
		return Moved{p}, nil
	}
	select {
	case <-w.signal:
		return Moved{p}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
