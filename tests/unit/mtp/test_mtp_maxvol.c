/* tests/unit/mtp/test_mtp_maxvol.c - MaxVol against all subsets, its updates against LU; active
   sets of configurations against their own rows */
#include "mtp/mtp_dense.h"
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_grade.h"
#include "mtp/mtp_maxvol.h"
#include "mtp/mtp_select.h"
#include "mtp/mtp_selection_impl.h"
#include "tests/support/random.h"
#include "tests/unit/mtp/mtp_files.h"

static const char help[] = "MaxVol: volume, inverse, bookkeeping; selection from configurations\n";

/* Dense linear algebra ----------------------------------------------------------------------- */

static void fill_random(random_stream *rng, PetscInt n, PetscReal a[])
{
  for (PetscInt i = 0; i < n; i++) a[i] = random_normal(rng);
}

static void test_product(void **state)
{
  enum { M = 3, P = 5, N = 4 };
  random_stream rng = {1};
  PetscReal a[M * N], b[P * N], c[M * P];

  (void)state;
  fill_random(&rng, M * N, a);
  fill_random(&rng, P * N, b);
  expect_ok(mtp__dense_product(M, P, N, a, b, c));
  for (int i = 0; i < M; i++) {
    for (int k = 0; k < P; k++) {
      PetscReal sum = 0.0;

      for (int j = 0; j < N; j++) sum += a[i * N + j] * b[k * N + j];
      expect_abs(c[i * P + k], sum, 1e-14, "rows times rows");
    }
  }
  expect_ok(mtp__dense_product(0, P, N, a, b, c));
}

static void test_inverse(void **state)
{
  PetscReal a[9] = {0, 2, 0, 1, 0, 1, 0, 0, -4}, inverse[9], log_det, residual;
  const PetscReal want[9] = {0, 0.5, 0, 1, 0, 0, 0.25, 0, -0.25}; /* by hand, transposed */
  PetscReal singular[4] = {1, 2, 2, 4};
  PetscBool regular;

  (void)state;
  expect_ok(mtp__dense_invert(3, a, inverse, &log_det, &regular));
  expect(regular, "regular");
  for (int k = 0; k < 9; k++) expect_abs(inverse[k], want[k], 1e-15, "transposed inverse");
  expect_abs(log_det, log(8.0), 1e-15, "ln |det|, here of -8 and with pivoting");
  expect_ok(mtp__dense_residual(3, a, inverse, &residual));
  expect_abs(residual, 0.0, 1e-15, "residual");
  inverse[3] += 1e-3; /* (A^-1)[0][1]: row 1 of A has 1 in column 0, the product's (1, 1) is off */
  expect_ok(mtp__dense_residual(3, a, inverse, &residual));
  expect_abs(residual, 1e-3, 1e-15, "residual of a wrong inverse");
  inverse[1] = (PetscReal)NAN;
  expect_ok(mtp__dense_residual(3, a, inverse, &residual));
  expect(PetscIsNanReal(residual), "a NaN is not overlooked");
  expect_ok(mtp__dense_invert(2, singular, inverse, &log_det, &regular));
  expect(!regular, "singular");
}

/* MaxVol ------------------------------------------------------------------------------------- */

enum { MAX_M = 40, MAX_N = 12 };

typedef struct {
  PetscInt m, n;
  PetscReal rows[MAX_M * MAX_N], offered[MAX_M * MAX_N];
  mtp_selection_row source[MAX_M];
} candidates;

static candidates random_candidates(random_stream *rng, PetscInt m, PetscInt n)
{
  candidates b = {.m = m, .n = n};

  fill_random(rng, m * n, b.rows);
  memcpy(b.offered, b.rows, sizeof(b.rows));
  for (PetscInt i = 0; i < m; i++) b.source[i] = (mtp_selection_row){i, 100 + i};
  return b;
}

static PetscReal det3(const PetscReal *a, const PetscReal *b, const PetscReal *c)
{
  return fabs(a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) +
              a[2] * (b[0] * c[1] - b[1] * c[0]));
}

/* More rows than 2^31 / 1000: the limit of swaps must not overflow. */
static void test_many_rows(void **state)
{
  enum { ROWS = 2200000 };
  random_stream rng = {22};
  mtp_selection_row *source;
  mtp_maxvol *mv = NULL;
  mtp_maxvol_info info;
  PetscReal *rows, largest = 0.0;
  PetscInt swaps;

  (void)state;
  expect_ok(PetscMalloc2(ROWS, &rows, ROWS, &source));
  for (PetscInt i = 0; i < ROWS; i++) {
    rows[i] = random_uniform(&rng);
    largest = fmax(largest, rows[i]);
    source[i] = (mtp_selection_row){i, 0};
  }
  expect_ok(mtp_maxvol_create(1, MTP_MAXVOL_INITIAL, &mv));
  expect_ok(mtp_maxvol_offer(mv, ROWS, rows, source, MTP_MAXVOL_THRESHOLD, &swaps));
  expect_ok(mtp_maxvol_get_info(mv, &info));
  expect(swaps == 1 && info.matrix[0] == largest, "the largest number comes in, once");
  expect_ok(mtp_maxvol_destroy(&mv));
  expect_ok(PetscFree2(rows, source));
}

/* The rows of A and those left are the given ones, each once, and the sources say which. */
static void expect_bookkeeping(const candidates *b, const mtp_maxvol_info *info)
{
  PetscInt seen[MAX_M] = {0}, unused = 0;

  for (PetscInt k = 0; k < b->n; k++) {
    const mtp_selection_row source = info->source[k];

    unused += source.config < 0;
    if (source.config < 0) continue;
    seen[source.config]++;
    expect(source.equation == 100 + source.config, "a source moves as a whole");
    assert_memory_equal(info->matrix + k * b->n, b->rows + source.config * b->n,
                        (size_t)b->n * sizeof(b->rows[0]));
  }
  for (PetscInt i = 0; i < b->m; i++) {
    if (b->source[i].config < 0) {
      unused++;
      continue;
    }
    seen[b->source[i].config]++;
    assert_memory_equal(b->offered + i * b->n, b->rows + b->source[i].config * b->n,
                        (size_t)b->n * sizeof(b->rows[0]));
  }
  for (PetscInt i = 0; i < b->m; i++) expect(seen[i] == 1, "every row is somewhere, once");
  expect(unused == b->n, "so is every row of the beginning");
}

/* Largest coordinate of the given rows in the set. */
static PetscReal largest_grade(const candidates *b, const mtp_maxvol_info *info)
{
  PetscReal largest = 0.0;

  for (PetscInt i = 0; i < b->m; i++) {
    for (PetscInt k = 0; k < b->n; k++) {
      PetscReal gamma = 0.0;

      for (PetscInt j = 0; j < b->n; j++)
        gamma += b->rows[i * b->n + j] * info->inverse[k * b->n + j];
      largest = PetscMax(largest, fabs(gamma));
    }
  }
  return largest;
}

/* Of 120 triples of 10 rows: the one found has at least max / 3^(3/2), the bound of a dominant
   submatrix, and mostly it is the largest. */
static void test_against_all_subsets(void **state)
{
  random_stream rng = {2};
  int best = 0, runs = 200;

  (void)state;
  for (int run = 0; run < runs; run++) {
    candidates b = random_candidates(&rng, 10, 3);
    mtp_maxvol *mv;
    mtp_maxvol_info info;
    PetscReal max = 0.0;
    PetscInt swaps;

    for (int i = 0; i < 10; i++) {
      for (int j = 0; j < i; j++) {
        for (int k = 0; k < j; k++)
          max = PetscMax(max, det3(b.rows + 3 * i, b.rows + 3 * j, b.rows + 3 * k));
      }
    }
    expect_ok(mtp_maxvol_create(3, 1e-6, &mv));
    expect_ok(mtp_maxvol_offer(mv, 10, b.offered, b.source, 1.001, &swaps));
    expect_ok(mtp_maxvol_get_info(mv, &info));
    expect_bookkeeping(&b, &info);
    expect_near(exp(info.log_det), det3(info.matrix, info.matrix + 3, info.matrix + 6), 1e-9,
                "ln |det A|");
    expect(largest_grade(&b, &info) <= 1.001 + 1e-9, "no candidate would raise the volume");
    expect(exp(info.log_det) <= max * (1.0 + 1e-9), "no volume larger than the largest");
    expect(exp(info.log_det) >= max / pow(3.0, 1.5), "bound of a dominant submatrix");
    best += exp(info.log_det) >= max / 1.0011;
    expect(swaps >= 3 && info.nswap == swaps, "swaps are counted");
    /* three swaps on one C, and a last one that finds nothing */
    expect(info.nsweep <= 1 + (swaps + 2) / 3, "C is right through all its updates");
    expect_ok(mtp_maxvol_destroy(&mv));
  }
  print_message("  the largest of all volumes was found in %d of %d cases\n", best, runs);
  expect(best > runs / 2, "mostly the largest is found");
}

/* ln |det| by its increments and A^-1 by rank-one updates are those of LU. */
static void test_updates_against_lu(void **state)
{
  random_stream rng = {3};
  candidates b = random_candidates(&rng, MAX_M, MAX_N);
  PetscReal inverse[MAX_N * MAX_N], log_det, size = 0.0;
  mtp_maxvol *mv;
  mtp_maxvol_info info;
  PetscBool regular;
  PetscInt swaps, all = 1;

  (void)state;
  expect_ok(mtp_maxvol_create(MAX_N, 0.1, &mv));
  while (all > 0) { /* pieces of four rows: many more swaps than rows */
    all = 0;
    for (PetscInt i = 0; i < MAX_M; i += 4) {
      expect_ok(mtp_maxvol_offer(mv, 4, b.offered + i * MAX_N, b.source + i, 1.001, &swaps));
      all += swaps;
    }
  }
  expect_ok(mtp_maxvol_get_info(mv, &info));
  print_message("  %d swaps of %d rows, residual %.1e\n", (int)info.nswap, MAX_N, info.residual);
  expect(info.nswap > 2 * MAX_N && info.nrefresh == 0, "updates, no help by LU");
  expect_bookkeeping(&b, &info);
  expect_ok(mtp__dense_invert(MAX_N, info.matrix, inverse, &log_det, &regular));
  expect_abs(info.log_det, log_det, 1e-11, "ln |det A|");
  for (PetscInt k = 0; k < MAX_N * MAX_N; k++) size = PetscMax(size, fabs(inverse[k]));
  for (PetscInt k = 0; k < MAX_N * MAX_N; k++)
    expect_abs(info.inverse[k], inverse[k], 1e-12 * size, "A^-1");
  expect(largest_grade(&b, &info) <= 1.001 + 1e-9, "threshold");
  expect_ok(mtp_maxvol_offer(mv, b.m, b.offered, b.source, 1.001, &swaps));
  expect(swaps == 0, "offered again, nothing changes");
  expect_ok(mtp_maxvol_destroy(&mv));
}

/* A poor inverse is noticed and replaced; a good one is kept. */
static void test_refresh(void **state)
{
  random_stream rng = {4};
  candidates b = random_candidates(&rng, 20, 5);
  mtp_selection *sel;
  mtp_maxvol *mv;
  mtp_maxvol_info info;
  PetscReal log_det;
  PetscBool regular;

  (void)state;
  expect_ok(mtp__selection_create(5, &sel));
  memcpy(sel->matrix, b.rows, 25 * sizeof(PetscReal));
  expect_ok(mtp__dense_invert(5, sel->matrix, sel->inverse, &log_det, &regular));
  sel->inverse[7] += 1e-4;
  expect_ok(mtp_maxvol_create_from(sel, &mv));
  expect_ok(mtp_maxvol_get_info(mv, &info));
  expect(info.residual < 1e-13 && info.nrefresh == 1, "the damage of 1e-4 is gone");
  expect_abs(info.log_det, log_det, 1e-13, "ln |det| of a set read from a file");
  expect_ok(mtp_maxvol_destroy(&mv));
  expect_ok(mtp_selection_destroy(&sel));
}

/* Rows in a plane: one row of the beginning must stay, and grades out of the plane are huge. */
static void test_deficient(void **state)
{
  random_stream rng = {5};
  candidates b = random_candidates(&rng, 12, 3);
  mtp_maxvol *mv;
  mtp_maxvol_info info;
  PetscInt swaps, unused = 0;

  (void)state;
  for (PetscInt i = 0; i < 12; i++)
    b.rows[3 * i + 2] = b.offered[3 * i + 2] = b.rows[3 * i] + 2.0 * b.rows[3 * i + 1];
  expect_ok(mtp_maxvol_create(3, 1e-6, &mv));
  expect_ok(mtp_maxvol_offer(mv, 12, b.offered, b.source, 1.001, &swaps));
  expect_ok(mtp_maxvol_get_info(mv, &info));
  for (PetscInt k = 0; k < 3; k++) unused += info.source[k].config < 0;
  expect(unused == 1, "one row is never replaced for good");
  expect(largest_grade(&b, &info) <= 1.001 + 1e-6, "rows in the plane are inside");
  memcpy(b.rows, (PetscReal[3]){0, 0, 1}, sizeof(PetscReal[3]));
  b.m = 1;
  expect(largest_grade(&b, &info) > 1e4, "out of the plane the grade is huge");
  expect_ok(mtp_maxvol_destroy(&mv));
}

static void test_refusals(void **state)
{
  PetscReal rows[2] = {1.0, (PetscReal)NAN};
  mtp_selection_row source[1] = {{0, 0}};
  mtp_maxvol *mv;
  PetscInt swaps;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_maxvol_create(2, 0.0, &mv));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_maxvol_create(0, 1e-6, &mv));
  expect_ok(mtp_maxvol_create(2, 1e-6, &mv));
  expect_error(PETSC_ERR_FP, mtp_maxvol_offer(mv, 1, rows, source, 1.001, &swaps));
  rows[1] = 0.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_maxvol_offer(mv, 1, rows, source, 1.0, &swaps));
  expect_ok(mtp_maxvol_offer(mv, 0, NULL, NULL, 1.001, &swaps));
  expect(swaps == 0, "no rows, no swaps");
  expect_ok(mtp_maxvol_destroy(&mv));
}

/* Selection ---------------------------------------------------------------------------------- */

enum { CONFIGS = 14, ATOMS = 8 };

static mtp_potential *load(const char *name)
{
  char path[512];
  mtp_potential *pot;
  mtp_diag diag = {0};

  (void)snprintf(path, sizeof(path), "%s/mtp/random/%s", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  expect_messages(&diag, "");
  return pot;
}

/* Eight atoms on a distorted cubic lattice, some 2.6 to 3.4 Å apart. */
static mtp_config_list structures(random_stream *rng, PetscInt n)
{
  mtp_config_list list = {.n = n, .capacity = n};

  expect_ok(PetscCalloc1(n, &list.config));
  for (PetscInt c = 0; c < n; c++) {
    mtp_config *config = &list.config[c];
    const PetscReal edge = 5.4 + 1.2 * random_uniform(rng);

    expect_ok(mtp_config_create(ATOMS, config));
    config->nlattice = 3;
    for (int a = 0; a < 3; a++) config->h[a][a] = edge;
    for (PetscInt i = 0; i < ATOMS; i++) {
      config->type[i] = random_uniform(rng) < 0.5;
      for (int a = 0; a < 3; a++)
        config->x[3 * i + a] = 0.5 * edge * (i >> a & 1) + 0.35 * random_normal(rng);
    }
  }
  return list;
}

static PetscReal largest_of(const mtp_potential *pot, const mtp_selection *sel,
                            const mtp_config_list *list)
{
  PetscReal largest = 0.0;
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};

  for (PetscInt c = 0; c < list->n; c++) {
    PetscReal grade = -1.0;
    mtp_config copy;

    expect_ok(mtp_config_copy(&list->config[c], &copy));
    expect_ok(mtp_grade_config(pot, sel, "x", &nb, &copy, &grade, &diag));
    expect_messages(&diag, "");
    largest = PetscMax(largest, grade);
    expect_ok(mtp_config_clear(&copy));
  }
  expect_ok(mtp_neighbors_clear(&nb));
  return largest;
}

/* Every row of A is the row of the configuration and the equation that it names. */
static void expect_rows_are_theirs(const mtp_potential *pot, const mtp_selection *sel)
{
  mtp_selection_info info;
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};
  PetscReal *rows;

  expect_ok(mtp_selection_get_info(sel, &info));
  rows = malloc((size_t)(ATOMS * info.n) * sizeof(*rows));
  for (PetscInt k = 0; k < info.n; k++) {
    const mtp_selection_row row = info.row[k];
    const PetscInt atom = info.mode == MTP_SELECTION_NEIGHBOURHOOD ? row.equation - 34 : 0;
    PetscBool good;

    if (row.config < 0) continue;
    expect_ok(mtp_eval_neighbors(pot, "x", &info.configs->config[row.config], &nb, &good, &diag));
    expect_ok(mtp_grade_config_rows(pot, &info.weights, info.mode, &nb, rows));
    expect(atom >= 0 && atom < ATOMS, "equation 3N+10+i, N = 8");
    assert_memory_equal(info.matrix + k * info.n, rows + atom * info.n,
                        (size_t)info.n * sizeof(*rows));
  }
  free(rows);
  expect_ok(mtp_neighbors_clear(&nb));
}

static mtp_selection_weights weights_of(mtp_selection_mode mode)
{
  return mode == MTP_SELECTION_NEIGHBOURHOOD
             ? (mtp_selection_weights){.site_energy = 1.0, .scaling = 2}
             : (mtp_selection_weights){.energy = 1.0, .scaling = 2};
}

/* Two lists, all at once or in pieces of 20 rows. */
static void check_selection(mtp_selection_mode mode, PetscInt max_rows)
{
  random_stream rng = {6};
  mtp_potential *pot = load("rand_2sp_08.almtp");
  mtp_config_list lists[2] = {structures(&rng, CONFIGS), structures(&rng, CONFIGS)};
  const mtp_config_list *const list[2] = {&lists[0], &lists[1]};
  const char *const names[2] = {"train", "candidates"};
  mtp_select_request request = {
      .weights = weights_of(mode), .nlist = 2, .list = list, .name = names, .max_rows = max_rows};
  PetscBool flag[2][CONFIGS], *const selected[2] = {flag[0], flag[1]};
  mtp_select_report report;
  mtp_selection_info info;
  mtp_selection *sel, *again;
  mtp_diag diag = {0};
  PetscInt owners = 0;

  expect_ok(mtp_select(pot, &request, &sel, selected, &report, &diag));
  expect_messages(&diag, "");
  expect_ok(mtp_selection_get_info(sel, &info));
  expect(report.nrow == 2 * CONFIGS * (mode == MTP_SELECTION_NEIGHBOURHOOD ? ATOMS : 1), "rows");
  expect(info.mode == mode && report.residual < 1e-6, "mode, residual");
  for (int l = 0; l < 2; l++) {
    expect(largest_of(pot, sel, list[l]) <= 1.0011, "no configuration would raise the volume");
    for (PetscInt c = 0; c < CONFIGS; c++) {
      if (!flag[l][c]) continue;
      expect_same_bits(info.configs->config[owners].x, lists[l].config[c].x, 3 * ATOMS,
                       "the selected configurations, in their order");
      owners++;
    }
  }
  expect(owners == info.configs->n && owners > 0, "as many as own a row");
  expect_rows_are_theirs(pot, sel);
  print_message("  %s, %3d rows at once: %d passes, %d swaps, %d of %d selected, ln|det| %.3f\n",
                mtp_selection_mode_name(mode), (int)max_rows, (int)report.npass, (int)report.nswap,
                (int)owners, 2 * CONFIGS, report.log_det);
  request.start = sel;
  expect_ok(mtp_select(pot, &request, &again, NULL, &report, &diag));
  expect_messages(&diag, "");
  expect(report.nswap == 0 && again->configs.n == owners, "gone on from itself nothing changes");
  expect_ok(mtp_selection_destroy(&again));
  expect_ok(mtp_selection_destroy(&sel));
  for (int l = 0; l < 2; l++) expect_ok(mtp_config_list_clear(&lists[l]));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_selection(void **state)
{
  (void)state;
  check_selection(MTP_SELECTION_NEIGHBOURHOOD, 0);
  check_selection(MTP_SELECTION_NEIGHBOURHOOD, 20);
  check_selection(MTP_SELECTION_NEIGHBOURHOOD, 3);
  check_selection(MTP_SELECTION_CONFIGURATION, 0);
  check_selection(MTP_SELECTION_CONFIGURATION, 5);
}

/* A set grows: what was started from stays where nothing better comes. */
static void test_extension(void **state)
{
  random_stream rng = {7};
  mtp_potential *pot = load("rand_2sp_08.almtp");
  mtp_config_list first = structures(&rng, 3), second = structures(&rng, CONFIGS);
  const mtp_config_list *const one[1] = {&first}, *const two[1] = {&second};
  const char *const names[1] = {"x"};
  mtp_select_request request = {
      .weights = weights_of(MTP_SELECTION_NEIGHBOURHOOD), .nlist = 1, .list = one, .name = names};
  mtp_select_report report, more;
  mtp_selection *start, *sel;
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_select(pot, &request, &start, NULL, &report, &diag));
  request.start = start;
  request.list = two;
  expect_ok(mtp_select(pot, &request, &sel, NULL, &more, &diag));
  expect_messages(&diag, "");
  expect(more.log_det > report.log_det && more.nswap > 0, "the volume grows");
  expect(sel->configs.n > start->configs.n, "configurations are added");
  expect_rows_are_theirs(pot, sel);
  expect(largest_of(pot, sel, &second) <= 1.0011, "the new ones are inside");
  expect_same_bits(sel->configs.config[0].x, start->configs.config[0].x, 3 * ATOMS,
                   "those of the beginning come first");
  expect_ok(mtp_selection_destroy(&start));
  expect_ok(mtp_selection_destroy(&sel));
  expect_ok(mtp_config_list_clear(&first));
  expect_ok(mtp_config_list_clear(&second));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_bad_selections(void **state)
{
  random_stream rng = {8};
  mtp_potential *pot = load("rand_2sp_08.almtp"), *other = load("rand_2sp_10.almtp");
  mtp_config_list list = structures(&rng, 3);
  const mtp_config_list *const lists[1] = {&list};
  const char *const names[1] = {"c.cfg"};
  mtp_select_request request = {
      .weights = weights_of(MTP_SELECTION_NEIGHBOURHOOD), .nlist = 1, .list = lists, .name = names};
  mtp_select_report report;
  mtp_selection *sel = NULL, *start;
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_select(pot, &request, &start, NULL, &report, &diag));
  expect_messages(&diag, "");
  request.start = start;
  request.weights = weights_of(MTP_SELECTION_CONFIGURATION);
  expect_ok(mtp_select(pot, &request, &sel, NULL, &report, &diag));
  expect_messages(&diag,
                  "selection state: is of neighbourhood mode, wanted configuration mode with "
                  "the same weights\n");
  request.weights = weights_of(MTP_SELECTION_NEIGHBOURHOOD);
  for (PetscInt k = 0; k < start->n; k++) start->row[k].equation = -1;
  expect_ok(mtp_select(pot, &request, &sel, NULL, &report, &diag));
  expect_messages(&diag, "selection state: does not say which atoms its rows are of, wanted one of "
                         "MLIP-3 (.almtp)\n");
  expect_error(PETSC_ERR_ARG_SIZ, mtp_select(other, &request, &sel, NULL, &report, &diag));
  request.start = NULL;
  list.config[0].type[2] = 5;
  memcpy(list.config[2].x, list.config[2].x + 3, 3 * sizeof(PetscReal));
  expect_ok(mtp_select(pot, &request, &sel, NULL, &report, &diag));
  expect_messages(&diag, "c.cfg: configuration 1: atom 3: got type 5, the potential has 0, 1\n");
  list.config[0].type[2] = 0;
  expect_ok(mtp_select(pot, &request, &sel, NULL, &report, &diag));
  expect_messages(&diag, "c.cfg: configuration 3: got derivatives that are not finite, are two "
                         "atoms in one place?\n");
  expect(sel == NULL, "nothing is handed out");
  request.weights.force = 1.0;
  expect_error(PETSC_ERR_ARG_WRONG, mtp_select(pot, &request, &sel, NULL, &report, &diag));
  expect_ok(mtp_selection_destroy(&start));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_potential_destroy(&other));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_product),
      cmocka_unit_test(test_inverse),
      cmocka_unit_test(test_against_all_subsets),
      cmocka_unit_test(test_updates_against_lu),
      cmocka_unit_test(test_refresh),
      cmocka_unit_test(test_deficient),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_many_rows),
      cmocka_unit_test(test_selection),
      cmocka_unit_test(test_extension),
      cmocka_unit_test(test_bad_selections),
  };

  return expect_main(argc, argv, help, tests);
}
