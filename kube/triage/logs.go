package triage

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Log is the last lines of a run of a container that ended badly, or does not end; clean.
type Log struct {
	Restarts int32 // how often the container had been restarted when they were read
	Running  bool  // they are of a run that goes on
	Lines    []string
}

// LogWanted names a container whose last lines would say why it crashes or hangs.
type LogWanted struct {
	Pod       kinds.Ref
	Container string
	Restarts  int32
	Running   bool // those of the run that goes on, not of the one before
}

type logKey struct {
	pod       kinds.Ref
	container string
}

// logsMax is how many findings, the first of a verdict, have their logs read.
const logsMax = 30

// logsKept is how many logs are kept: some of pods that are gone, or of which another is quoted.
const logsKept = 4 * logsMax

// LogsWanted are the containers whose last lines would tell more, as of the last verdict and without
// those that came since.
func (s *State) LogsWanted() []LogWanted { return s.wanted }

// SetLog takes the last lines of a container; none where they cannot be read.
func (s *State) SetLog(w LogWanted, lines []string) {
	s.logs[logKey{w.Pod, w.Container}] = Log{w.Restarts, w.Running, lines}
	s.wanted = slices.DeleteFunc(s.wanted, func(other LogWanted) bool { return other == w })
	s.change(w.Pod.Namespace)
}

// wantLogs asks for the logs that are not there or older than the last restart, and drops those
// that are of no use any more, once there are many.
func (s *State) wantLogs(all []LogWanted) {
	s.wanted = nil
	quoted := make(map[logKey]bool, len(all))
	for _, w := range all {
		key := logKey{w.Pod, w.Container}
		quoted[key] = true
		if known, ok := s.logs[key]; !ok || known.Restarts != w.Restarts || known.Running != w.Running {
			s.wanted = append(s.wanted, w)
		}
	}
	if len(s.logs) > logsKept {
		maps.DeleteFunc(s.logs, func(key logKey, _ Log) bool { return !quoted[key] })
	}
}

// wantedLog is that of the first container in a row that crashes or hangs; nil for none.
func (r *row) wantedLog() *LogWanted {
	for _, p := range r.chosen {
		if (p.crash || p.hangs) && p.object.GroupKind == podKind {
			return &LogWanted{p.object, p.part, p.restarts, p.hangs}
		}
	}
	return nil
}

// readLog puts what a container said last into its problem: the line as evidence, a Service
// that it names as a cause, a refusal as the rule that is missing.
func (s *State) readLog(p *problem) {
	if !p.crash && !p.hangs {
		return
	}
	s.needs(p, p.environment, whySet)
	var said []string
	for _, e := range p.evidence {
		if e.Field == "termination message" {
			said = append(said, e.Text)
		}
	}
	if l, ok := s.logs[logKey{p.object, p.part}]; ok && l.Running == p.hangs && len(l.Lines) > 0 {
		said = append(said, l.Lines...)
		if line := oneLine(telling(l.Lines)); line != "" {
			p.evidence = append(slices.Clip(p.evidence), Evidence{Object: p.object, Field: "log", Text: line})
		}
	}
	text := strings.Join(said, "\n")
	if text == "" {
		return
	}
	s.needs(p, text, whyNeeds)
	for _, hint := range slices.Concat(unknownHosts(s, p.object.Namespace, text), missingRules(text)) {
		p.evidence = append(p.evidence, Evidence{Object: p.object, Field: "log", Text: kinds.Clean(hint)})
		p.reason += ": " + kinds.Clean(hint)
	}
}

// needs adds the Services that a text names, which come before what is known so far, as causes. A pod
// does not wait for those that lead to itself.
func (s *State) needs(p *problem, text, why string) {
	for _, ref := range s.servicesIn(p.object.Namespace, text) {
		if !p.hangs || !s.selects(s.entry(ref), s.entry(p.object)) {
			p.because = append([]cause{{ref, why}}, p.because...)
		}
	}
}

// How a workload hangs on a Service that its log or its environment names.
const (
	whyNeeds = "names in its log"
	whySet   = "names in its environment"
)

// host is a host in a line of a log, with what stands before it and its port.
var host = regexp.MustCompile(
	`(lookup |//|@|[Hh]ost(?:name)?[ =:"']+|(?:tcp|udp)[46]? |ENOTFOUND |resolve(?: host)?[ :"']+)?` +
		`([A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)(:\d{1,5}\b)?`)

// servicesIn are the Services of the cluster that a text names as hosts.
func (s *State) servicesIn(namespace, text string) []kinds.Ref {
	var out []kinds.Ref
	for _, m := range host.FindAllStringSubmatch(text, -1) {
		before, name, port := m[1], m[2], m[3]
		ref, ok := s.addresses[name]
		if !ok {
			ref, ok = s.serviceNamed(namespace, name, before != "" || port != "")
		}
		if ok && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// serviceNamed is the Service that a DNS name of the cluster stands for. certain says that
// the name is known to be one of a host.
func (s *State) serviceNamed(namespace, name string, certain bool) (kinds.Ref, bool) {
	parts := strings.Split(name, ".")
	if len(parts) > 1 {
		namespace = parts[1]
		certain = certain || len(parts) > 2 && parts[2] == "svc"
	}
	ref := refTo("", "Service", namespace, parts[0])
	return ref, certain && s.entry(ref) != nil
}

// noHost is a name that nothing resolves.
var noHost = regexp.MustCompile(`(?i)lookup ([-a-z0-9.]+)[^\n]*no such host|ENOTFOUND ([-a-z0-9.]+)|` +
	`could not (?:resolve|translate) host(?: name)?[: "']+([-a-z0-9.]+)|([-a-z0-9.]+): Name or service not known`)

// unknownHosts are the names of Services that are not there.
func unknownHosts(s *State, namespace, text string) []string {
	if !s.complete(serviceKind) {
		return nil
	}
	var out []string
	for _, m := range noHost.FindAllStringSubmatch(text, -1) {
		name := firstOf(m[1:]...)
		parts := strings.Split(strings.TrimSuffix(name, "."), ".")
		inCluster := len(parts) == 1 || len(parts) == 2 && s.entry(refTo("", "Namespace", "", parts[1])) != nil ||
			len(parts) > 2 && parts[2] == "svc"
		if len(parts) > 1 {
			namespace = parts[1]
		}
		ref := refTo("", "Service", namespace, parts[0])
		missing := inCluster && s.entry(ref) == nil && s.would(ref)
		if hint := ref.String() + " does not exist"; missing && !slices.Contains(out, hint) {
			out = append(out, hint)
		}
	}
	return out
}

// forbidden is the refusal of RBAC (k8s.io/apiserver,
// pkg/endpoints/handlers/responsewriters/errors.go).
var forbidden = regexp.MustCompile(`is forbidden: User "system:serviceaccount:([^:"]+):([^"]+)" cannot (\S+) resource ` +
	`"([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?`)

// missingRules are the rules of RBAC that a log asks for.
func missingRules(text string) []string {
	var out []string
	for _, m := range forbidden.FindAllStringSubmatch(text, -1) {
		where := "at the cluster scope"
		if m[6] != "" {
			where = "in namespace " + m[6]
		}
		hint := fmt.Sprintf("serviceaccount %s/%s lacks a rule: apiGroups [%q], resources [%s], verbs [%s] %s",
			m[1], m[2], m[5], m[4], m[3], where)
		if !slices.Contains(out, hint) {
			out = append(out, hint)
		}
	}
	return out
}

// need makes a row of a Service that a crashing or hanging workload names in its log, or in its
// environment, and that has nothing behind it, where it is in trouble by that alone.
func (c *court) need(r *row, p *problem) {
	for _, by := range p.because {
		e := c.state.entry(by.Ref)
		if by.why != whyNeeds && by.why != whySet || e == nil || c.state.rows[by.Ref] != nil || !unserved(e) {
			continue
		}
		f, names := e.facts.(*serviceFacts), " needs it: its log names it"
		if by.why == whySet {
			names = " needs it: its environment names it"
		}
		a := c.state.addressesOf(by.Ref)
		made := problem{rule: ruleNoEndpoints, severity: Failing, weight: weightUnready, object: by.Ref,
			reason:  "no endpoints, and " + r.object.String() + names,
			because: c.state.behind(by.Namespace, f.selector),
			evidence: []Evidence{{Object: by.Ref, Field: "endpointslices",
				Text: a.count()}}}
		if p.hangs {
			made.severity = c.severity(r) // What starts beside it may be there soon.
		}
		if c.state.emptyOnPurpose(made.because) {
			made.since, made.atLeast = c.state.scaledSince(e, made.because)
			made.reason = "no endpoints: " + made.because[0].String() + " is scaled to 0, and " + r.object.String() + names
		}
		c.add(made)
	}
}

// add makes a row of one problem.
func (c *court) add(p problem) {
	made := &row{object: p.object, made: true, problems: []problem{p}}
	made.chosen = []*problem{&made.problems[0]}
	c.state.rows[p.object] = made
	c.order = append(c.order, made)
}
