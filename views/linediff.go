package views

import "slices"

// lineEdit is one line of a diff: of the older text, of the newer, or of both. -1 is
// neither.
type lineEdit struct{ older, newer int }

// lineProduct bounds what is compared line by line: two blocks of 1,500 lines. Larger ones
// that share no line which is there once are replaced as a whole.
const lineProduct = 1500 * 1500

// diffLines compares two texts by their lines. Lines that both have once are found first
// and divide the rest (patience diff), so that a long text costs little and braces of
// different blocks do not match.
func diffLines(older, newer []string) []lineEdit {
	d := lineDiff{older: older, newer: newer, edits: make([]lineEdit, 0, max(len(older), len(newer)))}
	d.compare(0, len(older), 0, len(newer))
	return d.edits
}

type lineDiff struct {
	older, newer []string
	edits        []lineEdit
}

func (d *lineDiff) same(a, b int) { d.edits = append(d.edits, lineEdit{a, b}) }

func (d *lineDiff) compare(a, aEnd, b, bEnd int) {
	for a < aEnd && b < bEnd && d.older[a] == d.newer[b] {
		d.same(a, b)
		a, b = a+1, b+1
	}
	tail := 0
	for aEnd-tail > a && bEnd-tail > b && d.older[aEnd-tail-1] == d.newer[bEnd-tail-1] {
		tail++
	}
	d.middle(a, aEnd-tail, b, bEnd-tail)
	for i := tail; i > 0; i-- {
		d.same(aEnd-i, bEnd-i)
	}
}

// middle compares blocks whose first and last lines differ.
func (d *lineDiff) middle(a, aEnd, b, bEnd int) {
	if a == aEnd || b == bEnd {
		d.replace(a, aEnd, b, bEnd)
		return
	}
	anchors := d.anchors(a, aEnd, b, bEnd)
	switch {
	case len(anchors) > 0:
		for _, at := range anchors {
			d.compare(a, at.older, b, at.newer)
			d.same(at.older, at.newer)
			a, b = at.older+1, at.newer+1
		}
		d.compare(a, aEnd, b, bEnd)
	case (aEnd-a)*(bEnd-b) <= lineProduct:
		d.longest(a, aEnd, b, bEnd)
	default:
		d.replace(a, aEnd, b, bEnd)
	}
}

func (d *lineDiff) replace(a, aEnd, b, bEnd int) {
	for ; a < aEnd; a++ {
		d.edits = append(d.edits, lineEdit{a, -1})
	}
	for ; b < bEnd; b++ {
		d.edits = append(d.edits, lineEdit{-1, b})
	}
}

// anchors are the lines that both blocks have exactly once, as many as stand in the same
// order in both.
func (d *lineDiff) anchors(a, aEnd, b, bEnd int) []lineEdit {
	type places struct{ older, newer, olderCount, newerCount int }
	at := map[string]*places{}
	for i := a; i < aEnd; i++ {
		p := at[d.older[i]]
		if p == nil {
			p = &places{}
			at[d.older[i]] = p
		}
		p.older, p.olderCount = i, p.olderCount+1
	}
	for i := b; i < bEnd; i++ {
		if p := at[d.newer[i]]; p != nil {
			p.newer, p.newerCount = i, p.newerCount+1
		}
	}
	var pairs []lineEdit
	for i := a; i < aEnd; i++ {
		if p := at[d.older[i]]; p.olderCount == 1 && p.newerCount == 1 {
			pairs = append(pairs, lineEdit{p.older, p.newer})
		}
	}
	return rising(pairs)
}

// rising returns the longest part of the pairs in which the newer lines rise too (patience
// sorting).
func rising(pairs []lineEdit) []lineEdit {
	piles := []int{} // the top of each pile, as an index of pairs
	previous := make([]int, len(pairs))
	for i, p := range pairs {
		pile, _ := slices.BinarySearchFunc(piles, p.newer, func(top, line int) int { return pairs[top].newer - line })
		previous[i] = -1
		if pile > 0 {
			previous[i] = piles[pile-1]
		}
		if pile == len(piles) {
			piles = append(piles, i)
		} else {
			piles[pile] = i
		}
	}
	if len(piles) == 0 {
		return nil
	}
	out := make([]lineEdit, len(piles))
	for i, at := len(piles)-1, piles[len(piles)-1]; i >= 0; i, at = i-1, previous[at] {
		out[i] = pairs[at]
	}
	return out
}

// longest finds the longest common subsequence of two blocks.
func (d *lineDiff) longest(a, aEnd, b, bEnd int) {
	rows, columns := aEnd-a, bEnd-b
	length := make([]int32, (rows+1)*(columns+1)) // of what follows a pair of lines
	at := func(i, j int) *int32 { return &length[i*(columns+1)+j] }
	for i := rows - 1; i >= 0; i-- {
		for j := columns - 1; j >= 0; j-- {
			if d.older[a+i] == d.newer[b+j] {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}
	i, j := 0, 0
	for i < rows && j < columns {
		switch {
		case d.older[a+i] == d.newer[b+j]:
			d.same(a+i, b+j)
			i, j = i+1, j+1
		case *at(i+1, j) >= *at(i, j+1):
			d.replace(a+i, a+i+1, 0, 0)
			i++
		default:
			d.replace(0, 0, b+j, b+j+1)
			j++
		}
	}
	d.replace(a+i, aEnd, b+j, bEnd)
}
