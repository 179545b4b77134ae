#!/bin/sh
# A committee of three potentials: kill -9 and resume give the same table bit for bit, analyze gives it once more, a member
# added later leaves the replicas of the others alone, and the model error is what the members' own values say.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
for i in 1 2; do
  "$python" "$SOURCE/tests/support/scale_potential.py" "$SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp" m$i.almtp \
    0.9$((i + 6)) || fail "no member"
done
write_campaign two.yaml trio
sed -i 's/CaCl2: \[0.777, 1.0\]/CaCl2: 0.777/; s/npt: 0.6 ps/npt: 3 ps/; /conductivity/d' two.yaml
sed "s|file: \([^,]*\)|file: [\1, m1.almtp, m2.almtp]|" two.yaml >three.yaml
sed -i "s|file: \([^,]*\)|file: [\1, m2.almtp]|" two.yaml

"$LIQUIDUS" run three.yaml -n 3 --out whole.run --quiet >whole.txt
code=$?
finished $code "the uninterrupted run"
grep -q 'The second ± is the model error' whole.txt || fail "the table does not say what the second ± is"

# killed in the middle, and run again
kill_all() { # everything of the run, at once (their arguments name the directory)
  # shellcheck disable=SC2046
  kill -9 $(pgrep -f -- "--out $SCRATCH/trio.run") 2>/dev/null
  while pgrep -f -- "--out $SCRATCH/trio.run" >/dev/null; do sleep 0.05; done
}
trap kill_all EXIT
"$LIQUIDUS" run two.yaml -n 3 --out "$SCRATCH/trio.run" --segment 0.1 --quiet >killed.txt 2>&1 &
while ! grep -qs 'event=finish' trio.run/log; do sleep 0.05; done
pgrep -f -- "--out $SCRATCH/trio.run" >/dev/null || fail "the kill does not hit a running campaign"
kill_all
wait
"$LIQUIDUS" run two.yaml -n 3 --out trio.run --quiet >two.txt
finished $? "two members"
grep -q '^1 points: ' <<END || fail "status"
$("$LIQUIDUS" status trio.run)
END
# another member, in the middle of the list: only its replicas run
"$LIQUIDUS" run three.yaml -n 3 --out trio.run --quiet >three.txt
finished $? "three members"
tail -n +"$(grep -n 'event=start' trio.run/log | tail -n 1 | cut -d: -f1)" trio.run/log >last.log
[ "$(grep -c 'event=finish' last.log)" = 6 ] || fail "not 1 point x 2 replicas x 3 stages of the new member"
grep 'event=\(finish\|segment\)' last.log | grep -v '\[m1\]' && fail "replicas of the other members ran again"
same_table whole.run/results.h5 trio.run/results.h5
cmp whole.txt three.txt >/dev/null || sed 's/whole.run/trio.run/' whole.txt | cmp - three.txt || fail "another table"
cp trio.run/results.h5 run.h5
"$LIQUIDUS" analyze trio.run >/dev/null || [ $? = $code ] || fail "analyze"
same_table run.h5 trio.run/results.h5
"$LIQUIDUS" explain trio.run 0 >explain.txt || fail "explain"
grep -q '6 of 6 replicas done' explain.txt || fail "explain does not count the replicas of all members"
grep -q 'density: .*: potentials differ by' explain.txt || grep -q 'potential_energy: potentials differ by' explain.txt ||
  fail "explain does not say that the potentials differ"
"$LIQUIDUS" plan --no-probe three.yaml >plan.txt || fail "plan"
grep -q '1 points, 6 replicas, 18 tasks' plan.txt || fail "plan does not count the replicas of all members"

"$python" - <<END || fail "results.h5"
import hashlib
import h5py, numpy as np, xarray
f = h5py.File("run.h5")
parts, at = [], 0
for n in f["potential_text"].attrs["file_sizes"]:
    parts.append(f["potential_text"][at:at + n].tobytes())
    at += n
assert at == f["potential_text"].size
sha = f.attrs["potential_sha256"].decode().split() if isinstance(f.attrs["potential_sha256"], bytes) else f.attrs["potential_sha256"].split()
assert [hashlib.sha256(p).hexdigest() for p in parts] == sha and len(sha) == 3
assert parts[1] == open("m1.almtp", "rb").read()
f.close()
table, member = xarray.open_dataset("run.h5"), xarray.open_dataset("run.h5", group="member")
names = [n.decode() if isinstance(n, bytes) else n for n in member["member"].values]
assert names == ["cacl2-kcl-l10", "m1", "m2"], names
for name in "density", "potential_energy", "diffusion":
    assert f"{name}_model_error" in table[name].attrs["ancillary_variables"].split(), name
    assert table[f"{name}_model_error"].dims == table[name].dims
    assert member[name].dims[:4] == ("CaCl2", "temperature", "pressure", "member"), member[name].dims
    assert table[f"{name}_model_error"].attrs["units"] == table[name].attrs["units"]
for name in "density", "potential_energy":
    m, e = member[name].values, member[f"{name}_error"].values
    n = member[f"{name}_neff"].values
    assert np.isfinite(m).all() and np.isfinite(e).all(), name
    # random effects of DerSimonian and Laird, errors widened for few samples
    w = 1.0 / (e**2 * np.where(n >= 5.0, (n - 1.0) / (n - 3.0), 2.0))
    mean = (w * m).sum(-1, keepdims=True) / w.sum(-1, keepdims=True)
    q = (w * (m - mean)**2).sum(-1)
    tau2 = np.maximum(0.0, (q - 2.0) / (w.sum(-1) - (w**2).sum(-1) / w.sum(-1)))
    assert np.allclose(table[f"{name}_model_error"].values, np.sqrt(tau2), rtol=1e-6, atol=1e-9), name
    w = 1.0 / (1.0 / w + tau2[..., None])
    assert np.allclose(table[name].values, (w * m).sum(-1) / w.sum(-1), rtol=1e-9), name
    assert (table[f"{name}_model_error95"].values > table[f"{name}_model_error"].values).all(), name
# shallower potentials by 3 and 2 %: their liquids have higher energies, by far more than the runs are uncertain
u = member["potential_energy"].values
assert (u[..., 1] > u[..., 0]).all(), u
assert xarray.open_dataset("run.h5", group="series/npt")["volume"].shape[1] == 6
END

# To a target: a replica more of each member, in the table and in the series, and the same once more without dynamics.
sed 's/density: {}/density: { target: 0.001 % }/; s/replicas: 2/replicas: 2\n  max_replicas: 3/' three.yaml >goal.yaml
"$LIQUIDUS" run goal.yaml -n 3 --out trio.run --quiet >goal.txt
[ $? = 1 ] || { cat goal.txt; fail "a target that is missed ends with 1"; }
[ "$(grep -c event=extend trio.run/log)" = 1 ] || { cat goal.txt; fail "not one replica more"; }
grep -q 'density .* of 20 (target 0.001 %)\|density .*(target 0.001 %);' goal.txt || { cat goal.txt; fail "the target is not told"; }
"$python" - <<END || fail "replicas of a committee that runs to a target"
import h5py
f = h5py.File("trio.run/results.h5")
volume = f["series/npt/volume"][()]
assert f["point/replicas_done"][()].tolist() == [9] and volume.shape[1] == 9, (f["point/replicas_done"][()], volume.shape)
assert (volume[0, :, 0] > 0).all(), "a member without its third replica"
END
cp trio.run/results.h5 goal.h5
"$LIQUIDUS" analyze trio.run >/dev/null
same_table goal.h5 trio.run/results.h5
exit 0
