#!/bin/sh
# A replica whose process is killed each time that it runs: given up with its reason after as many deaths as the program
# allows, while the others finish with the values of an undisturbed run, bit for bit; it stays given up.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
need_proc
need_preload
memory_folder deadly
sed 's/equilibration: 4 ps/equilibration: 0.8 ps/; s/npt: 8 ps, nve: 8 ps/npt: 2 ps, nve: 2 ps/' "$SOURCE/tests/data/campaigns/killed_argon.yaml" >"$folder/c.yaml"
cd "$folder" || exit 1
"$LIQUIDUS" run c.yaml -n 3 --out whole.run --quiet >whole.txt
finished $? "the undisturbed run"

# the first write of its trajectory kills, in every process
LD_PRELOAD=$PRELOAD LQ_FAULT_PATH=T=90K.replica1.npt LQ_FAULT_NTH=1 LQ_FAULT_KIND=kill \
  "$LIQUIDUS" run c.yaml -n 3 --out deadly.run --quiet >deadly.txt 2>err.txt
code=$?
[ $code = 1 ] || { cat err.txt; fail "a campaign with a lost replica: exit code $code, wanted 1"; }
deaths=$(grep -c '^liquidus run: the job died (.*); starting it again$' err.txt)
[ "$deaths" -ge 4 ] || { cat err.txt; fail "$deaths deaths before the replica was given up, wanted at least 4"; }
[ "$deaths" -le 8 ] || { cat err.txt; fail "$deaths deaths"; }

cat >look.py <<END
import h5py, sys
whole, hurt = (h5py.File(f"{d}.run/results.h5") for d in ("whole", "deadly"))
words = hurt["point/state"].attrs["flag_meanings"]
words = (words.decode() if isinstance(words, bytes) else str(words)).split()
states = [words[list(hurt["point/state"].attrs["flag_values"]).index(s)] for s in hurt["point/state"][()]]
print(states, hurt["point/replicas_done"][()], hurt["point/replicas_failed"][()])
assert states == ["partial", "done"], states
assert hurt["point/replicas_done"][()].tolist() == [1, 2] and hurt["point/replicas_failed"][()].tolist() == [1, 0]
for name in ("density", "density_error", "diffusion", "diffusion_error", "viscosity"):
    a, b = (f[name][()] for f in (whole, hurt))
    cold = hurt["temperature"][()] < 100.0
    axis = a.shape.index(2)
    a, b = (x.take([i for i in range(2) if not cold[i]], axis) for x in (a, b))
    assert a.tobytes() == b.tobytes(), name
END
"$python" look.py || fail "the table"
"$LIQUIDUS" explain deadly.run 0 >explain.txt || fail "explain"
grep -q 'crashed 4 times without progress' explain.txt || { cat explain.txt; fail "explain does not say why"; }
"$LIQUIDUS" status deadly.run >status.txt || fail "status"
grep -q '1 partial' status.txt || { cat status.txt; fail "status does not count it"; }

# It is not tried again, and the others are not computed again.
before=$(grep -c 'event=segment\|event=finish' deadly.run/log)
"$LIQUIDUS" run c.yaml -n 3 --out deadly.run --quiet >again.txt 2>err.txt
[ $? = 1 ] || { cat err.txt; fail "the run after it"; }
[ "$(grep -c 'event=segment\|event=finish' deadly.run/log)" = "$before" ] || fail "something was computed again"
"$python" look.py || fail "the table of the run after it"
