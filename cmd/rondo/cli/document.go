package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Doc is a JSON object as an answer holds it: numbers are json.Number.
type Doc = map[string]any

// Decode reads one JSON value; its numbers stay as they are written.
func Decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return v, nil
}

// DecodeDoc is Decode for an object.
func DecodeDoc(raw []byte) (Doc, error) {
	v, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	doc, ok := v.(Doc)
	if !ok {
		return nil, fmt.Errorf("read the answer: it is no JSON object: %.80s", raw)
	}
	return doc, nil
}

// Get walks down a JSON pointer ("/rotation/order") and returns what is there.
func Get(v any, pointer string) (any, bool) {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch at := v.(type) {
		case Doc:
			next, ok := at[unescape(name)]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Set puts a value at a JSON pointer below objects, which are made where they are
// missing.
func Set(doc Doc, pointer string, value any) {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for _, name := range names[:len(names)-1] {
		below, ok := doc[unescape(name)].(Doc)
		if !ok {
			below = Doc{}
			doc[unescape(name)] = below
		}
		doc = below
	}
	doc[unescape(names[len(names)-1])] = value
}

func unescape(name string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(name) }

// Text shows a value in a cell of a table: lists with commas, members of a roster
// by their ids, nothing as a dash.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if v == "" {
			return "-"
		}
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		words := make([]string, 0, len(v))
		for _, item := range v {
			words = append(words, Text(item))
		}
		return Text(strings.Join(words, ", "))
	case Doc:
		return textOf(v)
	default:
		return fmt.Sprint(v)
	}
}

// textOf shows an object in a line, without what is null: {agent: a} as a, {group:
// g} as group:g.
func textOf(v Doc) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if v[name] != nil && (name != "weight" || fmt.Sprint(v[name]) != "1") { // 1 is what nobody wrote
			names = append(names, name)
		}
	}
	if weight := v["weight"]; weight != nil && len(names) == 2 { // an entry of a team: a, or a=3
		entry := maps.Clone(v)
		delete(entry, "weight")
		if fmt.Sprint(weight) == "1" {
			return textOf(entry)
		}
		return textOf(entry) + "=" + fmt.Sprint(weight)
	}
	if len(names) == 1 {
		switch id, text := v[names[0]].(string); {
		case text && names[0] == "agent":
			return id
		case text && names[0] == "group":
			return "group:" + id
		}
	}
	for i, name := range names {
		names[i] = name + "=" + Text(v[name])
	}
	return Text(strings.Join(names, " "))
}

// yamlOf turns a JSON value into YAML, its fields in the order they have.
func yamlOf(raw []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	node, err := nodeOf(d)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return EncodeYAML(node)
}

// EncodeYAML writes a node with two blanks of indentation.
func EncodeYAML(node *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(node); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return b.Bytes(), nil
}

func nodeOf(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return Scalar(token), nil
	}
	node := &yaml.Node{Kind: yaml.SequenceNode}
	if delim == '{' {
		node.Kind = yaml.MappingNode
	}
	for d.More() {
		if node.Kind == yaml.MappingNode {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, Scalar(key))
		}
		below, err := nodeOf(d)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, below)
	}
	_, err = d.Token() // the end
	return node, err
}

// Scalar returns the node of a text, number, boolean or nothing.
func Scalar(v any) *yaml.Node {
	switch v := v.(type) {
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: fmt.Sprint(v)}
	}
}

// ValueOf turns a YAML node into what Decode would make of the same in JSON. Keys
// must be texts and stand once; anchors are followed, up to yamlMaxNodes.
func ValueOf(node *yaml.Node) (any, error) {
	left := yamlMaxNodes
	return valueOf(node, &left, 0)
}

// yamlMaxNodes bounds a document, its anchors followed: some kilobytes of anchors
// can stand for billions of values.
const (
	yamlMaxNodes = 1_000_000
	yamlMaxDepth = 64
)

func valueOf(node *yaml.Node, left *int, depth int) (any, error) {
	if *left--; *left < 0 || depth > yamlMaxDepth {
		return nil, fmt.Errorf("line %d: more than %d values, or %d one inside the other", node.Line, yamlMaxNodes, yamlMaxDepth)
	}
	depth++
	switch node.Kind {
	case 0:
		return nil, nil
	case yaml.DocumentNode:
		return valueOf(node.Content[0], left, depth)
	case yaml.AliasNode:
		return valueOf(node.Alias, left, depth)
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			v, err := valueOf(item, left, depth)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		doc := Doc{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if _, twice := doc[key.Value]; twice {
				return nil, fmt.Errorf("line %d: %s stands here twice", key.Line, key.Value)
			}
			v, err := valueOf(node.Content[i+1], left, depth)
			if err != nil {
				return nil, err
			}
			doc[key.Value] = v
		}
		return doc, nil
	default:
		return scalarOf(node), nil
	}
}

func scalarOf(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		if json.Valid([]byte(node.Value)) {
			return json.Number(node.Value)
		}
	}
	return node.Value
}
