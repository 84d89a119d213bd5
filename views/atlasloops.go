package views

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// loops are the control loops that leave a ServiceAccount of their own behind: each
// signs in with it. The account of a loop that stopped stays, and the controller-manager's
// metrics are on a port of its own, which the API server does not lead to.
func (w *atlasWriter) loops() part {
	p := part{name: "control loops", does: "run by the controller-manager"}
	entries, p, ok := w.list("loops", p, "service accounts in "+systemNamespace)
	if !ok && p.sight == isHidden {
		return p
	}
	var found []string
	var b strings.Builder
	for _, e := range entries {
		if i := slices.IndexFunc(knownLoops, func(l loop) bool { return l.account == e.Record.Name }); i >= 0 {
			found = append(found, knownLoops[i].account)
			b.WriteString(knownLoops[i].account + "  " + knownLoops[i].does + "\n")
		}
	}
	if len(found) == 0 {
		return part{}
	}
	b.WriteString("\nEach has a service account in " + systemNamespace + " that it signs in with, so it has run.\n" +
		"The API does not show whether one of them works now; it shows whether the\n" +
		"controller-manager lives, by its lease.\n")
	p.then = openLines{w.session, "control loops", b.String()}
	p.say(kinds.Quiet, strconv.Itoa(len(found))+" have run")
	p.note("whether each works now is not shown")
	p.note("enter names them")
	p.how = "their service accounts"
	return p
}

// loop is a control loop of the controller-manager.
type loop struct{ account, does string }

// knownLoops are the loops by their ServiceAccounts
// (k8s.io/kubernetes/cmd/kube-controller-manager).
var knownLoops = []loop{
	{"attachdetach-controller", "attaches volumes to the nodes of their pods"},
	{"certificate-controller", "approves and signs certificates of kubelets"},
	{"clusterrole-aggregation-controller", "fills ClusterRoles from others, by their labels"},
	{"cronjob-controller", "makes Jobs when their time has come"},
	{"daemon-set-controller", "makes a pod of each DaemonSet on each of its nodes"},
	{"deployment-controller", "makes and scales the ReplicaSets of Deployments"},
	{"disruption-controller", "counts how many pods a PodDisruptionBudget lets go"},
	{"endpoint-controller", "writes the Endpoints of Services"},
	{"endpointslice-controller", "writes the EndpointSlices of Services"},
	{"endpointslicemirroring-controller", "copies Endpoints that people write to EndpointSlices"},
	{"ephemeral-volume-controller", "makes the claims of ephemeral volumes"},
	{"expand-controller", "grows volumes whose claims ask for more"},
	{"generic-garbage-collector", "deletes what lost its owner"},
	{"horizontal-pod-autoscaler", "scales workloads by their load"},
	{"job-controller", "makes the pods of Jobs"},
	{"legacy-service-account-token-cleaner", "deletes token Secrets that nobody used for long"},
	{"namespace-controller", "empties namespaces that are deleted"},
	{"node-controller", "marks nodes that do not answer, and lets their pods go"},
	{"persistent-volume-binder", "binds claims to volumes"},
	{"pod-garbage-collector", "deletes ended pods, and pods of nodes that are gone"},
	{"pv-protection-controller", "keeps volumes until no claim is bound to them"},
	{"pvc-protection-controller", "keeps claims until no pod uses them"},
	{"replicaset-controller", "makes the pods of ReplicaSets"},
	{"replication-controller", "makes the pods of ReplicationControllers"},
	{"resource-claim-controller", "makes the ResourceClaims of pods"},
	{"resourcequota-controller", "counts what the quotas of a namespace limit"},
	{"root-ca-cert-publisher", "puts the cluster's certificate authority into each namespace"},
	{"service-account-controller", "makes the default ServiceAccount of each namespace"},
	{"service-cidrs-controller", "keeps ServiceCIDRs while addresses of theirs are in use"},
	{"service-controller", "asks the cloud for load balancers"},
	{"statefulset-controller", "makes the pods of StatefulSets, one after the other"},
	{"token-cleaner", "deletes bootstrap tokens that ended"},
	{"ttl-after-finished-controller", "deletes Jobs some time after their end"},
	{"ttl-controller", "tells kubelets how long to keep what they read"},
	{"validatingadmissionpolicy-status-controller", "checks the types of admission policies"},
}
