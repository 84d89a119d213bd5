package tape

import (
	"strconv"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

const (
	// framesAhead is how many frames are played to go forward; it is quicker to
	// read a state that is further away as a whole.
	framesAhead = 120
	// eachMax is how many changes of one moment are made one by one; if there are more,
	// only the last one of each object is made.
	eachMax = 100
	// lineBytesMax bounds the logs that the API holds.
	lineBytesMax = 32 << 20
)

// advanceTo moves the API to a time.
func (p *Player) advanceTo(to int64) error {
	r := &p.now.reader
	near := r.next+framesAhead >= len(p.tape.changes) || p.tape.changes[r.next+framesAhead].first > to
	if to < p.position || !near {
		return p.jump(to)
	}
	// The clock first: what happens at a time is then never in its future.
	p.clock.Set(fromMicros(to))
	if err := p.play(to); err != nil {
		return err
	}
	pieces, err := p.logs.reader.until(to)
	if err != nil {
		return err
	}
	for _, l := range pieces {
		p.log(l)
	}
	p.trimLogs()
	p.position = to
	return nil
}

// play makes the changes up to a time.
func (p *Player) play(to int64) error {
	var puts []*objectVersion
	var ops []func() error
	last := map[memapi.Ref]*objectVersion{} // nil: it is gone
	var order []memapi.Ref
	for {
		c, err := p.now.reader.peek()
		if err != nil {
			return err
		}
		if c == nil || c.at > to {
			break
		}
		now, gone, err := p.now.apply(p.now.reader.pop())
		if err != nil {
			return err
		}
		about := now
		if gone != nil {
			about = gone
		}
		ref := refOf(about)
		if _, known := last[ref]; !known {
			order = append(order, ref)
		}
		last[ref] = now
		if len(ops) <= eachMax {
			ops = append(ops, func() error {
				if now == nil {
					return p.api.Update(nil, []memapi.Ref{ref})
				}
				return p.api.Put(objectOf(now))
			})
		}
	}
	if len(ops) <= eachMax {
		for _, op := range ops {
			if err := op(); err != nil {
				return err
			}
		}
		return nil
	}
	var gone []memapi.Ref
	for _, ref := range order {
		if o := last[ref]; o != nil {
			puts = append(puts, o)
		} else {
			gone = append(gone, ref)
		}
	}
	return p.api.Update(objectsOf(puts), gone)
}

// jump replaces the state by that of another time.
func (p *Player) jump(to int64) error {
	now, err := p.tape.at(to)
	if err != nil {
		return err
	}
	logs, err := p.tape.logsAt(to)
	if err != nil {
		return err
	}
	objects := make([]memapi.Object, 0, len(now.objects))
	for _, o := range now.objects {
		objects = append(objects, objectOf(o))
	}
	p.clock.Set(fromMicros(to))
	if err := p.api.Replace(objects); err != nil {
		return err
	}
	before := p.lines
	p.lines, p.lineBytes = map[memapi.Container][]memapi.Line{}, 0
	for _, l := range logs.pieces {
		p.bufferLog(l)
	}
	logs.pieces = nil
	for of := range before {
		if p.lines[of] == nil {
			p.api.SetLog(of)
		}
	}
	for of, lines := range p.lines {
		p.api.SetLog(of, lines...)
	}
	p.now, p.logs, p.position = now, logs, to
	return nil
}

// log adds a piece to a container's log.
func (p *Player) log(l Log) {
	of, lines := p.bufferLog(l)
	if l.Fresh {
		p.api.SetLog(of, lines...)
		return
	}
	p.api.Log(of, lines...)
}

func (p *Player) bufferLog(l Log) (memapi.Container, []memapi.Line) {
	of := memapi.Container{Namespace: l.Namespace, Pod: l.Pod, Name: l.Container, Previous: l.Previous}
	if l.Fresh {
		for _, line := range p.lines[of] {
			p.lineBytes -= len(line.Text)
		}
		p.lines[of] = nil
	}
	lines := make([]memapi.Line, len(l.Lines))
	for i, line := range l.Lines {
		lines[i] = memapi.Line{Time: line.Time, Text: line.Text}
		if line.Time.IsZero() {
			lines[i].Time = l.At
		}
		p.lineBytes += len(line.Text)
	}
	p.lines[of] = append(p.lines[of], lines...)
	return of, lines
}

// trimLogs drops the older half of all logs when they have become too long.
func (p *Player) trimLogs() {
	if p.lineBytes <= lineBytesMax {
		return
	}
	p.lineBytes = 0
	for of, lines := range p.lines {
		lines = append([]memapi.Line(nil), lines[len(lines)/2:]...)
		for _, line := range lines {
			p.lineBytes += len(line.Text)
		}
		p.lines[of] = lines
		p.api.SetLog(of, lines...)
	}
}

func refOf(o *objectVersion) memapi.Ref {
	return memapi.Ref{GroupKind: o.Resource.GroupVersionKind().GroupKind(), Namespace: o.Namespace, Name: o.Name}
}

func objectsOf(all []*objectVersion) []memapi.Object {
	out := make([]memapi.Object, len(all))
	for i, o := range all {
		out[i] = objectOf(o)
	}
	return out
}

// objectOf returns an object for the API; its body is not read.
func objectOf(o *objectVersion) memapi.Object {
	out := memapi.Object{
		GVK: o.Resource.GroupVersionKind(), Namespace: o.Namespace, Name: o.Name, UID: types.UID(o.UID),
		Labels: o.labels, Data: o.now,
	}
	out.Version, _ = strconv.ParseUint(o.Object.Version, 10, 64)
	if o.Protobuf {
		out.Encoding = memapi.Protobuf
	}
	return out
}
