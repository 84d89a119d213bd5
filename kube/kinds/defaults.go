package kinds

import (
	"cmp"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// SetDefaults fills in what an API server would have set in an object of a manifest or a
// dump, as far as kubectl's describers read it without a look, or would show something
// else. It reports whether it knows the object's type. The rules are those of
// SetDefaults_X in k8s.io/kubernetes/pkg/apis/GROUP/v1/defaults.go and of the defaults in
// the types' markers.
func SetDefaults(obj runtime.Object) (known bool) {
	switch o := obj.(type) {
	case *corev1.Pod:
		setPod(o)
	case *corev1.PodTemplate:
		setPodSpec(&o.Template.Spec)
	case *corev1.ReplicationController:
		setReplicationController(o)
	case *corev1.Service:
		setService(o)
	case *corev1.Endpoints: //nolint:staticcheck // Clusters still have them.
		setEndpoints(o)
	case *corev1.Secret:
		o.Type = corev1.SecretType(secretType(o))
	case *corev1.Namespace:
		o.Status.Phase = corev1.NamespacePhase(namespacePhase(o))
	case *corev1.Node:
		o.Status.Allocatable = allocatable(o)
	case *corev1.PersistentVolume:
		setPersistentVolume(o)
	case *corev1.PersistentVolumeClaim:
		setClaim(o)
	case *storagev1.StorageClass:
		o.ReclaimPolicy, o.VolumeBindingMode = new(classReclaimPolicy(o)), new(bindingMode(o))
	case *discoveryv1.EndpointSlice:
		setEndpointSlice(o)
	case *networkingv1.NetworkPolicy:
		setNetworkPolicy(o)
	case *networkingv1.IngressClass:
		if p := o.Spec.Parameters; p != nil {
			fill(&p.Scope, networkingv1.IngressClassParametersReferenceScopeCluster)
		}
	case *schedulingv1.PriorityClass:
		fill(&o.PreemptionPolicy, corev1.PreemptLowerPriority)
	default:
		return setWorkload(obj)
	}
	return true
}

// setWorkload is SetDefaults for what makes pods, and scales what does.
func setWorkload(obj runtime.Object) (known bool) {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		setDeployment(o)
	case *appsv1.ReplicaSet:
		fill(&o.Spec.Replicas, 1)
		setPodSpec(&o.Spec.Template.Spec)
	case *appsv1.StatefulSet:
		setStatefulSet(o)
	case *appsv1.DaemonSet:
		setDaemonSet(o)
	case *batchv1.Job:
		setJob(o)
	case *batchv1.CronJob:
		setCronJob(o)
	case *autoscalingv2.HorizontalPodAutoscaler:
		setAutoscaler(o)
	default:
		return false
	}
	return true
}

// fill sets what is not there.
func fill[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// setPod sets the grace period of a deletion too, which the API server stores with its
// time (CheckGracefulDelete in k8s.io/kubernetes/pkg/registry/core/pod/strategy.go).
func setPod(p *corev1.Pod) {
	setPodSpec(&p.Spec)
	for _, containers := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for i := range containers {
			if c := &containers[i]; len(c.Resources.Limits) > 0 {
				requests := withRequests(c.Resources).Requests
				c.Resources.Requests = requests
			}
		}
	}
	p.Status.Phase = cmp.Or(p.Status.Phase, corev1.PodPending)
	if p.DeletionTimestamp == nil {
		return
	}
	grace := *p.Spec.TerminationGracePeriodSeconds
	if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded {
		grace = 0
	}
	fill(&p.DeletionGracePeriodSeconds, grace)
}

func setPodSpec(s *corev1.PodSpec) {
	s.RestartPolicy = cmp.Or(s.RestartPolicy, corev1.RestartPolicyAlways)
	s.DNSPolicy = cmp.Or(s.DNSPolicy, corev1.DNSClusterFirst)
	fill(&s.TerminationGracePeriodSeconds, int64(corev1.DefaultTerminationGracePeriodSeconds))
	for i := range s.Volumes {
		setVolume(&s.Volumes[i].VolumeSource)
	}
	for i := range s.InitContainers {
		setContainer((*corev1.EphemeralContainerCommon)(&s.InitContainers[i]))
	}
	for i := range s.Containers {
		setContainer((*corev1.EphemeralContainerCommon)(&s.Containers[i]))
	}
	for i := range s.EphemeralContainers {
		setContainer(&s.EphemeralContainers[i].EphemeralContainerCommon)
	}
	// No API server takes a pod without these; a file may have one.
	if s.SchedulingGroup != nil {
		fill(&s.SchedulingGroup.PodGroupName, "")
	}
	if c := s.SecurityContext; c != nil && c.SeccompProfile != nil {
		fill(&c.SeccompProfile.LocalhostProfile, "")
	}
}

// setContainer takes the type that all containers can be converted to.
func setContainer(c *corev1.EphemeralContainerCommon) {
	for i := range c.Ports {
		c.Ports[i].Protocol = protocolOr(c.Ports[i].Protocol)
	}
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p != nil {
			setProbe(p)
		}
	}
	if c.SecurityContext != nil && c.SecurityContext.SeccompProfile != nil {
		fill(&c.SecurityContext.SeccompProfile.LocalhostProfile, "")
	}
	if c.Lifecycle == nil {
		return
	}
	for _, h := range []*corev1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
		if h != nil {
			setHTTPGet(h.HTTPGet)
		}
	}
}

func setProbe(p *corev1.Probe) {
	p.TimeoutSeconds = cmp.Or(p.TimeoutSeconds, 1)
	p.PeriodSeconds = cmp.Or(p.PeriodSeconds, 10)
	p.SuccessThreshold = cmp.Or(p.SuccessThreshold, 1)
	p.FailureThreshold = cmp.Or(p.FailureThreshold, 3)
	setHTTPGet(p.HTTPGet)
	if p.GRPC != nil {
		fill(&p.GRPC.Service, "")
	}
}

func setHTTPGet(get *corev1.HTTPGetAction) {
	if get != nil {
		get.Path = cmp.Or(get.Path, "/")
		get.Scheme = cmp.Or(get.Scheme, corev1.URISchemeHTTP)
	}
}

func setVolume(v *corev1.VolumeSource) {
	if *v == (corev1.VolumeSource{}) {
		v.EmptyDir = &corev1.EmptyDirVolumeSource{}
	}
	if v.HostPath != nil {
		fill(&v.HostPath.Type, corev1.HostPathUnset)
	}
	if v.AzureDisk != nil {
		setAzureDisk(v.AzureDisk)
	}
	if v.Projected == nil {
		return
	}
	for i := range v.Projected.Sources {
		if token := v.Projected.Sources[i].ServiceAccountToken; token != nil {
			fill(&token.ExpirationSeconds, 60*60)
		}
	}
}

func setAzureDisk(d *corev1.AzureDiskVolumeSource) {
	fill(&d.CachingMode, corev1.AzureDataDiskCachingReadWrite)
	fill(&d.Kind, corev1.AzureSharedBlobDisk)
	fill(&d.FSType, "ext4")
	fill(&d.ReadOnly, false)
}

func setReplicationController(c *corev1.ReplicationController) {
	fill(&c.Spec.Replicas, 1)
	if c.Spec.Template == nil {
		return
	}
	if len(c.Spec.Selector) == 0 {
		c.Spec.Selector = c.Spec.Template.Labels
	}
	setPodSpec(&c.Spec.Template.Spec)
}

func setDeployment(d *appsv1.Deployment) {
	fill(&d.Spec.Replicas, 1)
	setPodSpec(&d.Spec.Template.Spec)
	s := &d.Spec.Strategy
	s.Type = cmp.Or(s.Type, appsv1.RollingUpdateDeploymentStrategyType)
	if s.Type == appsv1.RollingUpdateDeploymentStrategyType {
		fill(&s.RollingUpdate, appsv1.RollingUpdateDeployment{})
		fill(&s.RollingUpdate.MaxUnavailable, intstr.FromString("25%"))
		fill(&s.RollingUpdate.MaxSurge, intstr.FromString("25%"))
	}
}

func setStatefulSet(s *appsv1.StatefulSet) {
	fill(&s.Spec.Replicas, 1)
	setPodSpec(&s.Spec.Template.Spec)
	update := &s.Spec.UpdateStrategy
	update.Type = cmp.Or(update.Type, appsv1.RollingUpdateStatefulSetStrategyType)
	if update.Type == appsv1.RollingUpdateStatefulSetStrategyType && update.RollingUpdate != nil {
		fill(&update.RollingUpdate.Partition, 0)
	}
	for i := range s.Spec.VolumeClaimTemplates {
		setClaim(&s.Spec.VolumeClaimTemplates[i])
	}
}

func setDaemonSet(s *appsv1.DaemonSet) {
	setPodSpec(&s.Spec.Template.Spec)
	s.Spec.UpdateStrategy.Type = cmp.Or(s.Spec.UpdateStrategy.Type, appsv1.RollingUpdateDaemonSetStrategyType)
}

func setJob(j *batchv1.Job) {
	if j.Spec.Parallelism == nil {
		fill(&j.Spec.Completions, 1)
	}
	fill(&j.Spec.Parallelism, 1)
	j.Spec.BackoffLimit = new(backoffLimit(j))
	fill(&j.Spec.CompletionMode, batchv1.NonIndexedCompletion)
	fill(&j.Spec.Suspend, false)
	setPodSpec(&j.Spec.Template.Spec)
}

func setCronJob(c *batchv1.CronJob) {
	c.Spec.ConcurrencyPolicy = cmp.Or(c.Spec.ConcurrencyPolicy, batchv1.AllowConcurrent)
	fill(&c.Spec.Suspend, false)
	fill(&c.Spec.SuccessfulJobsHistoryLimit, 3)
	fill(&c.Spec.FailedJobsHistoryLimit, 1)
	setPodSpec(&c.Spec.JobTemplate.Spec.Template.Spec)
}

// setAutoscaler leaves out the rules of scaling, of which the describer shows only what is
// set.
func setAutoscaler(h *autoscalingv2.HorizontalPodAutoscaler) {
	fill(&h.Spec.MinReplicas, 1)
	for i := range h.Spec.Metrics {
		setMetric(&h.Spec.Metrics[i])
	}
	if len(h.Spec.Metrics) > 0 {
		return
	}
	h.Spec.Metrics = []autoscalingv2.MetricSpec{{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{
			Name:   corev1.ResourceCPU,
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(80))},
		},
	}}
}

// setMetric gives a metric the source that its type names. No API server takes one
// without; a file may have it.
func setMetric(m *autoscalingv2.MetricSpec) {
	switch m.Type {
	case autoscalingv2.ResourceMetricSourceType:
		fill(&m.Resource, autoscalingv2.ResourceMetricSource{})
	case autoscalingv2.ContainerResourceMetricSourceType:
		fill(&m.ContainerResource, autoscalingv2.ContainerResourceMetricSource{})
	case autoscalingv2.PodsMetricSourceType:
		fill(&m.Pods, autoscalingv2.PodsMetricSource{})
	case autoscalingv2.ObjectMetricSourceType:
		fill(&m.Object, autoscalingv2.ObjectMetricSource{})
	case autoscalingv2.ExternalMetricSourceType:
		fill(&m.External, autoscalingv2.ExternalMetricSource{})
	}
}

func setService(s *corev1.Service) {
	s.Spec.Type = serviceType(s)
	s.Spec.ClusterIPs = clusterIPs(s)
	s.Spec.SessionAffinity = cmp.Or(s.Spec.SessionAffinity, corev1.ServiceAffinityNone)
	s.Spec.ExternalTrafficPolicy = externalTraffic(s)
	if s.Spec.Type != corev1.ServiceTypeExternalName {
		fill(&s.Spec.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster)
	}
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		p.Protocol = protocolOr(p.Protocol)
		p.TargetPort = intstr.Parse(targetPort(p))
	}
}

func setEndpoints(e *corev1.Endpoints) { //nolint:staticcheck // Clusters still have them.
	for i := range e.Subsets {
		for n := range e.Subsets[i].Ports {
			p := &e.Subsets[i].Ports[n]
			p.Protocol = protocolOr(p.Protocol)
		}
	}
}

func setEndpointSlice(s *discoveryv1.EndpointSlice) {
	for i := range s.Ports {
		fill(&s.Ports[i].Name, "")
		fill(&s.Ports[i].Protocol, corev1.ProtocolTCP)
	}
}

func setNetworkPolicy(p *networkingv1.NetworkPolicy) {
	for i := range p.Spec.Ingress {
		setPolicyPorts(p.Spec.Ingress[i].Ports)
	}
	for i := range p.Spec.Egress {
		setPolicyPorts(p.Spec.Egress[i].Ports)
	}
	if len(p.Spec.PolicyTypes) > 0 {
		return
	}
	p.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	if len(p.Spec.Egress) > 0 {
		p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
	}
}

func setPolicyPorts(ports []networkingv1.NetworkPolicyPort) {
	for i := range ports {
		fill(&ports[i].Protocol, corev1.ProtocolTCP)
	}
}

func setPersistentVolume(v *corev1.PersistentVolume) {
	v.Spec.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimPolicy(reclaimPolicy(v))
	fill(&v.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	v.Status.Phase = cmp.Or(v.Status.Phase, corev1.VolumePending)
	if v.Spec.HostPath != nil {
		fill(&v.Spec.HostPath.Type, corev1.HostPathUnset)
	}
	if v.Spec.AzureDisk != nil {
		setAzureDisk(v.Spec.AzureDisk)
	}
}

func setClaim(c *corev1.PersistentVolumeClaim) {
	fill(&c.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	c.Status.Phase = cmp.Or(c.Status.Phase, corev1.ClaimPending)
}
