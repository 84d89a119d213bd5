package kinds

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
)

// specLinksTo is what the spec of a pod points to, for LinksTo.
const specLinksTo = "ServiceAccount ConfigMap Secret PersistentVolumeClaim" +
	" PriorityClass.scheduling.k8s.io RuntimeClass.node.k8s.io" +
	" ResourceClaim.resource.k8s.io ResourceClaimTemplate.resource.k8s.io"

// rootCA is the ConfigMap that every pod mounts for its token.
const rootCA = "kube-root-ca.crt"

// specLinks collects what the spec of a pod, or of a template, points to: each object
// once, with where it is named.
type specLinks struct {
	namespace string
	pod       string // "" in a template, whose pods have no names yet
	all       []Link
}

// linkPod adds where the pod runs and what it uses.
func linkPod(r *Record, p *corev1.Pod) {
	var room [12]Link // most pods have fewer
	s := specLinks{namespace: p.Namespace, pod: p.Name, all: room[:0]}
	if p.Spec.NodeName != "" {
		s.all = append(s.all, Link{Relation: RunsOn, To: core("Node", "", p.Spec.NodeName)})
	}
	s.spec(&p.Spec)
	for _, c := range p.Status.ResourceClaimStatuses {
		s.add(Uses, resourceClaim("ResourceClaim", p.Namespace, valueOr(c.ResourceClaimName, "")), c.Name, nil)
	}
	r.linkAll(s.all)
}

// linkTemplate adds what the pods of a template will use, and the pods.
func (r *Record) linkTemplate(namespace string, t *corev1.PodTemplateSpec) {
	r.linkSpec(namespace, &t.Spec)
	r.linkMade(namespace, t.Labels)
}

// linkSpec adds what pods of a spec will use.
func (r *Record) linkSpec(namespace string, spec *corev1.PodSpec) {
	var room [12]Link
	s := specLinks{namespace: namespace, all: room[:0]}
	s.spec(spec)
	r.linkAll(s.all)
}

func (r *Record) linkAll(all []Link) {
	links := make([]*Link, len(r.Links), len(r.Links)+len(all)+1)
	copy(links, r.Links)
	r.Links = links
	for _, l := range all {
		l.How = intern(l.How)
		r.link(l)
	}
}

func (s *specLinks) spec(p *corev1.PodSpec) {
	s.add(RunsAs, core("ServiceAccount", s.namespace, p.ServiceAccountName), "", nil)
	for i := range p.Volumes {
		s.volume(&p.Volumes[i])
	}
	for i := range p.InitContainers {
		s.container(&p.InitContainers[i])
	}
	for i := range p.Containers {
		s.container(&p.Containers[i])
	}
	for _, secret := range p.ImagePullSecrets {
		s.add(PullsWith, core("Secret", s.namespace, secret.Name), "", nil)
	}
	s.add(Uses, ref(schedulingv1.SchemeGroupVersion, "PriorityClass", "", p.PriorityClassName), "", nil)
	if p.RuntimeClassName != nil {
		to := Ref{Name: intern(*p.RuntimeClassName)}
		to.Group, to.Kind = "node.k8s.io", "RuntimeClass"
		s.add(Uses, to, "", nil)
	}
	for _, c := range p.ResourceClaims {
		template := valueOr(c.ResourceClaimTemplateName, "")
		s.add(Uses, resourceClaim("ResourceClaim", s.namespace, valueOr(c.ResourceClaimName, "")), c.Name, nil)
		s.add(Uses, resourceClaim("ResourceClaimTemplate", s.namespace, template), c.Name, nil)
	}
}

func resourceClaim(kind, namespace, name string) Ref {
	return ref(resourcev1.SchemeGroupVersion, kind, namespace, name)
}

// add adds a link, or its place to the one that is there, which stays optional only if
// every place says so.
func (s *specLinks) add(relation Relation, to Ref, how string, optional *bool) {
	if to.Name == "" {
		return
	}
	for i := range s.all {
		l := &s.all[i]
		if l.Relation != relation || l.To != to {
			continue
		}
		l.Optional = l.Optional && valueOr(optional, false)
		if how != "" && !strings.Contains(l.How, how) {
			l.How = join("; ", l.How, how)
		}
		return
	}
	s.all = append(s.all, Link{Relation: relation, To: to, How: how, Optional: valueOr(optional, false)})
}

// object adds a link to an object of the core group.
func (s *specLinks) object(relation Relation, kind, name, how string, optional *bool) {
	s.add(relation, core(kind, s.namespace, name), how, optional)
}

func (s *specLinks) volume(v *corev1.Volume) {
	switch {
	case v.ConfigMap != nil:
		s.object(Mounts, "ConfigMap", v.ConfigMap.Name, v.Name, v.ConfigMap.Optional)
	case v.Secret != nil:
		s.object(Mounts, "Secret", v.Secret.SecretName, v.Name, v.Secret.Optional)
	case v.PersistentVolumeClaim != nil:
		s.object(Mounts, "PersistentVolumeClaim", v.PersistentVolumeClaim.ClaimName, v.Name, nil)
	case v.Ephemeral != nil && s.pod != "":
		s.object(Mounts, "PersistentVolumeClaim", s.pod+"-"+v.Name, v.Name, nil)
	case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
		s.object(Mounts, "Secret", v.CSI.NodePublishSecretRef.Name, v.Name, nil)
	case v.Projected != nil:
		s.projected(v)
	}
}

func (s *specLinks) projected(v *corev1.Volume) {
	for i := range v.Projected.Sources {
		part := &v.Projected.Sources[i]
		if c := part.ConfigMap; c != nil && c.Name != rootCA {
			s.object(Projects, "ConfigMap", c.Name, v.Name, c.Optional)
		}
		if c := part.Secret; c != nil {
			s.object(Projects, "Secret", c.Name, v.Name, c.Optional)
		}
	}
}

func (s *specLinks) container(c *corev1.Container) {
	for i := range c.EnvFrom {
		if from := c.EnvFrom[i].ConfigMapRef; from != nil {
			s.object(EnvFrom, "ConfigMap", from.Name, c.Name, from.Optional)
		}
		if from := c.EnvFrom[i].SecretRef; from != nil {
			s.object(EnvFrom, "Secret", from.Name, c.Name, from.Optional)
		}
	}
	for i := range c.Env {
		from := c.Env[i].ValueFrom
		if from == nil {
			continue
		}
		if key := from.ConfigMapKeyRef; key != nil {
			s.object(EnvFrom, "ConfigMap", key.Name, c.Name+" key "+key.Key, key.Optional)
		}
		if key := from.SecretKeyRef; key != nil {
			s.object(EnvFrom, "Secret", key.Name, c.Name+" key "+key.Key, key.Optional)
		}
	}
}
