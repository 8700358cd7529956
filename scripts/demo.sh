#!/usr/bin/env bash
# The proof. Three real nodes on this machine take the event log of a help desk, as
# fast as they can, while their leader is killed with kill -9 three times. At the end
# every decision is checked by code that shares nothing with the server.
#
#   scripts/demo.sh [LOG.csv]     the log is ../shared/data/helpdesk.csv beside the
#                                 checkout, unless another is named
#
# It needs go and curl and takes a minute or two. The exit code is 0 if all checks
# hold. Whatever happens, no process and no file stays behind. Its ports begin at
# 14600, or where DEMO_PORT_BASE says.
set -euo pipefail

log=${1:-}
[[ -z $log ]] || log=$(realpath -- "$log")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
log=${log:-$(realpath -m -- ../shared/data/helpdesk.csv)}

kills=3
base=${DEMO_PORT_BASE:-14600}
nodes=("http://127.0.0.1:$base" "http://127.0.0.1:$((base + 10))" "http://127.0.0.1:$((base + 20))")
dev='' replay='' work=''

say() { printf 'demo    %s\n' "$*"; }

fail() {
	printf 'demo    FAILED: %s\n' "$*" >&2
	exit 1
}

# prefixed writes what another process says, with its name before each line.
prefixed() {
	local line
	while IFS= read -r line; do printf '%-7s %s\n' "$1" "$line"; done
}

clean_up() {
	local status=$?
	trap - EXIT
	trap '' INT TERM # once is enough, and it is bounded
	[[ -z $replay ]] || kill "$replay" 2>/dev/null || true
	if [[ -n $dev ]] && kill "$dev" 2>/dev/null; then
		wait "$dev" || status=$((status == 0 ? 1 : status))
	fi
	wait
	[[ -z $work ]] || rm -rf -- "$work"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# await repeats a command until it succeeds, for a minute.
await() { # what command...
	local what=$1 deadline=$((SECONDS + 60))
	shift
	until "$@"; do
		kill -0 "$dev" 2>/dev/null || fail "rondo dev has ended"
		((SECONDS < deadline)) || fail "not after a minute: $what"
		sleep 0.1
	done
}

ask() { curl --silent --fail --max-time 5 "$@"; }

ready() { ask --output /dev/null "$1/readyz"; }

# serves asks for a linearizable read, which takes a leader.
serves() { ask --output /dev/null "$1/v1/agents?limit=1"; }

# find_leader sets leader (n1) and pid, as the first node that answers sees them.
find_leader() {
	local node json item
	for node in "${nodes[@]}"; do
		json=$(ask "$node/v1/cluster/nodes") || continue
		while IFS= read -r item; do
			[[ $item == *'"leader":true'* && $item == *'"reachable":true'* ]] || continue
			[[ $item =~ \"id\":\"([^\"]+)\" ]] || continue
			leader=${BASH_REMATCH[1]}
			[[ $item =~ \"pid\":([0-9]+) ]] || continue
			pid=${BASH_REMATCH[1]}
			return 0
		done <<<"${json//\},/$'\n'}"
	done
	return 1
}

other_leads() { find_leader && [[ $pid != "$1" ]]; } # pid

url_of() { printf '%s' "${nodes[${1#n} - 1]}"; } # n1

kill_leader() { # number
	await "a leader is known" find_leader
	local dead=$leader dead_pid=$pid
	say "kill -9 $dead_pid: $dead, the leader, dies (number $1 of $kills)"
	kill -9 "$dead_pid"
	await "another node leads" other_leads "$dead_pid"
	await "the new leader serves" serves "$(url_of "$leader")"
	say "$leader leads and serves; waiting for $dead to come back"
	await "$dead is back" ready "$(url_of "$dead")"
	say "$dead is back and has caught up"
}

# steps sets done to the number of commands that the cluster has carried out.
steps() {
	local node json
	for node in "${nodes[@]}"; do
		json=$(ask "$node/v1/cluster") || continue
		[[ $json =~ \"seq\":([0-9]+) ]] || continue
		done=${BASH_REMATCH[1]}
		return 0
	done
	return 1
}

has_done() { steps && ((done >= $1)) || ! kill -0 "$replay" 2>/dev/null; } # number of commands

for tool in go curl; do
	command -v "$tool" >/dev/null || fail "$tool is needed and not installed"
done
[[ -r $log ]] || fail "there is no event log $log: name one, scripts/demo.sh LOG.csv"

work=$(mktemp -d)
say "building rondo"
go build -buildvcs=false -o "$work/rondo" ./cmd/rondo
mkfifo "$work/dev.out" "$work/replay.err"

say "starting three nodes on this machine, each with a disk of its own"
prefixed dev <"$work/dev.out" &
TMPDIR=$work "$work/rondo" dev --port-base "$base" --restart-after 2s >"$work/dev.out" 2>&1 &
dev=$!
for node in "${nodes[@]}"; do await "$node is ready" ready "$node"; done
await "a leader serves" serves "${nodes[0]}"

say "replaying $log"
servers=()
for node in "${nodes[@]}"; do servers+=(--server "$node"); done
prefixed replay <"$work/replay.err" &
said=$!
"$work/rondo" replay "$log" "${servers[@]}" >"$work/report" 2>"$work/replay.err" &
replay=$!

# A ticket is at least one command; so all kills fall into the replay.
tickets=0
while IFS= read -r line; do ((tickets += 1)); done < <(cut -d, -f1 -- "$log" | tail -n +2 | sort -u)
await "the cluster answers" steps
began=$done
for ((i = 1; i <= kills; i++)); do
	deadline=$((SECONDS + 600))
	until has_done $((began + tickets * i / (kills + 1))); do
		((SECONDS < deadline)) || fail "the replay does not get on"
		kill -0 "$dev" 2>/dev/null || fail "rondo dev has ended"
		sleep 0.2
	done
	if ! kill -0 "$replay" 2>/dev/null; then
		wait "$replay" || fail "the replay ended early, see above"
		fail "the replay was over before the leader had died $kills times: take a longer log"
	fi
	kill_leader "$i"
done
say "$kills leaders have died; now let it finish"

status=0
wait "$replay" || status=$?
replay=''
wait "$said"
cat -- "$work/report"
echo
if ((status == 0)); then
	say "all checks hold: nothing was lost, repeated or out of order while the leader died $kills times"
else
	say "the checks do not hold, see above"
fi
exit "$status"
