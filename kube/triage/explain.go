package triage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// transient are warnings that every start may bring and the next try ends
// (pkg/kubelet/util/manager/watch_based_manager.go).
var transient = []string{"failed to sync configmap cache", "failed to sync secret cache", "not registered"}

// The times after which an event is history: whatever made it would have come again.
const (
	// retriedCreate is how long the controllers wait between two tries to make a pod, at most
	// (1000 seconds: DefaultControllerRateLimiter in k8s.io/client-go/util/workqueue), and some more.
	retriedCreate = 20 * time.Minute
	// retried is how seldom an event that goes on is written at least: one in five minutes, once
	// there were 25 (k8s.io/client-go/tools/record/events_cache.go), and some more.
	retried = 10 * time.Minute
	// looped is as long as the API server keeps an event. A loop writes six each round, which share
	// that allowance: what its probe said comes again after half an hour.
	looped = time.Hour
)

// historyAfter is how long the events of a rule say something; 0 is as long as there are any.
func historyAfter(rule string) time.Duration {
	switch rule {
	case ruleCreate:
		return retriedCreate
	case ruleCrash:
		return looped
	case ruleCronJob:
		return 0 // What is wrong with a schedule is said once.
	}
	return retried
}

// explain puts the newest event that says why into a problem that asks for one, and returns when
// that event will be history; the zero time for never.
func (s *State) explain(p *problem, now time.Time) (until time.Time) {
	defer s.absent(p) // What is missing hangs on what the event says.
	s.readLog(p)
	until = s.loops(p, now)
	if len(p.events) == 0 {
		return until
	}
	lasts, after := historyAfter(p.rule), p.after
	if lasts > 0 {
		after = later(after, now.Add(-lasts))
	}
	w, ok := s.warningOf(p.object, after, p.events...)
	if !ok || p.rule == ruleCreate && s.madeSince(p.object, w.last) {
		return until
	}
	if end := w.last.Add(lasts + 1); lasts > 0 && (until.IsZero() || end.Before(until)) {
		until = end
	}
	s.explainBy(p, w)
	return until
}

// backedOff is the reason of the event of a container that the kubelet waits to start again.
const backedOff = "BackOff"

// isCrash reports whether a rule is one of containers that end and are started again.
func isCrash(rule string) bool { return rule == ruleCrash || rule == ruleLiveness }

// loops takes since when the kubelet has waited between the runs of a container, where its status
// knows the last run only, and returns when that will be history. The event lasts as long as the
// loop does, and is forgotten an hour after.
func (s *State) loops(p *problem, now time.Time) (until time.Time) {
	if p.rule != ruleCrash || !p.atLeast {
		return time.Time{}
	}
	for _, e := range s.warnings[p.object] {
		w := readWarning(e.record)
		end := w.last.Add(retried + 1)
		if w.reason != backedOff || !strings.Contains(w.message, " container "+p.part+" ") || now.After(end) {
			continue
		}
		if !w.first.IsZero() && w.first.Before(p.since) {
			p.since, until = w.first, end
		}
	}
	return until
}

// madeSince reports whether one of the pods of an object was made after a time.
func (s *State) madeSince(owner kinds.Ref, at time.Time) bool {
	return slices.ContainsFunc(s.membersOf(owner), func(e *entry) bool { return e.record.Created.After(at) })
}

// explainBy puts an event into a problem that it explains.
func (s *State) explainBy(p *problem, w warning) {
	for _, words := range transient {
		if strings.Contains(w.message, words) {
			return
		}
	}
	event := Evidence{Object: p.object, Field: "event " + w.reason, Text: kinds.Clean(w.message)}
	switch p.rule {
	case ruleUnready:
		if !probed(w.message, "Readiness") && !probed(w.message, "Startup") {
			return
		}
		name, _, _ := strings.Cut(p.reason, " is ")
		p.reason = name + " is not ready: " + kinds.Clean(w.message)
	case ruleCrash:
		if w.reason == hookFailed {
			p.reason += ": " + kinds.Clean(shortKubelet(w.message))
			break
		}
		if !probed(w.message, "Liveness") && !probed(w.message, "Startup") {
			return
		}
		p.rule = ruleLiveness
		p.reason += ": " + kinds.Clean(w.message)
		if p.restarts <= fewRestarts && !w.first.IsZero() && w.first.Before(p.since) {
			p.since, p.atLeast = w.first, false // The probe failed before the container was killed.
		}
	case rulePull:
		if strings.HasPrefix(w.message, "Error: ") {
			return // It repeats the state of the container.
		}
		if text := pullText("", w.message); !strings.Contains(p.reason, ": ") && strings.Contains(text, "pull") {
			if !strings.HasPrefix(text, ",") {
				text = ": " + text
			}
			p.reason += kinds.Clean(text)
		}
	case ruleCreating:
		p.reason, p.from, p.severity = because(w.reason, kinds.Clean(w.message)), time.Time{}, Failing
		s.nameVolume(p, w.message)
	case ruleCreate:
		p.reason, p.from = because(w.reason, kinds.Clean(shortRefusal(w.message))), time.Time{}
		p.because, p.said = refusedBy(p.object.Namespace, w.message), w.last
		if p.owned { // The Jobs of a CronJob are refused alike.
			event.Text = kinds.Clean(shortRefusal(w.message))
		}
	case ruleClaim:
		p.reason, p.from = "Pending: "+because(w.reason, kinds.Clean(w.message)), time.Time{}
		if w.reason == "ProvisioningFailed" {
			p.severity = Failing
		}
	default:
		p.reason, p.from = because(w.reason, kinds.Clean(w.message)), time.Time{}
	}
	if p.since.IsZero() {
		p.since, p.atLeast = w.first, true
	}
	p.evidence = append(slices.Clip(p.evidence), event)
}

// volumeNamed is the volume that an event is about.
var volumeNamed = regexp.MustCompile(`for volume "([^"]+)"`)

// nameVolume adds what a volume that does not mount is made of.
func (s *State) nameVolume(p *problem, message string) {
	pod, ok := s.factsOf(p.object).(*podFacts)
	m := volumeNamed.FindStringSubmatch(message)
	if !ok || m == nil || pod.volumes[m[1]].Name == "" {
		return
	}
	of := pod.volumes[m[1]]
	p.evidence = append(slices.Clip(p.evidence), Evidence{Object: of, Field: "spec.volumes", Text: kinds.Clean(fmt.Sprintf(
		"volume %q is %s", m[1], of))})
}

// fewRestarts is up to how many restarts the first failure of a probe is that of this trouble.
const fewRestarts = 2

func probed(message, probe string) bool { return strings.HasPrefix(message, probe+" probe") }

// cronJobs judges the runs of CronJobs.
func (s *State) cronJobs(add func(problem)) {
	if !s.complete(jobKind) {
		return
	}
	for owner, failed := range s.failedJobs {
		e := s.entry(owner)
		if e == nil || !s.asks(owner.Namespace) {
			continue
		}
		f, ok := e.facts.(*cronFacts)
		if !ok {
			continue
		}
		p := problem{rule: ruleCronJob, severity: Degraded, weight: weightCount, object: e.record.Ref(), since: f.last,
			reason: "its last run failed", evidence: e.field("status.lastSuccessfulTime", timeText(f.success))}
		if n := failed; n > 1 || f.success.IsZero() {
			p.severity, p.reason = Failing, fmt.Sprintf("%d runs failed, none succeeded since %s", n, timeText(f.success))
		}
		add(p)
	}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "it was made"
	}
	return t.UTC().Format(time.RFC3339)
}
