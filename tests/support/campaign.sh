# tests/support/campaign.sh - a small real campaign for the scripts, and what they ask of it; sourced
# shellcheck shell=sh
# From the test driver: LIQUIDUS (the program), SOURCE (the checkout), SCRATCH (a folder of the test's own).

: "${LIQUIDUS:?}" "${SOURCE:?}" "${SCRATCH:?}"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# write_campaign FILE NAME [TEMPERATURES]: molten CaCl2-KCl, few atoms, lengths of a picosecond
write_campaign() {
  cat >"$1" <<END
campaign: $2
potential: { file: $SOURCE/campaigns/potentials/cacl2-kcl-l10.almtp, species: [Ca, K, Cl] }
system:
  components:
    CaCl2: { formula: CaCl2 }
    KCl: { formula: KCl }
  charges: { Ca: +2, K: +1, Cl: -1 }
  composition: { unit: mole fraction, CaCl2: [0.777, 1.0], KCl: balance }
  atoms: 36
conditions:
  temperature: ${3:-[1100 K]}
simulation:
  timestep: 1 fs
  equilibration: 1 ps
  production: { npt: 0.6 ps, nve: 0.6 ps }
  replicas: 2
properties:
  density: {}
  heat_capacity: {}
  viscosity: {}
  diffusion: {}
  ionic_conductivity: {}
  thermal_conductivity: {}
  structure: { rdf: { rmax: 6 A } }
  potential_energy: {}
END
}

# made_campaign FILE NAME FIRST COMPOSITIONS TEMPERATURES PRESSURES DESCRIPTION: for tables that make_results invents
made_campaign() {
  cat >"$1" <<END
campaign: $2
description: "$7"
potential: { type: lj, species: [Ca, K, Cl], cutoff: 5 A, pairs: { Ca: { epsilon: 300 K, sigma: 3 A }, K: { epsilon: 300 K, sigma: 3 A }, Cl: { epsilon: 300 K, sigma: 3 A } } }
system:
  components:
    $3: { formula: CaCl2 }
    KCl: { formula: KCl }
  charges: { Ca: +2, K: +1, Cl: -1 }
  composition: { unit: mole fraction, $3: $4, KCl: balance }
  atoms: 500
conditions: { temperature: $5, pressure: $6 }
simulation:
  timestep: 1 fs
  equilibration: 1 ps
  production: { npt: 1 ps, nve: 1 ps }
  replicas: 4
properties: { density: {}, heat_capacity: {}, viscosity: {}, diffusion: {}, ionic_conductivity: {}, thermal_conductivity: {}, potential_energy: {} }
END
}

# 0 and 1 are both a finished campaign
finished() { # finished CODE WHAT
  [ "$1" = 0 ] || [ "$1" = 1 ] || fail "$2 ended with exit code $1"
}

python=/usr/bin/python3
same_table() { # same_table FILE FILE: bit for bit but for times and history
  "$python" "$SOURCE/tests/support/same_table.py" "$1" "$2" || fail "$1 and $2 differ"
}

need_python() {
  "$python" -c 'import h5py, numpy' 2>/dev/null || {
    echo "skipped: $python has no h5py (Debian: python3-h5py)"
    exit 77
  }
}

need_proc() { # processes are looked up in /proc
  [ -r /proc/self/stat ] || {
    echo "skipped: no /proc here"
    exit 77
  }
}

# memory_folder NAME: an empty $folder in memory where there is such a place (a sync costs nothing there), else in
# $SCRATCH; removed at the end
memory_folder() {
  folder=$SCRATCH/$1
  [ -w /dev/shm ] && folder=/dev/shm/liquidus-$1-$$
  rm -rf "$folder"
  mkdir -p "$folder" || exit 3
  trap 'rm -rf "$folder"' EXIT
}

need_preload() { # the library $PRELOAD, which a sanitizer does not let stand before itself
  [ -r "${PRELOAD:-}" ] || {
    echo "skipped: no library to put before libc in this build"
    exit 77
  }
}
