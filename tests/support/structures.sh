# tests/support/structures.sh - made-up cells for the scripts that need configurations; sourced
# shellcheck shell=sh

# structures N SEED: N cells of 8 atoms of two types as .cfg, numbered by the feature `name`
structures() {
  awk -v n="$1" -v seed="$2" 'function u() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
    BEGIN { for (c = 1; c <= n; c++) { edge = 5.4 + 1.2 * u()
      printf "BEGIN_CFG\n Size\n    8\n Supercell\n    %.6f 0 0\n    0 %.6f 0\n    0 0 %.6f\n", edge, edge, edge
      print " AtomData:  id type cartes_x cartes_y cartes_z"
      for (i = 0; i < 8; i++) printf "    %d %d %.6f %.6f %.6f\n", i + 1, u() < 0.5, edge / 2 * (i % 2) + 0.8 * u(),
        edge / 2 * (int(i / 2) % 2) + 0.8 * u(), edge / 2 * int(i / 4) + 0.8 * u()
      printf " Feature   name\t%d\nEND_CFG\n\n", c } }'
}
