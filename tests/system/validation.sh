#!/bin/sh
# tests/system/validation.sh [short|long] - the campaigns of campaigns/validation against published values or method against method: as
# they are, or with fewer atoms and picoseconds; environment from the test driver: LIQUIDUS, SOURCE, SCRATCH
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
form=${1:-short}

rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"
for file in "$SOURCE"/campaigns/validation/*.yaml; do
  name=$(basename "$file" .yaml)
  if [ "$form" = short ]; then
    sed -e 's/atoms: 500/atoms: 108/' -e 's/atoms: 216/atoms: 64/' -e 's/cutoff: 9 A/cutoff: 6.5 A/' -e 's/equilibration: .*/equilibration: 6 ps/' \
      -e 's/npt: [^,]*, nve: [^,}]*ps/npt: 4 ps, nve: 8 ps/' -e 's/rnemd: [^,}]*ps/rnemd: 30 ps/' -e 's/atoms: 256/atoms: 108/' \
      -e 's/replicas: .*/replicas: 2/' "$file" >"$name.yaml"
  else
    cp "$file" "$name.yaml"
  fi
  code=0
  "$LIQUIDUS" run "$name.yaml" -n 3 --out "$name.run" --quiet >"$name.out" 2>&1 || code=$?
  finished "$code" "$name"
  "$python" "$SOURCE/tests/system/validation.py" "$name.run/results.h5" "$name" "$form" || fail "$name"
done
