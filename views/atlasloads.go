package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// loads says how full the nodes are: all together, then those that are fullest.
func (w *atlasWriter) loads() []part {
	entries, _ := w.feeds.entries("nodes")
	if len(entries) == 0 {
		return nil
	}
	all, requests, usage := w.measure(entries)
	total := sumLoads(all)
	parts := []part{
		w.load("cpu", total.capacity.cpu, total.allocatable.cpu, total.requested.cpu, total.used.cpu,
			coresText, requests, usage),
		w.load("memory", total.capacity.memory, total.allocatable.memory, total.requested.memory, total.used.memory,
			sizeText, requests, usage),
		w.places(total.pods, total.places, requests),
	}
	// What is missing is said once.
	if requests != "" {
		parts[0].note("requests " + requests)
	}
	if usage != "" {
		parts[0].note(usage)
	}
	if requests != "" && usage != "" {
		return parts
	}
	slices.SortStableFunc(all, func(a, b nodeLoad) int { return cmp.Compare(b.fullness(), a.fullness()) })
	for _, l := range all[:min(len(all), nodesShown)] {
		p := part{name: l.name, then: w.toRecord(l.record)}
		cpu, memory := percent(l.requested.cpu, l.allocatable.cpu), percent(l.requested.memory, l.allocatable.memory)
		if requests == "" {
			p.bar = bar(barWidth, l.capacity.cpu, l.allocatable.cpu, l.requested.cpu, l.used.cpu)
			p.say(kinds.Quiet, "cpu "+percentText(cpu)+" and memory "+percentText(memory)+" requested")
			p.say(kinds.Quiet, strconv.FormatInt(l.pods, 10)+" of "+strconv.FormatInt(l.places, 10)+" pods")
		}
		if usage == "" {
			p.say(kinds.Quiet, "cpu "+percentText(percent(l.used.cpu, l.allocatable.cpu))+" and memory "+
				percentText(percent(l.used.memory, l.allocatable.memory))+" used")
		}
		parts = append(parts, p)
	}
	return parts
}

func sumLoads(all []nodeLoad) (total nodeLoad) {
	for _, l := range all {
		total.capacity.add(l.capacity)
		total.allocatable.add(l.allocatable)
		total.requested.add(l.requested)
		total.used.add(l.used)
		total.pods, total.places = total.pods+l.pods, total.places+l.places
	}
	return total
}

// measure joins the nodes with what pods ask for and what metrics-server says is used.
// requests and usage say why that is not known; "" when it is.
func (w *atlasWriter) measure(entries []kube.DigestEntry) (all []nodeLoad, requests, usage string) {
	at := make(map[string]int, len(entries))
	for _, e := range entries {
		n, _ := e.Value.(atlasNode)
		at[e.Record.Name] = len(all)
		all = append(all, nodeLoad{
			name: e.Record.Name, record: e.Record, capacity: n.capacity, allocatable: n.allocatable, places: n.pods,
		})
	}
	pods, requests := w.loaded("pods")
	for _, e := range pods {
		asks, _ := e.Value.(podRequests)
		if i, ok := at[asks.node]; ok {
			all[i].requested.add(asks.amounts)
			all[i].pods++
		}
	}
	used, state := w.feeds.entries("usage")
	for _, e := range used {
		if i, ok := at[e.Record.Name]; ok {
			amounts, _ := e.Value.(amounts)
			all[i].used = amounts
		}
	}
	_, served := w.feeds.served(nodeUsageKind)
	switch {
	case len(used) > 0:
	case !served:
		usage = "usage not shown: no metrics-server"
	case state.Phase == kube.Denied:
		usage = "usage hidden by your rights"
	case len(entries) > loadMax:
		usage = "usage not loaded: over " + strconv.Itoa(loadMax) + " nodes"
	default:
		usage = "usage not known yet"
	}
	return all, requests, usage
}

// loaded are the objects of a list that is loaded only when they are few, and why they
// are not all there; "" when they are.
func (w *atlasWriter) loaded(id feedID) (entries []kube.DigestEntry, why string) {
	entries, state := w.feeds.entries(id)
	r, served := w.feeds.served(feedSpecs[id].GroupKind)
	count, known := w.feeds.counted[r.GroupVersionResource]
	f := w.feeds.lists[id]
	switch {
	case !served:
		return nil, "not served by this " + w.source()
	case known && count.Denied(), state.Phase == kube.Denied:
		return nil, "hidden by your rights"
	case known && count.Err != nil:
		return nil, short(count.Err.Error())
	case f == nil && known:
		return nil, "not loaded: enter looks"
	case f == nil, state.Phase.Undecided():
		return nil, "loading"
	case state.Phase == kube.Failed:
		return nil, short(stateProblem(state))
	case f.scope.Namespace != "":
		return entries, "only in " + f.scope.Namespace
	}
	return entries, ""
}

// load is how much there is of something, how much of that is asked for and used.
func (w *atlasWriter) load(name string, capacity, allocatable, requested, used int64,
	text func(int64) string, requests, usage string,
) part {
	p := part{name: name, then: w.toTable(nodeKind, "")}
	p.say(kinds.Quiet, text(capacity))
	if allocatable != capacity {
		p.say(kinds.Quiet, text(allocatable)+" allocatable")
	}
	if requests == "" {
		p.say(kinds.Quiet, text(requested)+" requested ("+percentText(percent(requested, allocatable))+")")
	} else {
		requested = 0
	}
	if usage == "" {
		p.say(kinds.Quiet, text(used)+" used ("+percentText(percent(used, allocatable))+")")
	} else {
		used = 0
	}
	p.bar = bar(barWidth, capacity, allocatable, requested, used)
	return p
}

// places is how many pods there are, and how many the kubelets take.
func (w *atlasWriter) places(pods, places int64, requests string) part {
	p := part{name: "pods", then: w.toTable(podKind, "")}
	if requests == "" {
		p.bar = bar(barWidth, places, places, pods, pods)
		p.say(kinds.Quiet, numberText(pods)+" of "+numberText(places)+" places")
		return p
	}
	p.say(kinds.Quiet, numberText(places)+" places")
	p.note("pods per node " + requests)
	return p
}

const barWidth = 16

// bar draws how much of a capacity is used █, asked for ▒, free ░, and kept by the node ·.
func bar(width int, capacity, allocatable, requested, used int64) string {
	if capacity <= 0 {
		return ""
	}
	var b strings.Builder
	for i := range int64(width) {
		// The middle of the cell.
		at := (2*i + 1) * capacity / (2 * int64(width))
		switch {
		case at < used:
			b.WriteString("█")
		case at < requested:
			b.WriteString("▒")
		case at < allocatable:
			b.WriteString("░")
		default:
			b.WriteString("·")
		}
	}
	return b.String()
}

func percentText(n int64) string { return strconv.FormatInt(n, 10) + "%" }

// coresText is an amount of CPU.
func coresText(milli int64) string {
	if milli < 10_000 && milli%1000 != 0 {
		return strconv.FormatFloat(float64(milli)/1000, 'f', 1, 64) + " cores"
	}
	if n := (milli + 500) / 1000; n != 1 {
		return numberText(n) + " cores"
	}
	return "1 core"
}

// sizeText is a size in bytes.
func sizeText(n int64) string {
	value, unit := float64(n), "B"
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, larger
	}
	digits := 0
	if value < 10 && unit != "B" {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + unit
}

// numberText is a number with its thousands apart.
func numberText(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
