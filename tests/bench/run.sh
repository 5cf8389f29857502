#!/usr/bin/env bash
# Speed and memory, everything side by side in one run: CPU time per event (user + system of the
# whole process), generator on one core and the other end on another, in alternating rounds. A ratio
# is the median of the ratios of each round.
#   tests/bench/run.sh HOOKPROOF    ROUNDS=5 SECONDS_EACH=3 EVENTS=2000000 may be set
# Exits 0 also when a target is missed: it measures, people decide.
set -euo pipefail

hookproof=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
top=$(realpath "$here/../..")
rounds=${ROUNDS:-5}
span=${SECONDS_EACH:-3}
events=${EVENTS:-2000000}
connections=64
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r
work=$(mktemp -d)
cd "$work"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

# ---- what is needed ----

need() { # command package...
	command -v "$1" >/dev/null && return
	local root=()
	[ "$(id -u)" = 0 ] || root=(sudo)
	echo "bench: installing $2" >&2
	"${root[@]}" apt-get update -q >/dev/null &&
		"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy "$2" >/dev/null ||
		{ echo "bench: $1 is missing: apt-get install $2" >&2; exit 4; }
}
need wrk wrk
need nginx nginx-light
need sqlite3 sqlite3
for program in sink bare delays measure; do
	"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O2 -I"$top" -o $program \
		"$here/$program.c" "$here/bench.c"
done

# One core for what is measured, another for the other end, where there are two.
near=(taskset -c 0) far=(taskset -c 1)
[ "$(nproc)" -ge 2 ] || near=() far=()

# ---- tools ----

note() { echo "$1 $2" >>figures; } # a figure of one round
median() { awk -v n="$1" '$1 == n {print $2}' figures | sort -g | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
most() { awk -v n="$1" '$1 == n {print $2}' figures | sort -g | tail -n 1; }
spread() { awk -v n="$1" '$1 == n {print $2}' figures | sort -g | awk 'NR==1{a=$1} {b=$1} END {printf "%g-%g", a, b}'; }
json() { sqlite3 :memory: "select json_extract(readfile('$1'), '$2')"; }
per() { awk -v ns="$1" -v n="$2" 'BEGIN {print ns / n}'; } # ns per request

start_sink() { # status; sets port
	"${far[@]}" ./sink 0 "$1" >sink.out 2>/dev/null &
	pids+=($!)
	until port=$(awk '/^port/ {print $2}' sink.out) && [ -n "$port" ]; do :; done
}

# ---- one round of each client ----

run_bare() { # the same bytes as ours
	note bare "$("${near[@]}" ./bare "$port" $connections "$span" "$request_bytes" |
		awk '{print $3}')"
}

run_wrk() { # figure script
	./measure cost "${near[@]}" wrk -t1 -c$connections -d"${span}s" -s "$here/$2" \
		"http://127.0.0.1:$port/hooks" >wrk.out 2>&1
	note "$1" "$(per "$(cut -d' ' -f1 cost)" "$(awk '/requests in/ {print $1}' wrk.out)")"
}

load() { # options...; leaves out.json and cost
	rm -rf out
	./measure cost "${near[@]}" "$hookproof" load "http://127.0.0.1:$port/hooks" \
		--secret-env HOOK_SECRET --out out --json "$@" >out.json 2>load.err || true
	[ "$(json out.json '$.accounting.planned')" ] || { cat out.json load.err >&2; exit 4; }
}

run_load() { # figure record
	load --closed --connections $connections --for "${span}s" --record "$2"
	note "$1" "$(per "$(cut -d' ' -f1 cost)" "$(json out.json '$.attempts.total')")"
	[ "$2" != summary ] || note rate "$(json out.json '$.rate.achieved')"
}

# ---- one round of each server, under the same wrk load of unique signed events ----

cpu_ns() { awk -v hz="$(getconf CLK_TCK)" '{print ($14 + $15) * 1e9 / hz}' "/proc/$1/stat"; }

run_server() { # figure port pid
	local before after
	before=$(cpu_ns "$3")
	"${near[@]}" wrk -t1 -c$connections -d"${span}s" -s "$here/sign_tuned.lua" \
		"http://127.0.0.1:$2/hooks" >wrk.out 2>&1
	after=$(cpu_ns "$3")
	note "$1" "$(awk -v a="$before" -v b="$after" '/requests in/ {print (b - a) / $1}' wrk.out)"
}

run_nginx() {
	mkdir -p nginx
	cat >nginx.conf <<-EOF
		daemon off; master_process off; pid $work/nginx.pid; error_log stderr crit;
		events { worker_connections 1024; }
		http { access_log off; keepalive_requests 1000000000;
		  client_body_temp_path nginx; proxy_temp_path nginx; fastcgi_temp_path nginx;
		  uwsgi_temp_path nginx; scgi_temp_path nginx;
		  server { listen 127.0.0.1:$nginx_port; location / { return 200; } } }
	EOF
	"${far[@]}" nginx -p "$work" -c nginx.conf >/dev/null 2>&1 &
	local pid=$!
	until (exec 3<>"/dev/tcp/127.0.0.1/$nginx_port") 2>/dev/null; do :; done
	run_server nginx "$nginx_port" $pid
	kill $pid && wait $pid 2>/dev/null || true
}

# shellcheck source=tests/bench/receivers.sh
. "$here/receivers.sh"

# ---- the table ----

row() { # what value target unit
	local verdict=ok
	awk -v v="$2" -v t="$3" 'BEGIN {exit !(v <= t)}' || verdict=MISSED
	printf '%-58s %9.3g  <= %-6s %-8s %s\n' "$1" "$2" "$3" "$4" $verdict
}
# The median of the rounds' own ratios: a machine whose speed drifts drifts for both of a round.
ratio() {
	awk -v a="$1" -v b="$2" '$1 == a {x[++n] = $2} $1 == b {y[++m] = $2}
		END {for (i = 1; i <= n; i++) print x[i] / y[i]}' figures | sort -g |
		awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}

echo "bench: $rounds rounds of ${span} s each, $connections connections, $(nproc) cores," \
	"$(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo)"
start_sink 204
nginx_port=$((20000 + port % 10000)) # below those that outgoing connections are given
load --closed --connections $connections --count 1000 --record summary
request_bytes=$(json out.json '$.attempts.bytes_sent / $.attempts.total')
for ((round = 1; round <= rounds; round++)); do
	run_bare
	run_wrk wrk post.lua
	run_load hookproof summary
	run_load hookproof-all all
	run_wrk wrk-lua sign.lua
	run_wrk wrk-lua-tuned sign_tuned.lua
	run_nginx
	run_receivers
	echo "  round $round of $rounds" >&2
done

half=$(awk -v r="$(median rate)" 'BEGIN {printf "%d", r / 2}')
for ((round = 1; round <= rounds; round++)); do
	load --rate "$half/s" --connections $connections --for "${span}s" --record summary
	note lag "$(json out.json '$.latency_us.lag.p999')"
done

count_connections
for ((round = 1; round <= rounds; round++)); do
	run_all_delays
	echo "  delays, round $round of $rounds" >&2
done

# ---- memory ----

load --closed --connections $connections --count "$events" --record summary
outside_kib=$(cut -d' ' -f2 cost)

scenario() { # endpoint, receivers, events in a closed loop
	printf '{"name": "memory", "seed": 1, "record": "summary", "set": {"retry.base": "1h"},
		"arrivals": {"kind": "closed", "concurrency": 64, "count": %d},
		"limits": {"drain": "1s", "lag": "1s"}, "endpoints": [%s], "receivers": [%s]}' \
		"$3" "$1" "$2" >memory.json
}
run_scenario() { # bucket, its deliveries; leaves cost
	rm -rf out
	./measure cost "$hookproof" run memory.json --out out --json >out.json 2>run.err || true
	[ "$(json out.json "\$.accounting.$1")" = "$2" ] ||
		{ cat out.json run.err >&2; echo "bench: not $2 $1" >&2; exit 4; }
}
scenario '{"name": "a", "receiver": "a"}' '{"name": "a"}' "$events"
run_scenario delivered "$events"
inside_kib=$(cut -d' ' -f2 cost)

pending=$((events / 2))
start_sink 503
scenario "{\"name\": \"a\", \"url\": \"http://127.0.0.1:$port/\", \"secret_env\": \"HOOK_SECRET\"}" \
	'' "$pending"
run_scenario pending "$pending"
pending_kib=$(cut -d' ' -f2 cost)

echo
echo "medians, CPU ns per request (least-most)"
for name in bare wrk hookproof hookproof-all wrk-lua wrk-lua-tuned nginx receive \
	receive-plan receive-early; do
	printf '  %-16s %7.0f  (%s)\n' $name "$(median $name)" "$(spread $name)"
done
echo
print_delays
echo
printf '%-58s %9s  %-9s %-8s\n' measure result target ''
row "closed loop, unique and signed, against wrk's constant body" "$(ratio hookproof wrk)" 0.90 "x wrk"
row "the same with --record all" "$(ratio hookproof-all wrk)" 1.15 "x wrk"
row "against wrk that signs in Lua" "$(ratio hookproof wrk-lua)" 0.35 "x wrk"
row "against the bare epoll loop" "$(ratio hookproof bare)" 1.12 "x bare"
row "simulated receiver, recorded, against nginx return 200" "$(ratio receive nginx)" 1.4 "x nginx"
print_receiver_rows
row "open loop at half the maximum ($half/s): lag p99.9" "$(median lag)" 1000 us
row "memory, $events events to an outside sink" "$(per "$outside_kib" 1024)" 64 MiB
row "memory an event with receivers in the process" \
	"$(awk -v a="$inside_kib" -v b="$outside_kib" -v n="$events" 'BEGIN {print (a - b) * 1024 / n}')" 40 bytes
row "memory a pending retry" \
	"$(awk -v a="$pending_kib" -v b="$outside_kib" -v n="$pending" 'BEGIN {print (a - b) * 1024 / n}')" 128 bytes
echo
echo "no target: against wrk with a tuned script, $(ratio hookproof wrk-lua-tuned | cut -c1-5) x"
