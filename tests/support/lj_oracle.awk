# tests/support/lj_oracle.awk - configurations of a .cfg with energy, forces and stress of a cut Lennard-Jones liquid
# awk -f lj_oracle.awk in.cfg >out.cfg; periodic in three directions, types do not matter, sums over all images in reach.
# e(r) = 4 eps ((sigma/r)^12 - (sigma/r)^6) (1 - (r/rc)^2)^2: value and slope are zero at the cut-off.
BEGIN { eps = 0.05; sigma = 2.6; rc = 5 }
/BEGIN_CFG/ { n = 0; delete h; rows = 0; features = "" }
/Size/ { getline; n = $1 }
/Supercell/ { for (r = 0; r < 3; r++) { getline; for (k = 0; k < 3; k++) h[r, k] = $(k + 1) } }
/AtomData/ {
  for (c = 2; c <= NF; c++) column[$c] = c - 1
  for (i = 0; i < n; i++) {
    getline
    type[i] = $column["type"]
    x[i, 0] = $column["cartes_x"]; x[i, 1] = $column["cartes_y"]; x[i, 2] = $column["cartes_z"]
  }
}
/Feature/ { features = features $0 "\n" }
/END_CFG/ { label() }

function pair(i, j, dx, dy, dz, r2, s6, cut, slope, k, l) {
  r2 = dx * dx + dy * dy + dz * dz
  if (r2 >= rc * rc || r2 == 0) return
  s6 = (sigma * sigma / r2) ^ 3
  cut = 1 - r2 / (rc * rc)
  energy += 0.5 * 4 * eps * (s6 * s6 - s6) * cut * cut
  # dE/dr over r
  slope = 4 * eps * ((6 * s6 - 12 * s6 * s6) / r2 * cut * cut - 4 * (s6 * s6 - s6) * cut / (rc * rc))
  d[0] = dx; d[1] = dy; d[2] = dz
  for (k = 0; k < 3; k++) f[i, k] += slope * d[k]
  for (k = 0; k < 3; k++) for (l = k; l < 3; l++) w[k, l] -= 0.5 * slope * d[k] * d[l]
}

function label(i, j, a, b, c, k, reach, least) {
  energy = 0
  for (i = 0; i < n; i++) for (k = 0; k < 3; k++) f[i, k] = 0
  for (k = 0; k < 9; k++) w[int(k / 3), k % 3] = 0
  least = 1e9 # cells here are nearly cubes
  for (k = 0; k < 3; k++) if (h[k, k] < least) least = h[k, k]
  reach = int(rc / least) + 1
  for (i = 0; i < n; i++) for (j = 0; j < n; j++)
    for (a = -reach - 1; a <= reach + 1; a++) for (b = -reach - 1; b <= reach + 1; b++) for (c = -reach - 1; c <= reach + 1; c++)
      pair(i, j, x[j, 0] - x[i, 0] + a * h[0, 0] + b * h[1, 0] + c * h[2, 0],
        x[j, 1] - x[i, 1] + a * h[0, 1] + b * h[1, 1] + c * h[2, 1], x[j, 2] - x[i, 2] + a * h[0, 2] + b * h[1, 2] + c * h[2, 2])
  print "BEGIN_CFG\n Size\n    " n "\n Supercell"
  for (a = 0; a < 3; a++) printf "    %.17g %.17g %.17g\n", h[a, 0], h[a, 1], h[a, 2]
  print " AtomData:  id type cartes_x cartes_y cartes_z fx fy fz"
  for (i = 0; i < n; i++)
    printf "    %d %d %.17g %.17g %.17g %.12g %.12g %.12g\n", i + 1, type[i], x[i, 0], x[i, 1], x[i, 2], f[i, 0], f[i, 1], f[i, 2]
  printf " Energy\n    %.12g\n PlusStress:  xx yy zz yz xz xy\n", energy
  printf "    %.12g %.12g %.12g %.12g %.12g %.12g\n", w[0, 0], w[1, 1], w[2, 2], w[1, 2], w[0, 2], w[0, 1]
  printf "%sEND_CFG\n\n", features
}
