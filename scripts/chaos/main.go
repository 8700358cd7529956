package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/check"
	"github.com/rondohq/rondo/scripts/chaos/history"
	"github.com/rondohq/rondo/scripts/chaos/lossyfs"
	"github.com/rondohq/rondo/scripts/chaos/nemesis"
	"github.com/rondohq/rondo/scripts/chaos/testbed"
)

// options are the flags.
type options struct {
	length  time.Duration
	nemeses []string
	seed    uint64
	nodes   int
	rate    int
	repeat  int
	short   bool
	keep    bool
	binary  string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "disk" { // started by ourselves, see testbed
		signal.Ignore(os.Interrupt)
		if err := lossyfs.Serve(testbed.PathsOf(os.Args[2]), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "chaos disk: %v\n", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	good, err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "chaos: %v\n", err)
		fmt.Println("verdict: void (the run did not come to its end)")
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

// run does what the flags say, and reports whether every verdict was a pass.
func run(ctx context.Context) (bool, error) {
	var o options
	flag.DurationVar(&o.length, "for", 2*time.Minute, "how long faults come and go")
	kinds := flag.String("nemesis", "all", "kinds of faults, with commas: kill, pause, partition, power, disk")
	flag.Uint64Var(&o.seed, "seed", 0, "decides faults and work; 0: a random one")
	flag.IntVar(&o.nodes, "nodes", 3, "3 or 5")
	flag.IntVar(&o.rate, "rate", 500, "operations a second, on average, without which a run is void")
	flag.IntVar(&o.repeat, "repeat", 1, "runs, with seeds in sequence; prints a row of a table for each")
	flag.BoolVar(&o.short, "short", false, "half a minute, content with one fault of each kind at 100 operations a second")
	flag.BoolVar(&o.keep, "keep", false, "keep the run's directory even if it passes")
	flag.StringVar(&o.binary, "binary", "", "rondo to attack; built from this checkout unless given")
	saved := flag.String("check", "", "judge the history in this directory again, and do nothing else")
	flag.Parse()
	if *saved != "" {
		return judgeSaved(*saved)
	}
	if flag.NArg() > 0 {
		return false, fmt.Errorf("%q is not understood; see --help", flag.Arg(0))
	}
	if o.nodes != 3 && o.nodes != 5 {
		return false, fmt.Errorf("--nodes %d: choose 3 or 5", o.nodes)
	}
	if o.short {
		o.length, o.rate = 20*time.Second, 100 // long enough for one fault of each of three kinds
		if *kinds == "all" {
			*kinds = "kill,partition,power"
		}
	}
	var err error
	if o.nemeses, err = nemesis.Parse(*kinds); err != nil {
		return false, fmt.Errorf("--nemesis: %w", err)
	}
	if o.seed == 0 {
		o.seed = rand.Uint64N(1_000_000) + 1
	}
	if missing := testbed.Missing(); missing != "" {
		return false, fmt.Errorf("this machine lacks %s", missing)
	}
	return repeat(ctx, o)
}

func repeat(ctx context.Context, o options) (bool, error) {
	good := true
	var rows []string
	for i := range o.repeat {
		one := o
		one.seed += uint64(i)
		result, err := attack(ctx, one)
		if err != nil {
			return false, fmt.Errorf("seed %d: %w", one.seed, err)
		}
		good = good && result.verdict.Pass()
		rows = append(rows, result.row)
	}
	if o.repeat > 1 {
		fmt.Println()
		fmt.Println(tableHead)
		for _, row := range rows {
			fmt.Println(row)
		}
		fmt.Printf("verdict: %s in %d runs\n", map[bool]string{true: "pass", false: "not all passed"}[good], o.repeat)
	}
	return good, nil
}

// judgeSaved is --check.
func judgeSaved(dir string) (bool, error) {
	run, err := history.Load(dir)
	if err != nil {
		return false, err
	}
	verdict := check.Judge(run)
	printFindings(verdict)
	printVerdict(run, verdict, dir)
	return verdict.Pass(), nil
}
