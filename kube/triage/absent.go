package triage

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// noPullSecret is the reason of the event of a pod whose pull secrets are not all there.
const noPullSecret = "FailedToRetrieveImagePullSecret"

// lacksAccess is a pull that a secret may let succeed: what a registry has for some, it hides from others.
var lacksAccess = regexp.MustCompile(`(ErrImagePull|ImagePullBackOff)` +
	`($|:|, image not found|, unauthorized|, the registry refuses: rate limit)`)

// absent adds to a problem what it names and is not there: a secret that an image was to be pulled
// with, a quota that refused pods.
func (s *State) absent(p *problem) {
	switch {
	case p.rule == rulePull && lacksAccess.MatchString(p.reason):
		s.pullSecrets(p)
	case p.rule == ruleCreate:
		s.goneQuota(p)
	}
}

// pullSecrets says which pull secrets of a pod are missing: of a registry that lets nobody in, that is
// why. Where Secrets are hidden, an event may say so.
func (s *State) pullSecrets(p *problem) {
	e := s.entry(p.object)
	if e == nil {
		return
	}
	var said []Evidence
	for _, l := range e.record.Links {
		switch {
		case l.Relation != kinds.PullsWith || s.entry(l.To) != nil:
		case s.would(l.To):
			said = append(said, Evidence{Object: p.object, Field: "spec.imagePullSecrets",
				Text: fmt.Sprintf("pulls with secret %q, which does not exist", l.To.Name)})
		default:
			if w, ok := s.warningOf(p.object, e.record.Created, noPullSecret); ok && len(said) == 0 {
				said = append(said, Evidence{Object: p.object, Field: "event " + w.reason, Text: kinds.Clean(w.message)})
			}
		}
	}
	// The state of the container comes first, and what repeats it last.
	p.evidence = slices.Insert(slices.Clone(p.evidence), min(1, len(p.evidence)), said...)
}

// goneQuota says of a quota that refused pods and has been deleted since that nothing but the next try
// of the controller is awaited.
func (s *State) goneQuota(p *problem) {
	i := slices.IndexFunc(p.because, func(by cause) bool {
		return by.GroupKind == quotaKind && s.entry(by.Ref) == nil && s.would(by.Ref)
	})
	if i < 0 {
		return
	}
	text := "resourcequota " + p.because[i].Name + " no longer exists: its controller tries again"
	p.because = slices.Delete(slices.Clone(p.because), i, i+1)
	p.reason = because("FailedCreate", text)
	p.evidence = append(slices.Clip(p.evidence), Evidence{Object: p.object, Field: "resourcequotas", Text: text})
}
