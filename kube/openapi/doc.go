// Package openapi reads what an API server says about the fields of its kinds: the
// OpenAPI v3 document of one group version.
//
//	bytes ──> Read ──> Document ──> Schema ──> Fields, from top to bottom
//
// Of a document only the schemas are kept, as they came: most of it is paths. What an
// operation there is to a kind (x-kubernetes-action: list, put, deletecollection) does not
// stand in a schema, and discovery says it as the verbs of the resource, in a hundredth of
// the bytes. A schema is parsed when somebody asks for its kind. The package
// does not know where a document comes from or how fields are shown. Its texts are clean.
package openapi
