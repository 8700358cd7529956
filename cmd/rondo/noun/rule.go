package noun

import "github.com/rondohq/rondo/cmd/rondo/cli"

// Rule says what happens with conversations, and when. Its state comes last: in a
// file it is brought about when everything else is there.
var Rule = &Noun{
	Name: "rule", Plural: "rules",
	Fields: []Field{
		{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
		{Pointer: "/place", Kind: Number, Flag: "place", Help: "among all rules, from 1: lower ones are asked first"},
		{Pointer: "/on", Kind: Tree, Help: "what it answers to"},
		{Pointer: "/even_if_owned", Kind: Bool, Flag: "even-if-owned", Default: false, Help: "it comes before the contact's owner"},
		{Pointer: "/when", Kind: Tree, Help: "what must hold"},
		{Pointer: "/steps", Kind: Tree, Help: "what it does, one after another"},
		{Pointer: "/state", Kind: Choice, Choices: []string{"draft", "published", "paused"}, Default: "draft", Apart: true, Help: "whether it is in force"},
	},
	Columns: []Column{
		Plain("PLACE", "/place"), Plain("ID", "/id"), Plain("NAME", "/name"), word("STATE", "/state", map[string]cli.Colour{"published": cli.Green, "paused": cli.Yellow}),
		{Head: "DRAFT", Cell: func(d cli.Doc) cli.Cell {
			if d["changed"] == true && d["state"] != "draft" {
				return cli.Cell{Text: "changed", Colour: cli.Yellow}
			}
			return cli.Cell{}
		}},
		Plain("ON", "/on/on"),
	},
	Filters: []string{"state", "on"}, Sorts: []string{"place", "id", "-id"},
}
