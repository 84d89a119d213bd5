// Package yamltext prints objects as YAML that is fit to be drawn, coloured and
// folded.
//
//	fields ──> printer{quote, block} ──> []Line ──Spans──> ui.Line
//
// It prints in the style of kubectl's -o yaml: keys in the order of sigs.k8s.io/yaml,
// lists at the indent of their parent, quotes only where YAML needs them. Unlike
// kubectl, it does not fold long lines, and a text with characters that must not reach
// a terminal keeps its line breaks. Whatever is printed reads back as the same fields,
// by readers of YAML 1.1 and of 1.2.
//
// It does not read YAML, and it does not know what the fields of an object mean.
package yamltext
