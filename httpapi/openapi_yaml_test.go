package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Parts of the OpenAPI document are built as YAML nodes, since their order is for
// people.

// obj makes a mapping of names and values in turn; a nil value leaves its name out.
func obj(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		set(n, pairs[i].(string), pairs[i+1])
	}
	return n
}

// set adds a name to a mapping or replaces its value.
func set(n *yaml.Node, name string, value any) {
	v := node(value)
	if v == nil {
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = v
			return
		}
	}
	n.Content = append(n.Content, node(name), v)
}

// drop takes a name out of a mapping.
func drop(n *yaml.Node, name string) {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// get returns the value under a path of names, or nil.
func get(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		var found *yaml.Node
		for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				found = n.Content[i+1]
			}
		}
		n = found
	}
	return n
}

func names(n *yaml.Node) []string {
	var list []string
	for i := 0; n != nil && i < len(n.Content); i += 2 {
		list = append(list, n.Content[i].Value)
	}
	return list
}

func node(value any) *yaml.Node {
	switch v := value.(type) {
	case nil:
		return nil
	case *yaml.Node:
		return v
	case []*yaml.Node:
		if v == nil {
			return nil
		}
		return &yaml.Node{Kind: yaml.SequenceNode, Content: v}
	case string:
		if v == "" {
			return nil
		}
	case []string:
		if v == nil {
			return nil
		}
	}
	n := &yaml.Node{}
	if err := n.Encode(value); err != nil {
		panic(err)
	}
	if n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	return n
}

func ref(kind, name string) *yaml.Node { return obj("$ref", "#/components/"+kind+"/"+name) }

// ofJSON turns an example into YAML with its fields in the order they were sent.
func ofJSON(t *testing.T, data string) *yaml.Node {
	t.Helper()
	if !json.Valid([]byte(data)) {
		t.Fatalf("not JSON: %s", data)
	}
	return ofPlainJSON(data)
}

// ofPlainJSON is for JSON of our own.
func ofPlainJSON(data string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(data), &doc); err != nil {
		panic(err)
	}
	return plain(doc.Content[0])
}

// plain takes off the braces and quotes of JSON where YAML needs none.
func plain(n *yaml.Node) *yaml.Node {
	n.Style &^= yaml.FlowStyle
	if len(n.Content) == 0 && n.Kind != yaml.ScalarNode {
		n.Style |= yaml.FlowStyle
	}
	for _, c := range n.Content {
		plain(c)
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		fresh := &yaml.Node{}
		if err := fresh.Encode(n.Value); err == nil {
			n.Style = fresh.Style
		}
	}
	return n
}

func printed(n *yaml.Node) string {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return fmt.Sprint(err)
	}
	return b.String()
}

// sentence ends a comment of the code as a description.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
