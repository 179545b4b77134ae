#!/bin/sh
# `liquidus status --watch`: plain lines and a terminal's page to the end of the campaign; signals; what --json has.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
cat >wait.py <<'END'
"""wait.py SIGNAL DIR: watches on a terminal of 12 rows, sends the signal after the third page; prints what came and the exit code"""
import fcntl, os, pty, signal, struct, sys, termios
number = int(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execv(os.environ["LIQUIDUS"], ["liquidus", "status", sys.argv[2], "--watch"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 16, 80, 0, 0))
text = b""
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    text += more
    if number and text.count(b"\x1b[H") >= 3:
        os.kill(pid, number)
        number = 0
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(code, text.count(b"\x1b[H"), text.endswith(b"\x1b[?25h"), b"\x1b[?25l" in text)
sys.stdout.write(text.decode(errors="replace"))
END

# 1. A run that is stopped and goes on: those who watch wait for the second part, and end with it.
write_campaign c.yaml seen '{ from: 1000 K, to: 1200 K, step: 25 K }'
sed -i 's/nve: 0.6 ps/nve: 1.2 ps/; s/replicas: 2/replicas: 1/' c.yaml
"$LIQUIDUS" run c.yaml -n 3 --quiet --segment 0.2 >run.txt 2>&1 &
run=$!
for _ in $(seq 400); do [ -e seen.run/status.json ] && break; sleep 0.05; done
"$LIQUIDUS" status seen.run --watch >lines.txt 2>err.txt &
watch=$!
/usr/bin/python3 wait.py 0 seen.run >page.txt &
page=$!
/usr/bin/python3 wait.py 2 seen.run >stopped.txt &
stopped=$!
for _ in $(seq 400); do [ "$(grep -c event=finish seen.run/log)" -ge 3 ] && break; sleep 0.05; done
kill -USR1 "$run"
wait "$run"
[ $? = 75 ] || { cat run.txt; fail "the run did not stop"; }
wait "$stopped"
head -1 stopped.txt | grep -q '^75 [3-9][0-9]* True True$' || { cat -v stopped.txt; fail "a signal: wanted 75, pages and the cursor back"; }
for _ in $(seq 200); do grep -q '^stopped: ' lines.txt && break; sleep 0.1; done
ls -l --time-style=full-iso seen.run >before.txt
"$LIQUIDUS" status seen.run >rest.txt || fail "status"
"$LIQUIDUS" status seen.run --json >rest.json || fail "status --json"
ls -l --time-style=full-iso seen.run >after.txt
cmp before.txt after.txt || fail "status touched something"
"$LIQUIDUS" run c.yaml -n 3 --quiet >run.txt 2>&1
finished $? "the rest of the run"
wait "$watch"
finished $? "the one who watches"
wait "$page"
head -1 page.txt | grep -q '^[01] [1-9][0-9]* True True$' || { cat -v page.txt; fail "a page to the end"; }
grep -q 'points in all' page.txt || { cat -v page.txt; fail "18 points do not fit"; }
[ -s err.txt ] && { cat err.txt; fail "errors while watching"; }
grep -q '^stopped: ' lines.txt || { cat lines.txt; fail "the stop was not said"; }
tail -1 lines.txt | grep -q '^complete: 100 %, 1[78] of 18 points done, 0 running, [01] failed$' || { cat lines.txt; fail "the end was not said"; }
grep -q "$(printf '\033')" lines.txt && fail "a file was taken for a terminal"

# 2. What JSON has; shares are shares.
"$LIQUIDUS" status seen.run --json >end.json || fail "status --json at the end"
/usr/bin/python3 - rest.json end.json <<'END' || fail "JSON"
import json, sys
rest, end = (json.load(open(f)) for f in sys.argv[1:])
for s in rest, end:
    assert s["seconds_left_low"] <= s["seconds_left"] <= s["seconds_left_high"], s
    h, u = s["core_hours"], s["use"]
    assert h["left_low"] <= h["left"] <= h["left_high"] and h["used"] > 0 and h["budget"] is None, h
    assert 0 <= u["idle"] < 1 and 0 <= u["journal"] < 1 and 0 < u["dispatcher"] < 0.5 and u["groups"] == 2, u
    assert s["alive"] is False
    assert s["last_error"] is None or " reason=" in s["last_error"]["text"] # a guard may have spoken
assert (end["last_error"] is None) == (end["failed"] == 0)
assert rest["seconds_left"] > 0 and rest["core_hours"]["left"] > 0 and rest["state"] == "stopped"
assert end["seconds_left"] == 0 and end["state"] == "complete"
assert end["core_hours"]["used"] > rest["core_hours"]["used"]
worst = [w["error"] for w in end["worst"]]
assert len(worst) == 5 and worst == sorted(worst, reverse=True) and worst[-1] > 0, worst
END
[ "$(grep -c 'event=use seconds=[0-9.]* groups=2 idle=0\.[0-9]* journal=0\.[0-9]* dispatcher=0\.[0-9]*$' seen.run/log)" = 2 ] || fail "no account of the time in the log"

# 3. The last error is that of the log, also after the next run.
echo '2026-01-02T03:04:05Z event=fail point="A" replica=1 stage=npt done=0 total=9 seconds=0.1 reason=it froze' >>seen.run/log
"$LIQUIDUS" status seen.run | grep -q '^last error: 2026-01-02T03:04:05Z: point="A" replica=1 .* reason=it froze$' || fail "last error"
echo '2026-01-02T03:05:05Z event=relaunch number=1' >>seen.run/log
"$LIQUIDUS" status seen.run | grep -q '^last error: 2026-01-02T03:05:05Z: the job died and was started again$' || fail "last death"
"$LIQUIDUS" status "$SCRATCH" --watch >out.txt 2>err.txt
[ $? = 2 ] || fail "watching a folder without a campaign"
"$LIQUIDUS" status seen.run --watch --json >out.txt 2>err.txt
[ $? = 2 ] || fail "--watch and --json at once"
exit 0
