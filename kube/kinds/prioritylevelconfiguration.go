package kinds

import (
	"cmp"
	"strconv"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PriorityLevelConfiguration says how many requests of a priority level the API server
// works on at once, and what becomes of the others.
var PriorityLevelConfiguration = register(Kind{
	GroupVersionKind: flowcontrolv1.SchemeGroupVersion.WithKind("PriorityLevelConfiguration"),
	Resource:         "prioritylevelconfigurations",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "TYPE"},
		{Name: "NOMINALCONCURRENCYSHARES", Right: true},
		{Name: "QUEUES", Right: true},
		{Name: "HANDSIZE", Right: true},
		{Name: "QUEUELENGTHLIMIT", Right: true},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &flowcontrolv1.PriorityLevelConfiguration{} },
}, readPriorityLevel, priorityLevelDetails)

func readPriorityLevel(p *flowcontrolv1.PriorityLevelConfiguration, r *Record) {
	none := TextCell("<none>")
	shares, queues, hand, length := none, none, none, none
	if l := p.Spec.Limited; l != nil {
		shares = countCell(int64(limitedShares(l)))
		if q := l.LimitResponse.Queuing; q != nil {
			queues, hand, length = queueCells(q)
		}
	}
	r.Cells = []Cell{ownCell(r.Name), TextCell(string(p.Spec.Type)), shares, queues, hand, length, AgeCell(r.Created)}
}

// The defaults are those of k8s.io/kubernetes/pkg/apis/flowcontrol/v1/defaults.go.
func limitedShares(l *flowcontrolv1.LimitedPriorityLevelConfiguration) int32 {
	return valueOr(l.NominalConcurrencyShares, 30)
}

func queueCells(q *flowcontrolv1.QueuingConfiguration) (queues, hand, length Cell) {
	return countCell(int64(cmp.Or(q.Queues, 64))), countCell(int64(cmp.Or(q.HandSize, 8))),
		countCell(int64(cmp.Or(q.QueueLengthLimit, 50)))
}

func priorityLevelDetails(p *flowcontrolv1.PriorityLevelConfiguration) Details {
	var f facts
	number := func(name string, n int32, unit string) { f.add(name, strconv.Itoa(int(n))+unit) }
	f.add("Type", string(p.Spec.Type))
	if e := p.Spec.Exempt; e != nil {
		number("Nominal shares", valueOr(e.NominalConcurrencyShares, 0), "")
		number("Lends", valueOr(e.LendablePercent, 0), "%")
	}
	if l := p.Spec.Limited; l != nil {
		number("Nominal shares", limitedShares(l), "")
		number("Lends", valueOr(l.LendablePercent, 0), "%")
		if l.BorrowingLimitPercent != nil {
			number("Borrows at most", *l.BorrowingLimitPercent, "%")
		}
		f.add("Beyond the limit", string(l.LimitResponse.Type))
		if q := l.LimitResponse.Queuing; q != nil {
			queues, hand, length := queueCells(q)
			f.add("Queues", queues.text+" of "+length.text+" requests, "+hand.text+" for each flow")
		}
	}
	return Details{Facts: f, Conditions: conditionsOf(p.Status.Conditions, readLevelCondition)}
}

func readLevelCondition(c flowcontrolv1.PriorityLevelConfigurationCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
