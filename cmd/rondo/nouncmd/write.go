package nouncmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// fileLimitBytes bounds what -f reads.
const fileLimitBytes = 1 << 20

// A writing is create or set of one noun.
type writing struct {
	o      *cli.Options
	noun   *noun.Noun
	create bool
	file   string
	texts  map[string]*string // by flag
	lists  map[string]*[]string
}

// writeCommand returns create, which refuses what is there, or set, which changes
// what its flags name.
func writeCommand(o *cli.Options, n *noun.Noun, create bool) *cobra.Command {
	w := &writing{o: o, noun: n, create: create, texts: map[string]*string{}, lists: map[string]*[]string{}}
	cmd := &cobra.Command{Use: "set ID", Aliases: []string{"put"}, Args: cobra.ExactArgs(1), Short: "Change what the flags name; create it if it is not there",
		Long: "Set changes what its flags name and leaves the rest as it is, or creates it. With\n-f the document replaces all of it, and flags overrule the document. An empty flag\n(--email=) brings the default back."}
	if create {
		cmd = &cobra.Command{Use: "create ID", Args: cobra.ExactArgs(1), Short: "Create it; refused if it is there",
			Long: "Create makes a new one of the flags, or of the document of -f, which the flags\noverrule. Without --name it is named like its id. An id that is taken is refused."}
	}
	cmd.ValidArgsFunction = completeArgs(o, n.Plural)
	cmd.Flags().StringVarP(&w.file, "file", "f", "", "a JSON or YAML document in the form of PUT; -: standard input")
	for _, f := range n.Fields {
		w.attach(cmd, f)
	}
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = w.run
	return cmd
}

func (w *writing) attach(cmd *cobra.Command, f noun.Field) {
	if f.Flag == "" {
		return
	}
	help := f.Help
	if f.Choices != nil {
		help += ": " + strings.Join(f.Choices, ", ")
	}
	if noun.Repeats(f) {
		w.lists[f.Flag] = cmd.Flags().StringArray(f.Flag, nil, help)
		return
	}
	w.texts[f.Flag] = cmd.Flags().String(f.Flag, "", help)
	if f.Kind == noun.Bool {
		cmd.Flags().Lookup(f.Flag).NoOptDefVal = "true"
	}
	completeField(cmd, w.o, f)
}

func (w *writing) run(cmd *cobra.Command, args []string) error {
	named, err := w.named(cmd.Flags())
	if err != nil {
		return err
	}
	var whole cli.Doc
	if w.file != "" {
		if whole, err = readDocument(cmd.InOrStdin(), w.file); err != nil {
			return err
		}
		if slips := w.noun.Check(whole); len(slips) > 0 {
			return slipped(w.file, slips)
		}
	}
	if len(named) == 0 && whole == nil && !w.create {
		return cli.Usage("nothing to set: name a field by its flag, or a document with -f; see: %s --help", cmd.CommandPath())
	}
	path := w.noun.Path() + "/" + url.PathEscape(args[0])
	return change(cmd, w.o, showThing, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
		if w.create {
			doc := noun.Merge(cli.Doc{"name": args[0]}, whole, named)
			meta, err := c.Do(ctx, http.MethodPut, path, doc, raw, append(w.o.Keyed(), client.IfMatch(0))...)
			var problem *client.Problem
			if errors.As(err, &problem) && problem.Status == http.StatusPreconditionFailed {
				err = &cli.HintedError{Err: err, Hint: fmt.Sprintf("To change it: rondo %s set %s", w.noun.Name, args[0])}
			}
			return meta, err
		}
		if whole != nil {
			return c.Do(ctx, http.MethodPut, path, noun.Merge(whole, named), raw, w.o.Keyed()...)
		}
		return amend(ctx, c, w.noun, args[0], named, raw, w.o.Keyed()...)
	})
}

// named returns what the flags say, by pointer.
func (w *writing) named(flags *pflag.FlagSet) (map[string]any, error) {
	named := map[string]any{}
	for _, f := range w.noun.Fields {
		if f.Flag == "" || !flags.Changed(f.Flag) {
			continue
		}
		text := ""
		if list, ok := w.lists[f.Flag]; ok {
			text = strings.Join(*list, ",")
		} else {
			text = *w.texts[f.Flag]
		}
		value, err := f.Parse(text)
		if err != nil {
			return nil, err
		}
		var slips []noun.Slip
		if slips = w.noun.Check(noun.Merge(cli.Doc{f.Pointer: value})); len(slips) > 0 {
			return nil, cli.Usage("--%s %s", f.Flag, slips[0].Says)
		}
		named[f.Pointer] = value
	}
	return named, nil
}

// amendTries is how often a change is tried over what somebody else has changed
// meanwhile.
const amendTries = 5

// amend changes the named fields (by pointer) of one thing and leaves the others
// as they are: it reads, merges and writes what it has seen, again if somebody else
// was faster. What is not there is created.
func amend(ctx context.Context, c *client.Client, n *noun.Noun, id string, named map[string]any, raw *[]byte, opts ...client.CallOption) (*client.Meta, error) {
	path := n.Path() + "/" + url.PathEscape(id)
	for try := 1; ; try++ {
		var view cli.Doc
		var answer []byte
		_, err := c.Do(ctx, http.MethodGet, path, nil, &answer)
		var problem *client.Problem
		missing := errors.As(err, &problem) && problem.Status == http.StatusNotFound
		if err != nil && !missing {
			return &client.Meta{}, err
		}
		doc, match := cli.Doc{"name": id}, uint64(0)
		if !missing {
			if view, err = cli.DecodeDoc(answer); err != nil {
				return &client.Meta{}, err
			}
			doc, match = n.Writable(view), noun.RevisionOf(view)
		}
		doc = noun.Merge(doc, named)
		n.Lean(doc)
		meta, err := c.Do(ctx, http.MethodPut, path, doc, raw, append(opts, client.IfMatch(match))...)
		if try < amendTries && errors.As(err, &problem) && problem.Status == http.StatusPreconditionFailed {
			continue
		}
		return meta, err
	}
}

func slipped(file string, slips []noun.Slip) error {
	var b strings.Builder
	for _, s := range slips {
		fmt.Fprintf(&b, "\n  %s: %s", s.Pointer, s.Says)
	}
	return cli.Usage("%s is not right:%s", file, b.String())
}

// readDocument reads a JSON or YAML object; - is standard input.
func readDocument(in io.Reader, file string) (cli.Doc, error) {
	data, err := readText(in, file)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(data), &node); err != nil {
		return nil, cli.Usage("read %s: %w", file, err)
	}
	v, err := cli.ValueOf(&node)
	if err != nil {
		return nil, cli.Usage("read %s: %w", file, err)
	}
	doc, ok := v.(cli.Doc)
	if !ok {
		return nil, cli.Usage("%s holds no object", file)
	}
	return doc, nil
}

// readText reads a file; - is standard input.
func readText(in io.Reader, file string) (string, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", &cli.UsageError{Err: err}
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, fileLimitBytes+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	if len(data) > fileLimitBytes {
		return "", cli.Usage("%s has more than %d bytes", file, fileLimitBytes)
	}
	return string(data), nil
}

// change makes a call that changes something, and shows the answer.
func change(cmd *cobra.Command, o *cli.Options, show func(*cli.Printer, []byte) error,
	call func(context.Context, *client.Client, *[]byte) (*client.Meta, error)) error {
	var raw []byte
	err := o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		meta, err := call(ctx, c, &raw)
		if err != nil || !o.Wait {
			return err
		}
		return cli.EveryNode(ctx, c, meta.Index)
	})
	var late *cli.LateError
	if err != nil && !errors.As(err, &late) {
		return err
	}
	if shown := show(o.Printer(cmd), raw); shown != nil {
		return shown
	}
	return err
}

func editCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	var sets, unsets []string
	cmd := &cobra.Command{
		Use: "edit ID", Args: cobra.ExactArgs(1), Short: "Change single fields by their JSON pointers (PATCH)",
		Example:           "  rondo " + n.Name + " edit ID --set /name='\"New name\"' --unset /fields/seat",
		ValidArgsFunction: completeArgs(o, n.Plural),
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "POINTER=VALUE; the value is JSON, or else text; repeat it")
	cmd.Flags().StringArrayVar(&unsets, "unset", nil, "POINTER that takes its default again; repeat it")
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		patch, err := patchOf(sets, unsets)
		if err != nil {
			return err
		}
		path := n.Path() + "/" + url.PathEscape(args[0])
		return change(cmd, o, showThing, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			return c.Do(ctx, http.MethodPatch, path, patch, raw, o.Keyed()...)
		})
	}
	return cmd
}

func patchOf(sets, unsets []string) (cli.Doc, error) {
	patch := cli.Doc{}
	for _, set := range sets {
		pointer, text, ok := strings.Cut(set, "=")
		if !ok || !strings.HasPrefix(pointer, "/") || len(pointer) < 2 {
			return nil, cli.Usage("--set is %q: write /pointer=value, such as /rotation/order=list", set)
		}
		value, err := cli.Decode([]byte(text))
		if err != nil || json.Unmarshal([]byte(text), new(any)) != nil {
			value = text // words need no quotes
		}
		cli.Set(patch, pointer, value)
	}
	for _, pointer := range unsets {
		if !strings.HasPrefix(pointer, "/") || len(pointer) < 2 {
			return nil, cli.Usage("--unset is %q: write a pointer such as /rotation/order", pointer)
		}
		cli.Set(patch, pointer, nil)
	}
	if len(patch) == 0 {
		return nil, cli.Usage("nothing to edit: use --set or --unset")
	}
	return patch, nil
}
