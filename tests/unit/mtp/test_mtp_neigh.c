/* tests/unit/mtp/test_mtp_neigh.c - neighbour lists against all pairs of all images
 *
 * The reference walks over every image that a bounding argument allows, in the order (type,
 * parent, shift), so rows are compared entry by entry and in order.  Random positions keep every
 * pair away from the reach by far more than round-off.
 */
#include "mtp/mtp_near.h"
#include "mtp/mtp_neigh.h"
#include "tests/support/expect.h"

static const char help[] = "Neighbour lists against all pairs of all images\n";

enum { MAX_ATOMS = 64 };

/* Uniform in [0, 1): a 64-bit linear congruence, high bits. */
static PetscReal uniform(uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (PetscReal)(*state >> 11) * 0x1p-53;
}

typedef struct {
  const char *name;
  PetscInt n, nperiodic;
  PetscReal h[3][3], cutoff, skin;
} sample;

static const sample samples[] = {
    {"cubic", 40, 3, {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}, 4.0, 0.5},
    {"many cells", 60, 3, {{30, 0, 0}, {0, 25, 0}, {0, 0, 40}}, 5.0, 1.0},
    {"cell smaller than the reach", 12, 3, {{4, 0, 0}, {0, 5, 0}, {0, 0, 3.5}}, 6.0, 0.3},
    {"left-handed", 12, 3, {{0, 7, 0}, {6, 0, 0}, {0, 0, 4.9}}, 5.0, 0.0},
    {"triclinic", 20, 3, {{9, 0.5, 0.2}, {2.5, 8, -0.4}, {-3, 1.2, 10}}, 5.0, 0.4},
    {"sheared by more than a cell", 8, 3, {{6, 0, 0}, {14, 6, 0}, {-9, 20, 7}}, 5.0, 0.5},
    {"thin plate of a cell", 5, 3, {{0.9, 0, 0}, {0.2, 11, 0}, {0, 0.3, 8}}, 4.5, 0.5},
    {"one atom", 1, 3, {{2.5, 0.1, 0}, {0.3, 2.8, 0}, {1.1, 0.9, 2.2}}, 6.0, 0.2},
    {"film", 20, 2, {{7, 1, 0.5}, {-2, 6, 1}, {0, 0, 0}}, 5.0, 0.5},
    {"wire", 20, 1, {{3, 1, 2}, {0, 0, 0}, {0, 0, 0}}, 5.0, 0.5},
    {"cluster", 50, 0, {{0}}, 3.0, 0.5},
    {"cluster of one", 1, 0, {{0}}, 3.0, 0.5},
};
enum { NSAMPLE = sizeof(samples) / sizeof(samples[0]) };

/* Rows that are not periodic, for placing atoms only. */
static void box_of(const sample *c, PetscReal box[3][3])
{
  for (int k = 0; k < 3; k++) {
    for (int a = 0; a < 3; a++) box[k][a] = k < c->nperiodic ? c->h[k][a] : 8.0 * (k == a);
  }
}

/* Positions spread over `cells` cells in each direction */
static void place(const sample *c, PetscReal cells, uint64_t seed, PetscReal x[], PetscInt type[])
{
  PetscReal box[3][3];

  box_of(c, box);
  for (PetscInt i = 0; i < c->n; i++) {
    PetscReal s[3];

    for (int k = 0; k < 3; k++) {
      s[k] = (uniform(&seed) - 0.5) * (k < c->nperiodic ? cells : 1.0) + 0.5;
    }
    for (int a = 0; a < 3; a++) {
      x[3 * i + a] = s[0] * box[0][a] + s[1] * box[1][a] + s[2] * box[2][a];
    }
    type[i] = i % 3;
  }
}

/* Largest |m_k| of any lattice translation shorter than `length`: brute force on a growing box is
   avoided by |m_k| <= length |column k of h^-1|, written with cross products. */
static PetscInt largest_shift(const PetscReal h[3][3], PetscInt nperiodic, int k, PetscReal length)
{
  const PetscReal *p = h[(k + 1) % 3], *q = h[(k + 2) % 3];
  PetscReal height = 0.0, norm = 0.0;

  if (k >= nperiodic) return 0;
  if (nperiodic < 3) return 40; /* the samples' wires and films are thicker than length / 40 */
  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    const PetscReal normal = p[b] * q[c] - p[c] * q[b];

    height += normal * h[k][a];
    norm += normal * normal;
  }
  return (PetscInt)(length * sqrt(norm) / fabs(height)) + 2;
}

typedef struct {
  PetscInt parent, shift[3];
  PetscReal r2;
} image;

/* Stable, so that images of one type keep the order (parent, shift). */
static void sort_by_type(const mtp_neighbors *nb, PetscInt n, image row[])
{
  for (PetscInt k = 1; k < n; k++) {
    const image moved = row[k];
    PetscInt at = k;

    for (; at > 0 && nb->type[row[at - 1].parent] > nb->type[moved.parent]; at--) {
      row[at] = row[at - 1];
    }
    row[at] = moved;
  }
}

/* All images within `reach` of local atom i, from the list's own local positions, in the list's
   order; returns how many. */
static PetscInt brute_row(const mtp_neighbors *nb, PetscInt i, PetscReal reach, image **row)
{
  PetscInt m[3], s[3], n = 0, room = 64;
  image *out = malloc((size_t)room * sizeof(*out));

  for (int k = 0; k < 3; k++) {
    m[k] = largest_shift((const PetscReal(*)[3])nb->h, nb->nperiodic, k, reach + 3.0);
  }
  for (PetscInt p = 0; p < nb->nlocal; p++) {
    for (s[0] = -m[0]; s[0] <= m[0]; s[0]++) {
      for (s[1] = -m[1]; s[1] <= m[1]; s[1]++) {
        for (s[2] = -m[2]; s[2] <= m[2]; s[2]++) {
          PetscReal r2 = 0.0;

          for (int a = 0; a < 3; a++) {
            PetscReal d = nb->x[3 * p + a] - nb->x[3 * i + a];

            for (int k = 0; k < 3; k++) d += (PetscReal)s[k] * nb->h[k][a];
            r2 += d * d;
          }
          if (r2 > reach * reach || (p == i && !s[0] && !s[1] && !s[2])) continue;
          if (n == room) out = realloc(out, (size_t)(room *= 2) * sizeof(*out));
          out[n++] = (image){p, {s[0], s[1], s[2]}, r2};
        }
      }
    }
  }
  sort_by_type(nb, n, out);
  *row = out;
  return n;
}

/* Parent and shift of entry j of a list. */
static void identity_of(const mtp_neighbors *nb, PetscInt j, PetscInt id[4])
{
  id[0] = j < nb->nlocal ? j : nb->parent[j - nb->nlocal];
  for (int k = 0; k < 3; k++) id[1 + k] = j < nb->nlocal ? 0 : nb->shift[j - nb->nlocal][k];
}

static void check_rows(const char *name, const mtp_neighbors *nb, PetscReal reach)
{
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    image *want;
    const PetscInt nwant = brute_row(nb, i, reach, &want), got = nb->first[i + 1] - nb->first[i];

    if (got != nwant) fail_msg("%s: row %d has %d entries, wanted %d", name, (int)i, got, nwant);
    for (PetscInt k = 0; k < got; k++) {
      PetscInt id[4];
      const PetscInt j = nb->index[nb->first[i] + k];

      identity_of(nb, j, id);
      if (id[0] != want[k].parent || memcmp(id + 1, want[k].shift, sizeof(want[k].shift)) != 0) {
        fail_msg("%s: row %d entry %d is atom %d shift %d %d %d, wanted %d shift %d %d %d", name,
                 (int)i, (int)k, id[0], id[1], id[2], id[3], want[k].parent, want[k].shift[0],
                 want[k].shift[1], want[k].shift[2]);
      }
    }
    free(want);
  }
}

/* Every position of the list is what the header says. */
static void check_positions(const mtp_neighbors *nb, const PetscReal x[], const PetscReal h[3][3])
{
  for (PetscInt j = 0; j < nb->nall; j++) {
    PetscInt id[4];

    identity_of(nb, j, id);
    for (int a = 0; a < 3; a++) {
      PetscReal want = x[3 * id[0] + a];

      for (int k = 0; k < 3; k++) {
        want += (PetscReal)(nb->wrap[id[0]][k] + id[1 + k]) * h[k][a];
      }
      expect_abs(nb->x[3 * j + a], want, 1e-11, "position of an image"); /* sums of ~100 Å: 1e-13 */
    }
    expect(nb->type[j] == id[0] % 3, "a ghost has its parent's type");
  }
}

/* Rows and positions in all cells, inside the cell and spread over 20 cells; storage reused. */
static void test_rows(void **state)
{
  mtp_neighbors nb = {0};

  (void)state;
  for (int c = 0; c < NSAMPLE; c++) {
    for (int far = 0; far < 2; far++) {
      PetscReal x[3 * MAX_ATOMS];
      PetscInt type[MAX_ATOMS];

      place(&samples[c], far ? 20.0 : 1.0, 11u + (uint64_t)c, x, type);
      expect_ok(mtp_neighbors_build(samples[c].n, x, type, samples[c].h, samples[c].nperiodic,
                                    samples[c].cutoff, samples[c].skin, &nb));
      check_positions(&nb, x, samples[c].h);
      check_rows(samples[c].name, &nb, samples[c].cutoff + samples[c].skin);
    }
  }
  expect_ok(mtp_neighbors_clear(&nb));
  expect(nb.x == NULL && nb.nall == 0, "a cleared list is {0}");
}

/* A perfect crystal has pairs exactly at the reach and atoms exactly on the faces. */
static void test_crystal(void **state)
{
  const PetscReal a = 4.0, x[12] = {0, 0, 0, 2, 2, 0, 2, 0, 2, 0, 2, 2};
  const PetscReal h[3][3] = {{a, 0, 0}, {0, a, 0}, {0, 0, a}};
  const PetscInt type[4] = {0, 1, 2, 0};
  mtp_neighbors nb = {0};

  (void)state;
  expect_ok(mtp_neighbors_build(4, x, type, h, 3, a, 0.0, &nb));
  for (PetscInt i = 0; i < 4; i++) {
    /* face-centred cubic: 12 neighbours at a / sqrt(2), 6 at a */
    expect(nb.first[i + 1] - nb.first[i] == 18, "two shells of a face-centred cubic crystal");
  }
  expect_ok(mtp_neighbors_clear(&nb));
}

static void test_nobody(void **state)
{
  const PetscReal h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
  mtp_neighbors nb = {0};

  (void)state;
  expect_ok(mtp_neighbors_build(0, NULL, NULL, h, 3, 5.0, 0.0, &nb));
  expect(nb.nall == 0 && nb.first[0] == 0, "no atoms: no ghosts, no rows");
  expect(!mtp_neighbors_stale(NULL, h, &nb), "no atoms: never stale");
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_neighbors_clear(&nb));
}

/* Pairs of the list that are closer than the cut-off now. */
static PetscInt pairs_in_list(const mtp_neighbors *nb)
{
  PetscInt n = 0;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      PetscReal r2 = 0.0;

      for (int a = 0; a < 3; a++) {
        const PetscReal d = nb->x[3 * nb->index[k] + a] - nb->x[3 * i + a];

        r2 += d * d;
      }
      n += r2 < nb->cutoff * nb->cutoff;
    }
  }
  return n;
}

static PetscInt pairs_by_force(const mtp_neighbors *nb)
{
  PetscInt n = 0;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    image *row;

    n += brute_row(nb, i, nb->cutoff * (1.0 - 1e-13), &row);
    free(row);
  }
  return n;
}

/* A steady deformation and a drift of each atom: what brings pairs together fastest */
typedef struct {
  PetscReal strain[3][3], drift[3 * MAX_ATOMS];
} motion;

static motion random_motion(PetscReal strain, PetscReal drift, uint64_t *seed)
{
  motion m = {0};

  for (int a = 0; a < 9; a++) m.strain[a / 3][a % 3] = strain * (2.0 * uniform(seed) - 1.0);
  for (int k = 0; k < 3; k++) m.strain[k][k] -= strain; /* shrinking on the whole */
  for (int a = 0; a < 3 * MAX_ATOMS; a++) m.drift[a] = drift * (2.0 * uniform(seed) - 1.0);
  return m;
}

/* One step: atoms and lattice vectors follow the strain, atoms drift. */
static void move_on(const sample *c, const motion *m, PetscReal h[3][3], PetscReal x[])
{
  for (PetscInt i = 0; i < c->n + c->nperiodic; i++) {
    PetscReal *v = i < c->n ? x + 3 * i : h[i - c->n], old[3];

    memcpy(old, v, sizeof(old));
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) v[a] += old[b] * m->strain[b][a];
      if (i < c->n) v[a] += m->drift[3 * i + a];
    }
  }
}

/* While a list is not stale no pair within the cut-off is missing from it. */
static void test_stale_is_safe(void **state)
{
  mtp_neighbors nb = {0};

  (void)state;
  for (int c = 0; c < NSAMPLE; c++) {
    uint64_t seed = 1000u + (uint64_t)c;

    for (int round = 0; round < 3; round++) {
      PetscReal x[3 * MAX_ATOMS] = {0}, h[3][3];
      PetscInt type[MAX_ATOMS], fresh = 0;
      const motion m = random_motion(0.004 * round, round == 2 ? 0.0 : 0.04, &seed);

      memcpy(h, samples[c].h, sizeof(h));
      place(&samples[c], 3.0, seed, x, type);
      expect_ok(mtp_neighbors_build(samples[c].n, x, type, (const PetscReal(*)[3])h,
                                    samples[c].nperiodic, samples[c].cutoff, 0.8, &nb));
      while (!mtp_neighbors_stale(x, (const PetscReal(*)[3])h, &nb)) {
        expect_ok(mtp_neighbors_update(x, (const PetscReal(*)[3])h, &nb));
        if (pairs_in_list(&nb) != pairs_by_force(&nb)) {
          fail_msg("%s: a pair within the cut-off is not in a valid list", samples[c].name);
        }
        fresh++;
        move_on(&samples[c], &m, h, x);
        if (fresh > 60) break;
      }
      expect(fresh > 2, "a list survives small changes");
    }
  }
  expect_ok(mtp_neighbors_clear(&nb));
}

/* The bound itself, where it is known exactly. */
static void test_stale_limits(void **state)
{
  const PetscReal h[3][3] = {{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}, x[6] = {1, 1, 1, 5, 100, -3};
  const PetscInt type[2] = {0, 0};
  mtp_neighbors nb = {0};

  (void)state;
  expect_ok(mtp_neighbors_build(2, x, type, h, 3, 4.0, 1.0, &nb));
  for (int side = -1; side <= 1; side += 2) {
    const PetscReal scale = 0.8 * (1.0 + 1e-9 * side); /* (4 + 1) 0.8 = 4 */
    PetscReal moved[6], hs[3][3], xs[6];

    memcpy(moved, x, sizeof(moved));
    moved[4] += 0.5 * (1.0 + 1e-9 * side);
    expect(mtp_neighbors_stale(moved, h, &nb) == (side > 0), "an atom may move by half the skin");
    for (int a = 0; a < 9; a++) hs[a / 3][a % 3] = h[a / 3][a % 3] * scale;
    for (int a = 0; a < 6; a++) xs[a] = x[a] * scale;
    expect(mtp_neighbors_stale(xs, (const PetscReal(*)[3])hs, &nb) == (side < 0),
           "a cell may shrink until reach becomes cut-off");
    memcpy(hs, h, sizeof(hs));
    memcpy(xs, x, sizeof(xs));
    hs[1][1] *= scale;
    for (int i = 0; i < 2; i++) xs[3 * i + 1] *= scale;
    expect(mtp_neighbors_stale(xs, (const PetscReal(*)[3])hs, &nb) == (side < 0),
           "the same along one axis");
  }
  {
    PetscReal bad[6];

    memcpy(bad, x, sizeof(bad));
    bad[1] = (PetscReal)NAN;
    expect(mtp_neighbors_stale(bad, h, &nb), "a position that is not a number makes a list stale");
  }
  expect_ok(mtp_neighbors_clear(&nb));
}

/* A rotated cell with its atoms is the same structure. */
static void test_stale_rotation(void **state)
{
  const PetscReal c = cos(0.7), s = sin(0.7), q[3][3] = {{c, s, 0}, {-s, c, 0}, {0, 0, 1}};
  mtp_neighbors nb = {0};

  (void)state;
  for (int k = 0; k < NSAMPLE; k++) {
    PetscReal x[3 * MAX_ATOMS], y[3 * MAX_ATOMS] = {0}, h[3][3] = {{0}};
    PetscInt type[MAX_ATOMS];

    if (samples[k].nperiodic < 2) continue; /* a wire may turn about its axis: not a map of h */
    place(&samples[k], 1.0, 5, x, type);
    expect_ok(mtp_neighbors_build(samples[k].n, x, type, samples[k].h, samples[k].nperiodic,
                                  samples[k].cutoff, 0.1, &nb));
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        for (int l = 0; l < samples[k].nperiodic; l++) h[l][a] += samples[k].h[l][b] * q[b][a];
        for (PetscInt i = 0; i < samples[k].n; i++) y[3 * i + a] += x[3 * i + b] * q[b][a];
      }
    }
    expect(!mtp_neighbors_stale(y, (const PetscReal(*)[3])h, &nb), "a turned structure is valid");
  }
  expect_ok(mtp_neighbors_clear(&nb));
}

/* What a restart relies on: the same build and update give the same bits, whatever was before. */
static void test_rebuild_bits(void **state)
{
  mtp_neighbors used = {0}, fresh = {0};

  (void)state;
  for (int c = 0; c < NSAMPLE; c++) {
    PetscReal x[3 * MAX_ATOMS] = {0}, h[3][3];
    PetscInt type[MAX_ATOMS];
    uint64_t seed = 77;

    memcpy(h, samples[c].h, sizeof(h));
    place(&samples[c], 20.0, 3, x, type);
    expect_ok(mtp_neighbors_build(samples[c].n, x, type, (const PetscReal(*)[3])h,
                                  samples[c].nperiodic, samples[c].cutoff, samples[c].skin, &used));
    for (int step = 0; step < 3; step++) {
      const motion m = random_motion(1e-3, 0.05, &seed);

      move_on(&samples[c], &m, h, x);
      expect_ok(mtp_neighbors_update(x, (const PetscReal(*)[3])h, &used));
    }
    expect_ok(mtp_neighbors_build(samples[c].n, used.x_build, type,
                                  (const PetscReal(*)[3])used.h_build, samples[c].nperiodic,
                                  samples[c].cutoff, samples[c].skin, &fresh));
    expect_ok(mtp_neighbors_update(x, (const PetscReal(*)[3])h, &fresh));
    expect(used.nall == fresh.nall, "as many ghosts");
    assert_memory_equal(used.x, fresh.x, 3 * (size_t)used.nall * sizeof(PetscReal));
    assert_memory_equal(used.first, fresh.first, ((size_t)used.nlocal + 1) * sizeof(PetscInt));
    assert_memory_equal(used.index, fresh.index,
                        (size_t)used.first[used.nlocal] * sizeof(PetscInt));
    expect(mtp_neighbors_stale(x, (const PetscReal(*)[3])h, &used) ==
               mtp_neighbors_stale(x, (const PetscReal(*)[3])h, &fresh),
           "the same verdict about staleness");
    expect_ok(mtp_neighbors_clear(&fresh));
  }
  expect_ok(mtp_neighbors_clear(&used));
}

/* Folding ones onto parents counts the images. */
/* The image of an atom, by its position, among the neighbours of i. */
static PetscBool has_neighbour(const mtp_neighbors *nb, PetscInt i, const PetscReal x[3],
                               PetscInt type)
{
  for (PetscInt p = nb->first[i]; p < nb->first[i + 1]; p++) {
    const PetscReal *y = nb->x + 3 * nb->index[p];

    if (nb->type[nb->index[p]] == type &&
        fabs(y[0] - x[0]) + fabs(y[1] - x[1]) + fabs(y[2] - x[2]) < 1e-9)
      return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Half of the atoms, with all images of the other half as others, have the neighbours that they
   have in the list of all; and a rank without atoms has none. */
static void test_among(void **state)
{
  PetscReal x[3 * MAX_ATOMS], *other_x;
  PetscInt type[MAX_ATOMS], *other_type;

  (void)state;
  for (int c = 0; c < NSAMPLE && samples[c].nperiodic == 3; c++) {
    const PetscInt half = samples[c].n / 2;
    mtp_neighbors all = {0}, some = {0};
    mtp_neigh_others others = {0};

    place(&samples[c], 3.0, 11, x, type);
    expect_ok(mtp_neighbors_build(samples[c].n, x, type, samples[c].h, 3, samples[c].cutoff,
                                  samples[c].skin, &all));
    other_x = malloc(sizeof(*other_x) * 3 * (size_t)all.nall + 1);
    other_type = malloc(sizeof(*other_type) * (size_t)all.nall + 1);
    for (PetscInt j = 0; j < all.nall; j++) {
      if ((j < all.nlocal ? j : all.parent[j - all.nlocal]) < half) continue;
      memcpy(other_x + 3 * others.n, all.x + 3 * j, 3 * sizeof(*other_x));
      other_type[others.n++] = all.type[j];
    }
    others.x = other_x;
    others.type = other_type;
    expect_ok(mtp_neighbors_build_among(half, x, type, samples[c].h, samples[c].cutoff,
                                        samples[c].skin, &others, &some));
    expect(some.nall == half + some.nghost + some.nremote, samples[c].name);
    for (PetscInt i = 0; i < half; i++) {
      assert_int_equal(some.first[i + 1] - some.first[i], all.first[i + 1] - all.first[i]);
      for (PetscInt p = all.first[i]; p < all.first[i + 1]; p++) {
        const PetscInt j = all.index[p];

        expect(has_neighbour(&some, i, all.x + 3 * j, all.type[j]), samples[c].name);
        expect(p == all.first[i] || some.type[some.index[some.first[i] + p - all.first[i]]] >=
                                        some.type[some.index[some.first[i] + p - all.first[i] - 1]],
               "sorted by type");
      }
    }
    expect_ok(mtp_neighbors_build_among(0, x, type, samples[c].h, samples[c].cutoff,
                                        samples[c].skin, &others, &some));
    assert_int_equal(some.nall, 0);
    free(other_x);
    free(other_type);
    expect_ok(mtp_neighbors_clear(&all));
    expect_ok(mtp_neighbors_clear(&some));
  }
}

static void test_fold(void **state)
{
  const PetscReal h[3][3] = {{3, 0, 0}, {0.5, 4, 0}, {0, 0, 5}}, x[6] = {0.1, 0.2, 0.3, 2, 3, 4};
  const PetscInt type[2] = {0, 1};
  PetscInt images[2] = {0};
  PetscReal *a;
  mtp_neighbors nb = {0};

  (void)state;
  expect_ok(mtp_neighbors_build(2, x, type, h, 3, 4.0, 0.0, &nb));
  a = malloc(2 * (size_t)nb.nall * sizeof(*a));
  for (PetscInt j = 0; j < nb.nall; j++) {
    a[2 * j] = 1.0;
    a[2 * j + 1] = (PetscReal)j;
  }
  for (PetscInt g = 0; g < nb.nghost; g++) images[nb.parent[g]]++;
  mtp_neighbors_fold(&nb, 2, a);
  for (PetscInt i = 0; i < 2; i++) {
    expect_abs(a[2 * i], 1.0 + (PetscReal)images[i], 0.0, "every image counted once");
  }
  expect_abs(a[1] + a[3], (PetscReal)(nb.nall - 1) * (PetscReal)nb.nall / 2.0, 0.0,
             "second column");
  free(a);
  expect_ok(mtp_neighbors_clear(&nb));
}

static void test_refusals(void **state)
{
  const PetscReal good[3][3] = {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}};
  const PetscReal flat[3][3] = {{3, 0, 0}, {0, 3, 0}, {3, 3, 0}};
  const PetscReal thin[3][3] = {{1e-4, 0, 0}, {0, 1e-4, 0}, {0, 0, 1e-4}};
  const PetscReal nan_cell[3][3] = {{3, 0, 0}, {0, (PetscReal)NAN, 0}, {0, 0, 3}};
  const PetscReal x[3] = {0}, bad[3] = {0, (PetscReal)INFINITY, 0}, away[3] = {1e11, 0, 0};
  const PetscInt type[1] = {0};
  mtp_neighbors nb = {0};

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, x, type, flat, 3, 4, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, x, type, nan_cell, 3, 4, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, bad, type, good, 3, 4, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, away, type, good, 3, 4, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, bad, type, good, 0, 4, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, x, type, good, 3, 0, 0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, x, type, good, 3, 4, -1, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_neighbors_build(1, x, type, good, 4, 4, 0, &nb));
  expect_error(PETSC_ERR_MEM, mtp_neighbors_build(1, x, type, thin, 3, 4, 0, &nb));
  expect_ok(mtp_neighbors_build(1, x, type, good, 3, 4, 0, &nb));
  expect(nb.first[1] == 6, "after refusals a build works");
  expect_ok(mtp_neighbors_clear(&nb));
}

/* The inner loop with every instruction set: the same numbers in the same order, also where a point
   is at the reach to the last bit, and nothing beyond `found` and its padding is written. */
static void test_near(void **state)
{
  enum { MOST = 41, ROOM = MOST + MTP_NEAR_PAD, GUARD = -77 };
  const PetscReal at[3] = {0.3, -0.2, 0.1};
  PetscReal x[3][ROOM];
  PetscInt number[ROOM], want[ROOM], got[ROOM + 1], edges = 0, kernels = 0;
  const mtp_near_points points = {x[0], x[1], x[2], number};
  uint64_t seed = 9;

  (void)state;
  for (PetscInt n = 0; n <= MOST; n++) {
    for (PetscInt k = 0; k < ROOM; k++) {
      for (int a = 0; a < 3; a++) x[a][k] = at[a] + (k < n ? 2.0 * uniform(&seed) - 1.0 : 0.0);
      number[k] = (7 * k) % ROOM;
    }
    for (PetscInt edge = 0; edge <= n; edge++) { /* a point at the reach, then none */
      const PetscInt e = PetscMin(edge, ROOM - 1), self = edge % 3 ? number[edge / 2] : -1;
      const PetscReal dx = at[0] - x[0][e], dy = at[1] - x[1][e], dz = at[2] - x[2][e];
      const PetscReal reach2 = edge < n ? dx * dx + dy * dy + dz * dz : 1.0;
      const PetscInt first = edge % 5; /* rows begin anywhere */
      PetscInt count = 0;

      for (PetscInt k = first; k < n; k++) {
        const PetscReal r[3] = {at[0] - x[0][k], at[1] - x[1][k], at[2] - x[2][k]};

        if (r[0] * r[0] + r[1] * r[1] + r[2] * r[2] > reach2 || number[k] == self) continue;
        edges += k == edge;
        want[count++] = number[k];
      }
      for (int kind = MTP_KERNEL_AUTO; kind < (int)MTP_KERNEL_COUNT; kind++) {
        mtp_near *near = mtp__near_of((mtp_kernel_kind)kind);

        expect((near != NULL) == mtp_kernel_available((mtp_kernel_kind)kind), "one a kernel");
        if (!near) continue;
        kernels += near != mtp__near_portable;
        for (PetscInt k = 0; k <= ROOM; k++) got[k] = GUARD;
        assert_int_equal(near(&points, first, n, at, reach2, self, got), count);
        assert_memory_equal(got, want, (size_t)count * sizeof(PetscInt));
        for (PetscInt k = count + MTP_NEAR_PAD; k <= ROOM; k++) assert_int_equal(got[k], GUARD);
      }
    }
  }
  expect(edges > MOST, "points at the reach are near");
  if (!kernels) print_message("  only the portable loop runs on this processor\n");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows),         cmocka_unit_test(test_crystal),
      cmocka_unit_test(test_nobody),       cmocka_unit_test(test_stale_is_safe),
      cmocka_unit_test(test_stale_limits), cmocka_unit_test(test_stale_rotation),
      cmocka_unit_test(test_rebuild_bits), cmocka_unit_test(test_fold),
      cmocka_unit_test(test_among),        cmocka_unit_test(test_near),
      cmocka_unit_test(test_refusals),
  };

  return expect_main(argc, argv, help, tests);
}
