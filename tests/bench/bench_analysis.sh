#!/bin/sh
# tests/bench/bench_analysis.sh - time and memory of `liquidus analyze` for one point with ten replicas of a nanosecond, blocks of 10 fs
# at first; environment from the test driver: LIQUIDUS, SOURCE, SCRATCH
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python

rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"
code=0
"$LIQUIDUS" run "$SOURCE/tests/bench/analysis.yaml" -n 3 --out run --quiet >run.out 2>&1 || code=$?
finished "$code" run
cp run/results.h5 first.h5
"$python" - "$LIQUIDUS" <<'END'
import resource, subprocess, sys, time

start = time.time()
code = subprocess.run([sys.argv[1], "analyze", "run"], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("analyze: %.1f s (%.1f s of CPU), at most %.0f MB resident" % (time.time() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
sys.exit(0 if code in (0, 1) else "exit code %d" % code)
END
same_table first.h5 run/results.h5
