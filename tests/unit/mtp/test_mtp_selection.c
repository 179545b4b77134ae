/* tests/unit/mtp/test_mtp_selection.c - selection states: what is read, written and refused
 *
 * The potential is the smallest there is: one species, two polynomials, one scalar, n = 4.  Its
 * active set is A = 2 with A[0][1] = 1, so that A^-1 = 1/2 with (A^-1)[0][1] = -1/4, which in the
 * transposed form of the files stands at [1][0].
 */
#include "mtp/mtp_grade.h"
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection_impl.h"
#include "tests/unit/mtp/mtp_files.h"

#include <unistd.h>

static const char help[] = "Selection states of MLIP-3 and MLIP-2: read, written, refused\n";

enum { N = 4 };

static const char potential[] =
    "MTP\nversion = 1.1.0\nscaling = 1\nspecies_count = 1\n"
    "radial_basis_type = RBChebyshev\n\tmin_dist = 1\n\tmax_dist = 3\n"
    "\tradial_basis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n"
    "\t\t7-7\n\t\t\t{0.5, 0.25}\nalpha_moments_count = 1\nalpha_index_basic_count = 1\n"
    "alpha_index_basic = {{0, 0, 0, 0}}\nalpha_index_times_count = 0\nalpha_index_times = {}\n"
    "alpha_scalar_moments = 1\nalpha_moment_mapping = {0}\nspecies_coeffs = {-1}\n"
    "moment_coeffs = {2}";

static const char sites[] =
    "\n#MVS_v1.1\nenergy_weight 0.0000000000000000e+00\nforce_weight 0.0000000000000000e+00\n"
    "stress_weight 0.0000000000000000e+00\nsite_en_weight 1.0000000000000000e+00\n"
    "weight_scaling 2\n#";
static const char site_rows[] = "\n#\n0 16\n0 17\n1 17\n-1 -1\n#\n";

static const char configs[] =
    "BEGIN_CFG\n Size\n    2\n AtomData:  id type       cartes_x      cartes_y      cartes_z\n"
    "    1 7  0.0000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00\n"
    "    2 7  1.5000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00\n"
    " Feature   selected_eqn_inds\t16,17\nEND_CFG\n\n"
    "BEGIN_CFG\n Size\n    2\n AtomData:  id type       cartes_x      cartes_y      cartes_z\n"
    "    1 7  0.0000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00\n"
    "    2 7  2.0000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00\n"
    " Feature   selected_eqn_inds\t17\nEND_CFG\n\n";

typedef struct {
  char bytes[4096];
  size_t n;
} blob;

static void add(blob *b, const void *data, size_t n)
{
  expect(b->n + n <= sizeof(b->bytes), "a test state fits");
  memcpy(b->bytes + b->n, data, n);
  b->n += n;
}

static void add_text(blob *b, const char *text)
{
  add(b, text, strlen(text));
}

/* A and the transposed inverse, 2 n^2 doubles. */
static void add_matrices(blob *b)
{
  double a[N][N] = {{0}}, inverse[N][N] = {{0}};

  for (int k = 0; k < N; k++) {
    a[k][k] = 2.0;
    inverse[k][k] = 0.5;
  }
  a[0][1] = 1.0;
  inverse[1][0] = -0.25;
  add(b, a, sizeof(a));
  add(b, inverse, sizeof(inverse));
}

static blob state_of(const char *weights, const char *rows, const char *text)
{
  blob b = {.n = 0};

  add_text(&b, weights);
  add_matrices(&b);
  add_text(&b, rows);
  add_text(&b, text);
  return b;
}

static mtp_potential *load(const char *text, size_t n)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_parse("pot", text, n, &pot, &diag));
  expect_messages(&diag, "");
  return pot;
}

/* The bytes as a potential would keep them. */
static void set_state(mtp_potential *pot, const char *bytes, size_t n)
{
  expect_ok(PetscFree(pot->selection));
  expect_ok(PetscMalloc1(n, &pot->selection));
  if (n) memcpy(pot->selection, bytes, n);
  pot->selection_size = n;
}

static mtp_selection *parse(const char *bytes, size_t n, mtp_diag *diag)
{
  mtp_potential *pot = load(potential, strlen(potential));
  mtp_selection *sel = NULL;

  set_state(pot, bytes, n);
  expect_ok(mtp_selection_parse(pot, "f.almtp", &sel, diag));
  expect((sel == NULL) == (diag->n > 0), "a state or messages");
  expect_ok(mtp_potential_destroy(&pot));
  return sel;
}

static mtp_selection *parse_good(const blob *b)
{
  mtp_diag diag = {0};
  mtp_selection *sel = parse(b->bytes, b->n, &diag);

  expect_messages(&diag, "");
  return sel;
}

static void refuse(const blob *b, const char *messages)
{
  mtp_diag diag = {0};
  mtp_selection *sel = parse(b->bytes, b->n, &diag);

  expect_messages(&diag, messages);
  expect(sel == NULL, "nothing is handed out");
}

/* -------------------------------------------------------------------------------------------- */

static void test_what_is_read(void **state)
{
  PetscReal rows[2 * N] = {3, 1, 0, 0, 0, 0, -5, 1};
  PetscReal grade[2];
  blob b = state_of(sites, site_rows, configs);
  mtp_selection *sel = parse_good(&b);
  mtp_selection_info info;

  (void)state;
  expect_ok(mtp_selection_get_info(sel, &info));
  expect(info.mode == MTP_SELECTION_NEIGHBOURHOOD && info.n == N && info.nunused == 1, "info");
  expect(info.weights.scaling == 2 && info.configs->n == 2, "scaling, configurations");
  expect_abs(info.weights.site_energy, 1.0, 0.0, "weight");
  expect_abs(info.residual, 0.0, 0.0, "residual");
  expect_abs(info.matrix[1], 1.0, 0.0, "A[0][1]");
  expect_abs(info.matrix[N], 0.0, 0.0, "A[1][0]");
  expect_abs(mtp_selection_inverse(sel)[N], -0.25, 0.0, "the inverse is kept transposed");
  expect_abs(mtp_selection_inverse(sel)[1], 0.0, 0.0, "and nowhere else");
  expect(info.row[2].config == 1 && info.row[2].equation == 17 && info.row[3].config == -1, "rows");
  expect(mtp_selection_size(sel) == N, "size");
  assert_string_equal(mtp_selection_mode_name(info.mode), "neighbourhood");
  /* gamma = (3/2, 1/2 - 3/4, 0, 0); (0, 0, -5/2, 1/2) */
  expect_ok(mtp_grade_rows(sel, 2, rows, grade));
  expect_abs(grade[0], 1.5, 0.0, "grade");
  expect_abs(grade[1], 2.5, 0.0, "grade is a magnitude");
  rows[0] = (PetscReal)INFINITY; /* gamma = (inf, inf - inf, 0 inf, 0 inf) */
  expect_ok(mtp_grade_rows(sel, 1, rows, grade));
  expect(PetscIsNanReal(grade[0]), "a NaN is not overlooked");
  expect_ok(mtp_selection_destroy(&sel));
}

/* b = (Q_0, Q_1) 2 sum, 1, M: with r = 1.5: Q = 2.25 (1, -1/2), M = 2.25 (0.5 - 0.125) */
static void test_grades_by_hand(void **state)
{
  blob b = state_of(sites, site_rows, configs);
  mtp_selection *sel = parse_good(&b);
  mtp_potential *pot = load(potential, strlen(potential));
  mtp_config config;
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};
  PetscReal grade = -1.0;
  const PetscReal b0 = 4.5, b1 = -2.25;

  (void)state;
  pot->format = MTP_FORMAT_MLIP3;
  expect_ok(mtp_config_copy(&sel->configs.config[0], &config));
  expect_ok(mtp_grade_config(pot, sel, "x", &nb, &config, &grade, &diag));
  expect_messages(&diag, "");
  expect_abs(grade, PetscMax(0.5 * b0, fabs(0.5 * b1 - 0.25 * b0)), 1e-14, "by hand");
  expect_abs(config.nbh_grade[1], grade, 1e-14, "both atoms are alike");
  assert_string_equal(mtp_config_feature(&config, "MV_grade"), "2.250000");
  sel->weights = (mtp_selection_weights){.energy = 3.0, .scaling = 1};
  expect_ok(mtp_grade_config(pot, sel, "x", &nb, &config, &grade, &diag));
  expect_abs(grade, 3.0 / sqrt(2.0) * 4.5, 1e-14, "the sum, weighted and scaled");
  assert_string_equal(mtp_config_feature(&config, "MV_grade"), "9.545942");
  expect(config.nfeature == 2, "the feature is replaced");
  sel->weights.force = 0.5;
  expect_ok(mtp_grade_config(pot, sel, "x", &nb, &config, &grade, &diag));
  expect_messages(&diag, "x: the active set has rows of forces, stresses or several kinds, wanted "
                         "one of atoms or one of energies\n");
  expect_error(PETSC_ERR_SUP, mtp_grade_evaluate(pot, sel, &nb, NULL, &grade));
  sel->weights.force = 0.0;
  pot->nscalar = 2;
  expect_error(PETSC_ERR_ARG_SIZ, mtp_grade_evaluate(pot, sel, &nb, NULL, &grade));
  pot->nscalar = 1;
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_clear(&config));
  expect_ok(mtp_selection_destroy(&sel));
  expect_ok(mtp_potential_destroy(&pot));
}

/* Attached, written, read: the same bytes; the older layout becomes the present one. */
static void test_round_trip(void **state)
{
  static const char older[] = "\n#\n0 0 0\n1\n#";
  char scratch[] = "/tmp/test_mtp_selection_XXXXXX";
  const int fd = mkstemp(scratch);
  blob want = state_of(sites, site_rows, configs), old = state_of(older, site_rows, configs);
  mtp_potential *pot = load(potential, strlen(potential)), *again;
  mtp_diag diag = {0};

  (void)state;
  expect(fd >= 0, "a scratch file");
  close(fd);
  pot->format = MTP_FORMAT_MLIP3;
  for (int k = 0; k < 2; k++) {
    mtp_selection *sel = parse_good(k ? &old : &want);

    expect_ok(mtp_selection_attach(sel, pot));
    expect(pot->selection_size == want.n, "size");
    assert_memory_equal(pot->selection, want.bytes, want.n);
    expect_ok(mtp_selection_destroy(&sel));
  }
  expect_ok(mtp_potential_write(pot, MTP_FORMAT_MLIP3, scratch));
  expect_ok(mtp_potential_read(scratch, &again, &diag));
  expect_messages(&diag, "");
  expect(again->selection_size == want.n, "size after writing and reading");
  assert_memory_equal(again->selection, want.bytes, want.n);
  unlink(scratch);
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_potential_destroy(&again));
}

/* selected_eqn_inds follows the rows; positions become labels; sizes are checked. */
static void test_attach(void **state)
{
  blob b = state_of(sites, site_rows, configs);
  mtp_selection *sel = parse_good(&b);
  mtp_potential *pot = load(potential, strlen(potential));

  (void)state;
  sel->row[0].equation = 17;
  sel->row[1].equation = 16;
  sel->row[3] = (mtp_selection_row){1, 16};
  pot->format = MTP_FORMAT_MLIP3;
  expect_ok(mtp_selection_attach(sel, pot));
  expect(strstr(pot->selection + b.n - 300, "selected_eqn_inds\t16,17\n") != NULL, "ascending");
  pot->format = MTP_FORMAT_MLIP2;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_selection_attach(sel, pot)); /* 7 is no position */
  for (PetscInt c = 0; c < 2; c++) {
    for (PetscInt i = 0; i < 2; i++) sel->configs.config[c].type[i] = 0;
  }
  expect_ok(mtp_selection_attach(sel, pot));
  expect(sel->configs.config[0].type[0] == 0, "the selection keeps its types");
  pot->format = MTP_FORMAT_MLIP3;
  {
    mtp_selection *again;
    mtp_diag diag = {0};

    expect_ok(mtp_selection_parse(pot, "f", &again, &diag));
    expect_messages(&diag, "");
    expect(again->configs.config[1].type[1] == 7, "positions are written as labels");
    expect_ok(mtp_selection_destroy(&again));
  }
  sel->row[0].equation = -1;
  expect_error(PETSC_ERR_ARG_INCOMP, mtp_selection_attach(sel, pot));
  sel->row[0].equation = 17;
  pot->nscalar = 2;
  expect_error(PETSC_ERR_ARG_SIZ, mtp_selection_attach(sel, pot));
  pot->nscalar = 1;
  expect_ok(mtp_selection_destroy(&sel));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_modes(void **state)
{
  static const struct {
    PetscReal energy, force, stress, site;
    mtp_selection_mode mode;
  } cases[] = {
      {1, 0, 0, 0, MTP_SELECTION_CONFIGURATION}, {0, 0, 0, 1, MTP_SELECTION_NEIGHBOURHOOD},
      {1, 0, 0, 1, MTP_SELECTION_OTHER},         {0, 1, 0, 0, MTP_SELECTION_OTHER},
      {1, 0, 1, 0, MTP_SELECTION_OTHER},         {2, 0, 0, 0, MTP_SELECTION_CONFIGURATION}};
  static const char rows[] = "\n#\n0 0\n1 0\n-1 -1\n-1 -1\n#\n";

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    char weights[512];
    blob b;
    mtp_selection *sel;

    (void)snprintf(weights, sizeof(weights),
                   "\n#MVS_v1.1\nenergy_weight %g\nforce_weight %g\nstress_weight %g\n"
                   "site_en_weight %g\nweight_scaling 1\n#",
                   cases[k].energy, cases[k].force, cases[k].stress, cases[k].site);
    b = state_of(weights, cases[k].mode == MTP_SELECTION_NEIGHBOURHOOD ? site_rows : rows, configs);
    sel = parse_good(&b);
    expect(mtp_selection_get_mode(sel) == cases[k].mode, "mode");
    expect_ok(mtp_selection_destroy(&sel));
  }
  assert_string_equal(mtp_selection_mode_name(MTP_SELECTION_CONFIGURATION), "configuration");
  assert_string_equal(mtp_selection_mode_name(MTP_SELECTION_OTHER), "mixed");
}

/* Bad states --------------------------------------------------------------------------------- */

static blob with_number(size_t index, double value)
{
  blob b = state_of(sites, site_rows, configs);

  memcpy(b.bytes + strlen(sites) + 8 * index, &value, sizeof(value));
  return b;
}

static void test_bad_matrices(void **state)
{
  blob b = with_number(6, (double)NAN);

  (void)state;
  refuse(&b,
         "f.almtp: selection state: the active set has 1 numbers that are not finite, the first "
         "in row 2, column 3\n");
  b = with_number(N * N + 4, -(double)INFINITY);
  refuse(&b, "f.almtp: selection state: the inverse of the active set has 1 numbers that are not "
             "finite, the first in row 2, column 1\n");
  b = with_number(0, 2.01);
  refuse(&b, "f.almtp: selection state: the active set times its inverse differs from 1 by 0.005, "
             "wanted at most 0.001: the state is damaged, select again\n");
  b = with_number(N * N + 4, 0.0); /* the inverse not transposed would look so */
  refuse(&b, "f.almtp: selection state: the active set times its inverse differs from 1 by 0.5, "
             "wanted at most 0.001: the state is damaged, select again\n");
  b = with_number(0, 1e308);
  refuse(&b, "f.almtp: selection state: the active set times its inverse differs from 1 by 5e+307, "
             "wanted at most 0.001: the state is damaged, select again\n");
}

static void test_bad_rows_and_weights(void **state)
{
  blob b = state_of(sites, "\n#\n0 15\n2 16\n0 18\n-2 -1\n#\n", configs);
  char *weights;

  (void)state;
  refuse(&b, "f.almtp: selection state: row 1 is equation 15 of configuration 0 of 2 atoms, which "
             "has none with that number in neighbourhood mode\n"
             "f.almtp: selection state: row 2 is of configuration 2, there are 2\n"
             "f.almtp: selection state: row 3 is equation 18 of configuration 0 of 2 atoms, which "
             "has none with that number in neighbourhood mode\n"
             "f.almtp: selection state: row 4 is of configuration -2, there are 2\n");
  b = state_of(sites, "\n#\n0 16\n0 17\n1 -1\n-1 -1\n#\n", configs);
  refuse(&b, "f.almtp: selection state: row 3 is equation -1 of configuration 1 of 2 atoms, which "
             "has none with that number in neighbourhood mode\n");
  b = state_of(sites, "\n#\n0 16\n0 17\n0 x\n-1 -1\n#\n", configs);
  refuse(&b, "f.almtp: selection state: ends or breaks off in the list of active equations\n");
  b = state_of(sites, "\n#\n0 16\n0 17\n1 17\n-1 -1\n-1 -1\n#\n", configs);
  refuse(&b, "f.almtp: selection state: ends or breaks off in the list of active equations\n");
  b = state_of(sites, site_rows, "BEGIN_CFG\n Size\n 1\n");
  refuse(&b, "f.almtp:4: the file ends inside the configuration that begins in line 1\n");
  weights = edited(sites, "site_en_weight 1.0", "site_en_weight -1.0");
  b = state_of(weights, site_rows, configs);
  free(weights);
  refuse(&b, "f.almtp: selection state: site_en_weight is -1, wanted 0 or more\n");
  weights = edited(sites, "scaling 2", "scaling 3");
  b = state_of(weights, site_rows, configs);
  free(weights);
  refuse(&b, "f.almtp: selection state: weight_scaling is 3, wanted 0, 1 or 2\n");
  weights = edited(sites, "site_en_weight 1.0", "site_en_weight 0.0");
  b = state_of(weights, "\n#\n-1 -1\n-1 -1\n-1 -1\n-1 -1\n#\n", "");
  free(weights);
  refuse(&b, "f.almtp: selection state: all weights are 0, wanted at least one more\n");
  weights = edited(sites, "force_weight", "farce_weight");
  b = state_of(weights, site_rows, configs);
  free(weights);
  refuse(&b, "f.almtp: selection state: ends or breaks off in force_weight\n");
}

static void test_no_state_and_wrong_size(void **state)
{
  blob b = state_of(sites, site_rows, configs);
  mtp_potential *pot = load(potential, strlen(potential));
  mtp_selection *sel;
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_selection_parse(pot, "f", &sel, &diag));
  expect_messages(&diag, "f: the potential has no selection state (active set), wanted an .almtp "
                         "that was trained or selected with one\n");
  expect(sel == NULL, "none");
  set_state(pot, b.bytes, b.n);
  pot->nscalar = 2; /* n = 5: the matrices end in the middle of the text */
  expect_ok(mtp_selection_parse(pot, "f", &sel, &diag));
  expect_messages(&diag, "f: selection state: ends or breaks off in the active set\n");
  pot->nscalar = 1000;
  expect_ok(mtp_selection_parse(pot, "f", &sel, &diag));
  expect_messages(&diag, "f: selection state: ends or breaks off in the active set\n");
  pot->nscalar = 1;
  expect_ok(mtp_potential_destroy(&pot));
}

/* Cut off anywhere: a message, except where only blanks of the end are lost. */
static void test_truncated(void **state)
{
  const blob b = state_of(sites, site_rows, configs);

  (void)state;
  for (size_t n = 1; n < b.n - 2; n++) {
    mtp_diag diag = {0};
    mtp_selection *sel = parse(b.bytes, n, &diag);

    if (sel) fail_msg("cut to %d of %d bytes it is taken for whole", (int)n, (int)b.n);
    expect_ok(mtp_diag_clear(&diag));
  }
}

/* Any single bit turned over: never a crash; in the matrices the sign and the larger bits of the
   exponent of what is not zero are always noticed. */
static void test_flipped_bits(void **state)
{
  const size_t begin = strlen(sites), end = begin + sizeof(double) * 2 * N * N;
  int noticed = 0;

  (void)state;
  for (size_t k = 0; k < 8 * sizeof(((blob *)0)->bytes); k++) {
    blob b = state_of(sites, site_rows, configs);
    mtp_diag diag = {0};
    mtp_selection *sel;
    double value;

    if (k / 8 >= b.n) break;
    b.bytes[k / 8] = (char)(b.bytes[k / 8] ^ (1 << (k % 8)));
    sel = parse(b.bytes, b.n, &diag);
    noticed += sel == NULL;
    if (k / 8 >= begin && k / 8 < end && (k / 8 - begin) % 8 == 7) {
      memcpy(&value, b.bytes + k / 8 - 7, sizeof(value));
      if (sel && fabs(value) > 1e-3) fail_msg("bit %d is not noticed: %g", (int)k, value);
    }
    expect_ok(mtp_selection_destroy(&sel));
    expect_ok(mtp_diag_clear(&diag));
  }
  expect(noticed > 1000, "most of what is not a digit is noticed");
}

/* MLIP-2 ------------------------------------------------------------------------------------- */

static const char empty_config[] = "BEGIN_CFG\n Size\n    0\n Supercell\n 1 0 0\n 0 1 0\n 0 0 1\n"
                                   " AtomData:  id type cartes_x cartes_y cartes_z\nEND_CFG\n\n";

static blob als_of(const double weights[4], const char *rows, const char *first, const char *rest)
{
  blob b = {.n = 0};

  add_text(&b, potential);
  add_text(&b, "\n^");
  add(&b, weights, 4 * sizeof(weights[0]));
  add_text(&b, "\n#");
  add_matrices(&b);
  add_text(&b, rows);
  add_text(&b, first);
  add_text(&b, rest);
  return b;
}

static void expect_als(const blob *b, const char *messages, mtp_selection **sel)
{
  mtp_potential *pot = load(potential, strlen(potential));
  mtp_diag diag = {0};

  expect_ok(mtp_selection_parse_als(pot, "s.als", b->bytes, b->n, sel, &diag));
  expect_messages(&diag, messages);
  expect((*sel == NULL) == (messages[0] != 0), "a state or messages");
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_als(void **state)
{
  static const double site[4] = {1, 0, 0, 0}, energy[4] = {0, 2, 0, 0};
  mtp_selection *sel;
  mtp_potential *pot;
  blob b = als_of(energy, "\n0 1\n1 0\n2 2\n3 0\n", empty_config, configs);

  (void)state;
  expect_als(&b, "", &sel);
  expect(mtp_selection_get_mode(sel) == MTP_SELECTION_CONFIGURATION, "energies");
  expect_abs(sel->weights.energy, 2.0, 0.0, "the second weight");
  expect(sel->weights.scaling == 2 && sel->configs.n == 2, "scaling, configurations");
  expect(sel->row[0].config == 0 && sel->row[0].equation == 0 && sel->row[1].config == -1 &&
             sel->row[1].equation == -1 && sel->row[2].config == 1 && sel->row[3].config == -1,
         "rows of the empty configuration were never replaced, the others are renumbered");
  expect_ok(mtp_selection_destroy(&sel));
  b = als_of(site, "\n0 0\n1 0\n2 1\n3 2\n", configs, empty_config);
  expect_als(&b, "", &sel);
  expect(mtp_selection_get_mode(sel) == MTP_SELECTION_NEIGHBOURHOOD, "atoms");
  expect(sel->row[1].config == 0 && sel->row[1].equation == -1, "the atom is not known");
  pot = load(potential, strlen(potential));
  pot->format = MTP_FORMAT_MLIP3;
  expect_error(PETSC_ERR_ARG_INCOMP, mtp_selection_attach(sel, pot));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_selection_destroy(&sel));
}

static void test_bad_als(void **state)
{
  static const double energy[4] = {0, 1, 0, 0};
  const blob good = als_of(energy, "\n0 0\n1 0\n2 1\n3 2\n", configs, empty_config);
  mtp_selection *sel;
  mtp_diag diag = {0};
  blob b = {.n = 0};

  (void)state;
  add_text(&b, potential);
  expect_als(&b, "s.als: no line begins with '^', wanted the selection state of MLIP-2 (.als)\n",
             &sel);
  b = good;
  memcpy(strstr(b.bytes, "0.25}"), "0.26}", 5);
  expect_als(&b,
             "s.als: the selection state is of another potential: its coefficients differ, and "
             "grades would be wrong\n",
             &sel);
  b = als_of(energy, "\n0 0\n1 0\n2 1\n3 5\n", configs, empty_config);
  expect_als(&b, "s.als: selection state: row 4 is of configuration 5, there are 3\n", &sel);
  b = als_of(energy, "\n0 0\n1 0\n3 1\n2 2\n", configs, empty_config);
  expect_als(&b, "s.als: selection state: ends or breaks off in the list of active rows\n", &sel);
  for (size_t n = 0; n < good.n - 2; n++) {
    mtp_potential *pot = load(potential, strlen(potential));

    expect_ok(mtp_selection_parse_als(pot, "s.als", good.bytes, n, &sel, &diag));
    if (sel) fail_msg("cut to %d of %d bytes it is taken for whole", (int)n, (int)good.n);
    expect(diag.n > 0, "with a message");
    expect_ok(mtp_diag_clear(&diag));
    expect_ok(mtp_potential_destroy(&pot));
  }
  {
    mtp_potential *pot = load(potential, strlen(potential));

    expect_ok(mtp_selection_read_als(pot, "/nowhere/s.als", &sel, &diag));
    expect_messages(&diag, "/nowhere/s.als: cannot be opened: No such file or directory\n");
    expect(sel == NULL, "none");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_read),
      cmocka_unit_test(test_grades_by_hand),
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_attach),
      cmocka_unit_test(test_modes),
      cmocka_unit_test(test_bad_matrices),
      cmocka_unit_test(test_bad_rows_and_weights),
      cmocka_unit_test(test_no_state_and_wrong_size),
      cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_flipped_bits),
      cmocka_unit_test(test_als),
      cmocka_unit_test(test_bad_als),
  };

  return expect_main(argc, argv, help, tests);
}
