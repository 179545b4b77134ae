/* tests/verify/test_mtp_basis_span.c - what the scalars of a generated basis are, exactly
 *
 * Everything is computed modulo the prime P = 2^61 - 1 on random neighbourhoods.  There sums,
 * products and divisions are exact, unit vectors exist ((2s, 2t, s^2+t^2-1) / (s^2+t^2+1)) and so
 * do rotations.  An identity between polynomials is then an equality and a rank a whole number,
 * without a tolerance or a gap to be judged.  A false identity would hold by chance with a
 * probability of degree / P < 1e-16 a neighbourhood.
 *
 * Radial functions take any values at the neighbours, each mu for itself.
 */
#include "mtp/mtp_basis.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/support/expect.h"

static const char help[] = "Moment basis: contractions, rotations, span against files, exact\n";

__extension__ typedef unsigned __int128 wide;
typedef uint64_t number; /* 0..P-1 */

#define P (((number)1 << 61) - 1)

enum { NEIGHBOURS = 6, MUS = 6, RANKS = 10, FACTORS = 4 };

static number add(number a, number b)
{
  return (a + b) % P;
}

static number mul(number a, number b)
{
  return (number)((wide)a * b % P);
}

static number power(number a, number n)
{
  number result = 1;

  for (; n; n >>= 1, a = mul(a, a))
    if (n & 1) result = mul(result, a);
  return result;
}

static number inverse(number a)
{
  return power(a, P - 2);
}

static number random_number(uint64_t *state)
{
  *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17; /* xorshift64 */
  return *state % P;
}

typedef struct {
  int n;
  number u[NEIGHBOURS][3];   /* unit vectors */
  number f[MUS][NEIGHBOURS]; /* radial functions */
} neighbourhood;

static neighbourhood random_neighbourhood(int n, uint64_t *state)
{
  neighbourhood nb = {.n = n};

  for (int j = 0; j < n; j++) {
    const number s = random_number(state), t = random_number(state);
    const number r2 = add(mul(s, s), mul(t, t)), d = inverse(add(r2, 1));

    nb.u[j][0] = mul(mul(2, s), d);
    nb.u[j][1] = mul(mul(2, t), d);
    nb.u[j][2] = mul(add(r2, P - 1), d);
    for (int mu = 0; mu < MUS; mu++) nb.f[mu][j] = random_number(state);
  }
  return nb;
}

/* Tables from wherever they come. */
typedef struct {
  PetscInt nbasic, ntimes, nmoment, nscalar;
  PetscInt (*basic)[4], (*times)[4], *mapping;
} tables;

static tables of_basis(const mtp_basis *b)
{
  return (tables){b->nbasic, b->ntimes, b->nmoment, b->nscalar, b->basic, b->times, b->mapping};
}

static tables of_potential(const mtp_potential *p)
{
  return (tables){p->nbasic, p->ntimes, p->nmoment, p->nscalar, p->basic, p->times, p->mapping};
}

static number *allocate(size_t n)
{
  number *a = calloc(n, sizeof(*a));

  if (!a) fail_msg("no memory");
  return a;
}

/* All moments of a neighbourhood: m [nmoment]. */
static void evaluate(const tables *t, const neighbourhood *nb, number m[])
{
  memset(m, 0, (size_t)t->nmoment * sizeof(m[0]));
  for (PetscInt i = 0; i < t->nbasic; i++) {
    for (int j = 0; j < nb->n; j++) {
      number term = nb->f[t->basic[i][0]][j];

      for (int a = 0; a < 3; a++)
        for (PetscInt k = 0; k < t->basic[i][a + 1]; k++) term = mul(term, nb->u[j][a]);
      m[i] = add(m[i], term);
    }
  }
  for (PetscInt r = 0; r < t->ntimes; r++) {
    const PetscInt *row = t->times[r];

    m[row[3]] = add(m[row[3]], mul((number)row[2], mul(m[row[0]], m[row[1]])));
  }
}

/* The scalars of a neighbourhood: value [nscalar]. */
static void scalars(const tables *t, const neighbourhood *nb, number value[])
{
  number *m = allocate((size_t)t->nmoment);

  evaluate(t, nb, m);
  for (PetscInt k = 0; k < t->nscalar; k++) value[k] = m[t->mapping[k]];
  free(m);
}

static int compare(const void *a, const void *b)
{
  const number x = *(const number *)a, y = *(const number *)b;

  return (x > y) - (x < y);
}

/* Contractions written down without any tensor: with r_ij the number of indices contracted between
 * factors i and j,
 *     sum_{j_1} .. sum_{j_n} prod_i f_mu_i(j_i) prod_{i<k} (u_{j_i} . u_{j_k})^r_ik           */
typedef struct {
  PetscInt level, nscalar, ngraph;
  number *value; /* [nscalar] ascending: those of the tables */
  char *found;
  int n, mu[FACTORS], r[FACTORS][FACTORS];
  const neighbourhood *nb;
  number dot[NEIGHBOURS][NEIGHBOURS][RANKS + 1]; /* powers */
} contraction;

/* The sum over the neighbours of factors i.., those of the factors before being j[0..i). */
static number direct(const contraction *c, int i, int j[])
{
  number sum = 0;

  if (i == c->n || i == FACTORS) return 1;
  for (j[i] = 0; j[i] < c->nb->n; j[i]++) {
    number term = c->nb->f[c->mu[i]][j[i]];

    for (int k = 0; k < i; k++) term = mul(term, c->dot[j[i]][j[k]][c->r[i][k]]);
    sum = add(sum, mul(term, direct(c, i + 1, j)));
  }
  return sum;
}

/* The contraction at hand, if its ranks are allowed, must be one of the scalars. */
static void look_up(contraction *c)
{
  int j[FACTORS];
  number value, *at;

  for (int i = 0; i < c->n; i++) {
    int rank = 0;

    for (int k = 0; k < c->n; k++) rank += k == i ? 0 : c->r[i][k];
    if (rank > RANKS) return;
  }
  value = direct(c, 0, j);
  at = bsearch(&value, c->value, (size_t)c->nscalar, sizeof(value), compare);
  if (!at) fail_msg("level %d: a contraction of %d factors is missing", (int)c->level, c->n);
  c->found[at - c->value] = 1;
  c->ngraph++;
}

static void contract(contraction *c, int i, int k, PetscInt left)
{
  if (i == c->n) {
    look_up(c);
    return;
  }
  if (k == i) {
    contract(c, i + 1, 0, left);
    return;
  }
  for (int r = 0; r <= RANKS && 2 * r <= left; r++) {
    c->r[i][k] = c->r[k][i] = r;
    contract(c, i, k + 1, left - 2 * r);
  }
}

static void choose(contraction *c, int mu, PetscInt left)
{
  if (c->n > 0) contract(c, 0, 0, left);
  if (c->n == FACTORS) return;
  for (; mu < MUS && 2 + 4 * mu <= left; mu++) {
    c->mu[c->n++] = mu;
    choose(c, mu, left - 2 - 4 * mu);
    c->n--;
  }
}

/* Every contraction of the level is a scalar of the tables, every scalar of the tables is one, and
   no two are the same function. */
static void expect_contractions(PetscInt level)
{
  uint64_t state = 77 + (uint64_t)level;
  const neighbourhood nb = random_neighbourhood(4, &state);
  contraction c = {.level = level, .nb = &nb};
  mtp_basis b;
  tables t;

  expect_ok(mtp_basis_create(level, &b));
  t = of_basis(&b);
  c.nscalar = t.nscalar;
  c.value = allocate((size_t)t.nscalar);
  c.found = calloc((size_t)t.nscalar, 1);
  expect(c.found != NULL, "memory");
  scalars(&t, &nb, c.value);
  qsort(c.value, (size_t)t.nscalar, sizeof(number), compare);
  for (int i = 0; i < nb.n; i++) {
    for (int k = 0; k < nb.n; k++) {
      const number dot = add(add(mul(nb.u[i][0], nb.u[k][0]), mul(nb.u[i][1], nb.u[k][1])),
                             mul(nb.u[i][2], nb.u[k][2]));

      for (int r = 0; r <= RANKS; r++) c.dot[i][k][r] = power(dot, (number)r);
    }
  }
  choose(&c, 0, level);
  for (PetscInt k = 0; k < t.nscalar; k++)
    expect(c.found[k] && (k == 0 || c.value[k] != c.value[k - 1]), "a scalar is a contraction");
  free(c.value);
  free(c.found);
  expect_ok(mtp_basis_clear(&b));
}

static void test_contractions(void **state)
{
  (void)state;
  for (PetscInt level = 2; level <= 24; level += 2) expect_contractions(level);
  expect_contractions(28);
}

/* A rotation from a random quaternion, followed by an inversion if sign is -1. */
static void turn(neighbourhood *nb, int sign, uint64_t *state)
{
  const number w = random_number(state),
               q[3] = {random_number(state), random_number(state), random_number(state)};
  const number qq = add(add(mul(q[0], q[0]), mul(q[1], q[1])), mul(q[2], q[2]));
  const number d = inverse(add(mul(w, w), qq)), out = sign < 0 ? P - 1 : 1;

  for (int j = 0; j < nb->n; j++) {
    number *u = nb->u[j], v[3];
    const number qu = add(add(mul(q[0], u[0]), mul(q[1], u[1])), mul(q[2], u[2]));

    for (int a = 0; a < 3; a++) { /* ((w^2 - q.q) u + 2 (q.u) q + 2 w q x u) / (w^2 + q.q) */
      const int b = (a + 1) % 3, c = (a + 2) % 3;
      const number cross = add(mul(q[b], u[c]), P - mul(q[c], u[b]));
      const number same = mul(add(mul(w, w), P - qq), u[a]);

      v[a] = add(same, mul(2, add(mul(qu, q[a]), mul(w, cross))));
    }
    for (int a = 0; a < 3; a++) u[a] = mul(out, mul(v[a], d));
  }
}

static void expect_invariant(PetscInt level, int sign)
{
  uint64_t state = 5 + (uint64_t)level;
  neighbourhood nb = random_neighbourhood(NEIGHBOURS, &state);
  number *before, *after;
  mtp_basis b;
  tables t;

  expect_ok(mtp_basis_create(level, &b));
  t = of_basis(&b);
  before = allocate((size_t)t.nmoment);
  after = allocate((size_t)t.nmoment);
  evaluate(&t, &nb, before);
  turn(&nb, sign, &state);
  evaluate(&t, &nb, after);
  for (PetscInt k = 0; k < t.nscalar; k++)
    if (before[t.mapping[k]] != after[t.mapping[k]])
      fail_msg("level %d: scalar %d changes", (int)level, (int)k);
  if (level >= 6) expect(before[1] != after[1], "a vector does change");
  free(before);
  free(after);
  expect_ok(mtp_basis_clear(&b));
}

static void test_rotations(void **state)
{
  (void)state;
  for (PetscInt level = 2; level <= 28; level += 2) {
    expect_invariant(level, 1);
    expect_invariant(level, -1);
  }
}

/* Rank of a [rows, cols], which is destroyed. */
static PetscInt rank_of(PetscInt rows, PetscInt cols, number a[])
{
  PetscInt rank = 0;

  for (PetscInt c = 0; c < cols && rank < rows; c++) {
    number *top = &a[rank * cols], scale;
    PetscInt pivot = rank;

    while (pivot < rows && a[pivot * cols + c] == 0) pivot++;
    if (pivot == rows) continue;
    for (PetscInt k = c; k < cols; k++) {
      const number keep = top[k];

      top[k] = a[pivot * cols + k];
      a[pivot * cols + k] = keep;
    }
    scale = inverse(top[c]);
    for (PetscInt r = rank + 1; r < rows; r++) {
      number *row = &a[r * cols];
      const number minus = P - mul(row[c], scale);

      if (row[c])
        for (PetscInt k = c; k < cols; k++) row[k] = add(row[k], mul(minus, top[k]));
    }
    rank++;
  }
  return rank;
}

/* Rank of the scalars of one or two sets of tables as functions of the neighbourhood. */
static PetscInt span(int nsets, const tables sets[])
{
  PetscInt cols = 0, rows, rank;
  uint64_t state = 2026;
  number *a;

  for (int s = 0; s < nsets; s++) cols += sets[s].nscalar;
  rows = cols + 8;
  a = allocate((size_t)rows * (size_t)cols);
  for (PetscInt r = 0; r < rows; r++) {
    const neighbourhood nb = random_neighbourhood(NEIGHBOURS, &state);
    number *row = &a[r * cols];

    for (int s = 0; s < nsets; row += sets[s].nscalar, s++) scalars(&sets[s], &nb, row);
  }
  rank = rank_of(rows, cols, a);
  free(a);
  return rank;
}

/* The span is that of the file, and its dimension that of `ranks`: smaller than the number of
   scalars where they are related in three dimensions. */
static void expect_span(PetscInt level, PetscInt want)
{
  char path[512];
  mtp_potential *pot;
  mtp_diag diag = {0};
  mtp_basis b;
  tables sets[2];
  PetscInt ours, theirs, both;

  (void)snprintf(path, sizeof(path), TEST_DATA "/mtp/random/rand_2sp_%02d.almtp", (int)level);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(mtp_basis_create(level, &b));
  sets[0] = of_basis(&b);
  sets[1] = of_potential(pot);
  ours = span(1, &sets[0]);
  theirs = span(1, &sets[1]);
  both = span(2, sets);
  printf("level %2d: %3d scalars, rank %3d, file %3d, both %3d\n", (int)level, (int)b.nscalar,
         (int)ours, (int)theirs, (int)both);
  assert_int_equal(ours, theirs);
  assert_int_equal(both, theirs);
  assert_int_equal(ours, want);
  expect_ok(mtp_basis_clear(&b));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_span(void **state)
{
  static const PetscInt ranks[] = {9, 16, 29, 52, 91, 161, 282};

  (void)state;
  for (PetscInt k = 0; k < 7; k++) expect_span(8 + 2 * k, ranks[k]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contractions),
      cmocka_unit_test(test_rotations),
      cmocka_unit_test(test_span),
  };

  return expect_main(argc, argv, help, tests);
}
