package memapi

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// builtins are the stable kinds of a server, in its order: group/version, kind,
// plural, scope, short names, separated by spaces.
const builtins = `v1 ConfigMap configmaps n cm
v1 Endpoints endpoints n ep
v1 Event events n ev
v1 LimitRange limitranges n limits
v1 Namespace namespaces c ns
v1 Node nodes c no
v1 PersistentVolumeClaim persistentvolumeclaims n pvc
v1 PersistentVolume persistentvolumes c pv
v1 Pod pods n po
v1 PodTemplate podtemplates n
v1 ReplicationController replicationcontrollers n rc
v1 ResourceQuota resourcequotas n quota
v1 Secret secrets n
v1 ServiceAccount serviceaccounts n sa
v1 Service services n svc
apiregistration.k8s.io/v1 APIService apiservices c
apps/v1 ControllerRevision controllerrevisions n
apps/v1 DaemonSet daemonsets n ds
apps/v1 Deployment deployments n deploy
apps/v1 ReplicaSet replicasets n rs
apps/v1 StatefulSet statefulsets n sts
events.k8s.io/v1 Event events n ev
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers n hpa
batch/v1 CronJob cronjobs n cj
batch/v1 Job jobs n
certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests c csr
networking.k8s.io/v1 IngressClass ingressclasses c
networking.k8s.io/v1 Ingress ingresses n ing
networking.k8s.io/v1 IPAddress ipaddresses c ip
networking.k8s.io/v1 NetworkPolicy networkpolicies n netpol
networking.k8s.io/v1 ServiceCIDR servicecidrs c
policy/v1 PodDisruptionBudget poddisruptionbudgets n pdb
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings c
rbac.authorization.k8s.io/v1 ClusterRole clusterroles c
rbac.authorization.k8s.io/v1 RoleBinding rolebindings n
rbac.authorization.k8s.io/v1 Role roles n
storage.k8s.io/v1 CSIDriver csidrivers c
storage.k8s.io/v1 CSINode csinodes c
storage.k8s.io/v1 CSIStorageCapacity csistoragecapacities n
storage.k8s.io/v1 StorageClass storageclasses c sc
storage.k8s.io/v1 VolumeAttachment volumeattachments c
storage.k8s.io/v1 VolumeAttributesClass volumeattributesclasses c vac
admissionregistration.k8s.io/v1 MutatingAdmissionPolicy mutatingadmissionpolicies c
admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings c
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations c
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy validatingadmissionpolicies c
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings c
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations c
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions c crd crds
scheduling.k8s.io/v1 PriorityClass priorityclasses c pc
coordination.k8s.io/v1 Lease leases n
node.k8s.io/v1 RuntimeClass runtimeclasses c
discovery.k8s.io/v1 EndpointSlice endpointslices n
flowcontrol.apiserver.k8s.io/v1 FlowSchema flowschemas c
flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration prioritylevelconfigurations c
resource.k8s.io/v1 DeviceClass deviceclasses c
resource.k8s.io/v1 ResourceClaim resourceclaims n
resource.k8s.io/v1 ResourceClaimTemplate resourceclaimtemplates n
resource.k8s.io/v1 ResourceSlice resourceslices c`

var categories = map[string][]string{
	"all": {
		"pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets",
		"horizontalpodautoscalers", "cronjobs", "jobs",
	},
	"api-extensions": {
		"mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "mutatingwebhookconfigurations",
		"validatingadmissionpolicies", "validatingadmissionpolicybindings",
		"validatingwebhookconfigurations", "customresourcedefinitions", "apiservices",
	},
}

// builtin serves the kinds that every server has, even when no object is held:
// clients list events and the like without asking first.
func (a *API) builtin() {
	a.families = map[schema.GroupKind]*store{}
	a.resources, a.byPath = map[schema.GroupVersionKind]*resource{}, map[schema.GroupVersionResource]*resource{}
	var lists []*metav1.APIResourceList
	for line := range strings.Lines(builtins) {
		f := strings.Fields(line)
		if n := len(lists); n == 0 || lists[n-1].GroupVersion != f[0] {
			lists = append(lists, &metav1.APIResourceList{GroupVersion: f[0]})
		}
		one := metav1.APIResource{
			Kind: f[1], Name: f[2], SingularName: strings.ToLower(f[1]), Namespaced: f[3] == "n",
			ShortNames: f[4:], Verbs: verbs,
		}
		for category, names := range categories {
			if slices.Contains(names, one.Name) {
				one.Categories = []string{category}
			}
		}
		last := lists[len(lists)-1]
		last.APIResources = append(last.APIResources, one)
	}
	a.Describe(lists)
}
