package views

import (
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// partOf returns what a column of percentages is of, and whether it is of CPU.
func (u *usage) partOf(r *kinds.Record, column int) (of kinds.Usage, cpu bool) {
	a := u.amountsOf(r)
	cpu = column%2 == 0 || column == 1
	if column < leadingColumns {
		return a.Limit.Or(a.Allocatable), cpu
	}
	return a.Request, cpu
}

// unlimited reports whether a pod is known to have nothing that a column of percentages
// could be of.
func (u *usage) unlimited(r *kinds.Record, column int) bool {
	if column == 0 || column == 2 {
		return false
	}
	of, cpu := u.partOf(r, column)
	none := of.Memory == 0
	if cpu {
		none = of.CPU == 0
	}
	return none && u.amounts[kube.Key{Namespace: r.Namespace, Name: r.Name}].of == r
}
