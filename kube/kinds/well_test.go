package kinds

import "testing"

// TestIsWell holds that what is left out because it is well is what its record would call so.
func TestIsWell(t *testing.T) {
	const ready = `status: {readyReplicas: 1, replicas: 1, updatedReplicas: 1}`
	for _, tt := range []struct {
		name   string
		kind   *Kind
		object string
		want   bool
	}{
		{"all pods ready", Deployment, ready, true},
		{"scaled to 0", Deployment, `spec: {replicas: 0}`, true},
		{"nothing at all", Deployment, `{}`, false},
		{"none ready", StatefulSet, `spec: {replicas: 2}`, false},
		{"ready, but being deleted", Deployment,
			`metadata: {deletionTimestamp: "2026-11-30T12:00:00Z"}` + "\n" + ready, false},
		{"ready, but not the newest", Deployment, `metadata: {generation: 2}` + "\n" + ready, false},
		{"on no node", DaemonSet, `{}`, true},
		{"a node that has said nothing", Node, `{}`, false},
		{"a ready node", Node, `status: {conditions: [{type: Ready, status: "True"}]}`, true},
		{"a ready node under pressure", Node,
			`status: {conditions: [{type: Ready, status: "True"}, {type: DiskPressure, status: "True"}]}`, false},
		{"a cordoned node", Node,
			"spec: {unschedulable: true}\nstatus: {conditions: [{type: Ready, status: \"True\"}]}", false},
		{"a Job that runs", Job, `{}`, true},
		{"a Job with a failed pod", Job, `status: {failed: 1}`, false},
		{"a kind of which only a record tells", Pod, `status: {phase: Succeeded}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			obj := parse(t, tt.kind, tt.object)
			r, err := tt.kind.Record(obj)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.kind.IsWell(obj); got != tt.want || r.IsWell() != tt.want {
				t.Errorf("got %t, and of the record %t with %+v", got, r.IsWell(), r.Status)
			}
		})
	}
}
