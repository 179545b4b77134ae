#include "mtp/mtp_potential_impl.h"
#include "tests/unit/mtp/mtp_files.h"

#include <float.h>
#include <time.h>

static const char help[] =
    "Reading .mtp and .almtp: what is there, and the exact message for all that can be wrong\n";

/* Two species, R = 3, K = 2, the tables of level 6.  n = 2 2 2 3 + 2 + 5 = 31 coefficients. */
static const char good[] =
    "MTP\n"
    "version = 1.1.0\n"
    "potential_name = tiny\n"
    "scaling = 0.5\n"
    "species_count = 2\n"
    "potential_tag = a tag\n"
    "radial_basis_type = RBChebyshev\n"
    "\tmin_dist = 2\n"
    "\tmax_dist = 5.5\n"
    "\tradial_basis_size = 3\n"
    "\tradial_funcs_count = 2\n"
    "\tradial_coeffs\n"
    "\t\t0-0\n"
    "\t\t\t{1, 2, 3}\n"
    "\t\t\t{4, 5, 6}\n"
    "\t\t0-1\n"
    "\t\t\t{7, 8, 9}\n"
    "\t\t\t{10, 11, 12}\n"
    "\t\t1-0\n"
    "\t\t\t{13, 14, 15}\n"
    "\t\t\t{16, 17, 18}\n"
    "\t\t1-1\n"
    "\t\t\t{19, 20, 21}\n"
    "\t\t\t{22, 23, 24.25}\n"
    "alpha_moments_count = 8\n"
    "alpha_index_basic_count = 5\n"
    "alpha_index_basic = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {1, 0, 0, 0}}\n"
    "alpha_index_times_count = 5\n"
    "alpha_index_times = {{0, 0, 1, 5}, {1, 1, 1, 6}, {2, 2, 1, 6}, {3, 3, 1, 6}, {0, 5, 1, 7}}\n"
    "alpha_scalar_moments = 5\n"
    "alpha_moment_mapping = {0, 4, 5, 6, 7}\n"
    "species_coeffs = {-1.5, 2e-3}\n"
    "moment_coeffs = {0.1, 0.2, 0.3, 0.4, 0.5}\n";
enum { NCOEFF = 31 };

static mtp_potential *parse(const char *name, const char *text, size_t length)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_parse(name, text, length, &pot, &diag));
  expect_messages(&diag, "");
  expect(pot != NULL, "a file without messages gives a potential");
  return pot;
}

static void expect_same(const mtp_potential *a, const mtp_potential *b)
{
  const PetscInt S = a->nspecies;

  assert_string_equal(a->name, b->name);
  assert_string_equal(a->tag, b->tag);
  expect(S == b->nspecies && a->radial_size == b->radial_size &&
             a->radial_funcs == b->radial_funcs && a->nmoment == b->nmoment &&
             a->nbasic == b->nbasic && a->ntimes == b->ntimes && a->nscalar == b->nscalar,
         "counts are the same");
  expect_same_bits(&a->scaling, &b->scaling, 1, "scaling");
  expect_same_bits(&a->min_dist, &b->min_dist, 1, "min_dist");
  expect_same_bits(&a->cutoff, &b->cutoff, 1, "max_dist");
  expect_same_bits(a->radial, b->radial, S * S * a->radial_funcs * a->radial_size, "radial");
  expect_same_bits(a->species_coeff, b->species_coeff, S, "species_coeffs");
  expect_same_bits(a->moment_coeff, b->moment_coeff, a->nscalar, "moment_coeffs");
  assert_memory_equal(a->basic, b->basic, (size_t)a->nbasic * sizeof(*a->basic));
  assert_memory_equal(a->times, b->times, (size_t)a->ntimes * sizeof(*a->times));
  assert_memory_equal(a->mapping, b->mapping, (size_t)a->nscalar * sizeof(*a->mapping));
}

/* Good files --------------------------------------------------------------------------------- */

static void test_every_number(void **state)
{
  mtp_potential *p = parse("tiny.mtp", good, strlen(good));
  mtp_potential_info info;

  (void)state;
  expect_ok(mtp_potential_get_info(p, &info));
  assert_string_equal(info.name, "tiny");
  assert_string_equal(info.tag, "a tag");
  assert_string_equal(info.radial_basis_type, "RBChebyshev");
  expect(info.nspecies == 2 && info.species_label[0] == 0 && info.species_label[1] == 1, "species");
  expect(info.radial_size == 3 && info.radial_funcs == 2, "radial counts");
  expect(info.nmoment == 8 && info.nbasic == 5 && info.ntimes == 5 && info.nscalar == 5, "counts");
  expect(info.ncoeff == NCOEFF && info.level == 6, "coefficients and level");
  expect(info.scaling == 0.5 && info.min_dist == 2.0 && info.cutoff == 5.5, "numbers");
  expect(info.trained && !info.has_selection && info.format == MTP_FORMAT_MLIP2, "what it is");
  for (int i = 0; i < 23; i++) expect(p->radial[i] == i + 1, "radial coefficients in order");
  expect(p->radial[23] == 24.25, "last radial coefficient");
  expect(p->basic[1][1] == 1 && p->basic[4][0] == 1 && p->basic[3][3] == 1, "basic moments");
  expect(p->times[4][1] == 5 && p->times[4][3] == 7 && p->times[1][2] == 1, "products");
  expect(p->mapping[1] == 4 && p->mapping[4] == 7, "mapping");
  expect(p->species_coeff[0] == -1.5 && p->species_coeff[1] == 2e-3, "species coefficients");
  expect(p->moment_coeff[0] == 0.1 && p->moment_coeff[4] == 0.5, "moment coefficients");
  expect_ok(mtp_potential_destroy(&p));
  expect(p == NULL, "destroyed");
  expect_ok(mtp_potential_destroy(&p));
}

/* Line ends of Windows, tabs and blanks anywhere, lists over several lines: the same potential. */
static void test_layout_means_nothing(void **state)
{
  mtp_potential *p = parse("tiny", good, strlen(good)), *q;
  char *text = calloc(strlen(good), 3);
  size_t n = 0;

  (void)state;
  expect(text != NULL, "memory");
  for (const char *c = good; *c; c++) {
    if (*c == '\n') text[n++] = '\r';
    text[n++] = *c;
    if (*c == '\n') text[n++] = '\t';
  }
  q = parse("tiny", text, n);
  expect_same(q, p);
  expect_ok(mtp_potential_destroy(&q));
  n = 0;
  for (const char *c = good; *c; c++) {
    text[n++] = *c;
    if (*c == ',' || *c == '{') text[n++] = c[-1] == '}' ? '\n' : ' ';
  }
  q = parse("tiny", text, n);
  expect_same(q, p);
  expect_ok(mtp_potential_destroy(&q));
  expect_ok(mtp_potential_destroy(&p));
  free(text);
}

/* The basis that is held below min_dist. */
static void test_repulsive_basis(void **state)
{
  char *text = edited(good, "= RBChebyshev\n", "= RBChebyshev_repuls \r\n");
  mtp_potential *plain = parse("tiny", good, strlen(good)), *p = parse("tiny", text, strlen(text));
  mtp_potential_info info;

  (void)state;
  expect(p->repulsive && !plain->repulsive, "the struct says so");
  expect_ok(mtp_potential_get_info(p, &info));
  assert_string_equal(info.radial_basis_type, "RBChebyshev_repuls");
  expect_same(p, plain);
  expect_ok(mtp_potential_destroy(&p));
  expect_ok(mtp_potential_destroy(&plain));
  free(text);
}

/* Other names of keys, `scaling` inside the basis block, labels, .almtp. */
static void test_spellings(void **state)
{
  const char *const edits[][2] = {{"min_dist", "min_val"},
                                  {"max_dist", "max_val"},
                                  {"radial_basis_size", "basis_size"},
                                  {"RBChebyshev\n", "RBChebyshev\n\tscaling = 0.25\n"},
                                  {"0-0\n", "20-20\n"},
                                  {"0-1\n", "20-17\n"},
                                  {"1-0\n", "17-20\n"},
                                  {"1-1\n", "17-17\n"},
                                  {"potential_name = tiny\n", ""},
                                  {"potential_tag = a tag\n", ""}};
  char *text = edited(good, "MTP\n", "MTP\n\n"), *next;
  mtp_potential *p;
  mtp_potential_info info;

  (void)state;
  for (size_t k = 0; k < sizeof(edits) / sizeof(edits[0]); k++) {
    next = edited(text, edits[k][0], edits[k][1]);
    free(text);
    text = next;
  }
  p = parse("x.almtp", text, strlen(text));
  expect_ok(mtp_potential_get_info(p, &info));
  expect(info.scaling == 0.125, "both scalings are multiplied");
  expect(info.min_dist == 2.0 && info.cutoff == 5.5 && info.radial_size == 3, "aliases");
  expect(info.species_label[0] == 20 && info.species_label[1] == 17, "labels in their order");
  expect(info.name[0] == 0 && info.tag[0] == 0, "optional lines");
  expect(info.format == MTP_FORMAT_MLIP3 && !info.has_selection, "the name tells the format");
  expect_ok(mtp_potential_destroy(&p));
  free(text);
}

static void test_untrained(void **state)
{
  const char *from = strstr(good, "\tradial_coeffs"), *to = strstr(good, "alpha_moments_count");
  const char *end = strstr(good, "species_coeffs");
  char *text = calloc(sizeof(good), 1), *free_species, *mlip3;
  mtp_potential *p;
  mtp_potential_info info;

  (void)state;
  expect(text != NULL, "memory");
  memcpy(text, good, (size_t)(from - good));
  memcpy(text + (from - good), to, (size_t)(end - to));
  p = parse("untrained.mtp", text, strlen(text));
  expect_ok(mtp_potential_get_info(p, &info));
  expect(!info.trained && info.nspecies == 2 && info.ncoeff == NCOEFF && info.level == 6, "read");
  expect(info.species_label[1] == 1, "labels are 0, 1, ...");
  expect_ok(mtp_potential_destroy(&p));

  free_species = edited(text, "species_count = 2\n", "");
  mlip3 = edited(free_species, "alpha_moments_count", "\tradial_coeffs\nalpha_moments_count");
  p = parse("untrained.mtp", mlip3, strlen(mlip3));
  expect_ok(mtp_potential_get_info(p, &info));
  expect(!info.trained && info.nspecies == 0 && info.ncoeff == 5, "species come with training");
  expect_ok(mtp_potential_destroy(&p));
  free(mlip3);
  free(free_species);
  free(text);
}

/* Numbers are those that strtod makes of them, whatever their form. */
static void test_numbers_are_exact(void **state)
{
  const struct {
    const char *text;
    double value;
  } cases[] = {
      {"0.1", 0.1},
      {"1.7976931348623157e+308", DBL_MAX},
      {"4.9406564584124654e-324", 4.9406564584124654e-324},
      {"-2.2250738585072014E-308", -DBL_MIN},
      {"9007199254740993", 9007199254740992.0},
      {"9007199254740993.0000000000000000000000000000000000000000001", 9007199254740994.0},
      {"+3.", 3.0},
      {".5", 0.5},
      {"1e-400", 0.0},
      {"-0.0", -0.0},
      {"3.141592653589793238462643383279502884197169399375105820974944592307816406286", M_PI}};

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    char *text = edited(good, "24.25", cases[k].text);
    mtp_potential *p = parse("tiny", text, strlen(text));

    expect_same_bits(&p->radial[23], &cases[k].value, 1, cases[k].text);
    expect_ok(mtp_potential_destroy(&p));
    free(text);
  }
}

/* Bad values --------------------------------------------------------------------------------- */

static void expect_refused(const char *name, const char *text, size_t length, const char *messages)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_parse(name, text, length, &pot, &diag));
  expect(pot == NULL, "a bad file gives no potential");
  expect_messages(&diag, messages);
}

/* What is changed in `good`, and every message that this must give. */
typedef struct {
  const char *from, *to, *messages;
} message_case;

static void refuse_all(const message_case cases[], size_t n)
{
  for (size_t k = 0; k < n; k++) {
    char *text = edited(good, cases[k].from, cases[k].to);

    expect_refused("p", text, strlen(text), cases[k].messages);
    free(text);
  }
}

static const message_case head_faults[] = {
    {"MTP\n", "MTPR\n", "p:1: the file begins with 'MTPR', wanted MTP\n"},
    {"version = 1.1.0", "version = 1.2.0", "p:2: version is '1.2.0', wanted 1.1.0\n"},
    {"version = 1.1.0", "version =\t", "p:2: version has no value, wanted 1.1.0\n"},
    {"version = 1.1.0\n", "", "p:32: the file ends and version is missing\n"},
    {"= RBChebyshev\n", "= BChebyshev_repuls\n",
     "p:7: radial_basis_type is 'BChebyshev_repuls', which is not supported, wanted RBChebyshev "
     "or RBChebyshev_repuls\n"},
    {"= RBChebyshev\n", "=\n",
     "p:7: radial_basis_type has no value, wanted RBChebyshev or RBChebyshev_repuls\n"},
    {"= RBChebyshev\n", "= BChebyshev\n",
     "p:7: radial_basis_type is 'BChebyshev', which is not supported, wanted RBChebyshev "
     "or RBChebyshev_repuls\n"},
    {"= RBChebyshev\n", "= RBShapeev\n",
     "p:7: radial_basis_type is 'RBShapeev', which is not supported, wanted RBChebyshev "
     "or RBChebyshev_repuls\n"},
    {"= RBChebyshev\n", "= RBTaylor\n",
     "p:7: radial_basis_type is 'RBTaylor', which is not supported, wanted RBChebyshev "
     "or RBChebyshev_repuls\n"},
    {"\tradial_funcs_count", "\tmagnetic_basis_type = BChebyshev\n\tradial_funcs_count",
     "p:11: 'magnetic_basis_type' belongs to magnetic potentials, which are not supported\n"},
    {"species_count = 2", "species_count = 2 <<< put yours",
     "p:5: species_count has the remark '<<< put yours' of the template, wanted a whole number "
     "from 1 to 1000 alone\n"},
    {"species_count = 2", "<<< remove this line\nspecies_count = 2",
     "p:5: '<<<' is a remark of the template, wanted the line without it\n"},
    {"species_count = 2", "species_count = -1",
     "p:5: species_count is '-1', wanted a whole number from 1 to 1000\n"},
    {"species_count = 2", "species_count = 1000000000000",
     "p:5: species_count is '1000000000000', wanted a whole number from 1 to 1000\n"},
    {"species_count = 2", "species_count = two",
     "p:5: species_count is 'two', wanted a whole number from 1 to 1000\n"},
    {"species_count = 2", "species_count = 2.5",
     "p:5: species_count is '2.5', wanted a whole number from 1 to 1000\n"},
    {"species_count = 2", "species_count = 3",
     "p:12: radial_coeffs has 4 pairs, wanted species_count squared = 9\n"
     "p:32: species_coeffs has 2 numbers, wanted species_count = 3\n"},
    {"species_count = 2\n", "",
     "p:32: species_count is missing, wanted because there are coefficients\n"},
    {"scaling = 0.5", "scaling = nan", "p:4: scaling is 'nan', wanted a number\n"},
    {"scaling = 0.5", "scaling = 0",
     "p:4: scaling is 0 in all, wanted a finite number other than 0\n"},
    {"scaling = 0.5", "scaling = 1e400", "p:4: scaling is '1e400', wanted a number\n"},
    {"scaling = 0.5", "scaling = 0x1p3", "p:4: scaling is '0x1p3', wanted a number\n"},
    {"scaling = 0.5", "scaling 0.5", "p:4: scaling is not followed by '='\n"},
    {"scaling = 0.5", "scaling =", "p:4: scaling has no value, wanted a number\n"},
    {"min_dist = 2", "min_dist = -2", "p:8: min_dist is -2, wanted 0 or more\n"},
    {"min_dist = 2", "min_dist = 5.5", "p:9: max_dist is 5.5, wanted more than min_dist = 5.5\n"},
    {"min_dist = 2", "min_dist = 2 3", "p:8: min_dist is '2 3', wanted a distance in A\n"},
    {"max_dist = 5.5", "max_dist = inf", "p:9: max_dist is 'inf', wanted a distance in A\n"},
    {"\tmax_dist = 5.5\n", "", "p:32: the file ends and max_dist is missing\n"},
    {"\tmin_dist = 2\n", "\tmin_dist = 2\n\tmin_val = 2\n",
     "p:9: min_dist is given twice, first in line 8\n"},
    {"potential_tag = a tag\n", "potential_tag = a tag\ncolour = blue\n\tsize = 3\n",
     "p:7: 'colour' is not a key of this format\n"
     "p:8: 'size' is not a key of this format\n"},
    {"potential_tag = a tag\n", "potential_tag = a tag\ncolour\n",
     "p:7: 'colour' is not a key of this format\n"},
    {"\t\t1-0\n", "\t\t1-1\n", "p:19: radial_coeffs: got the pair 1-1, wanted 1-0\n"},
    {"radial_basis_size = 3", "radial_basis_size = 1",
     "p:10: radial_basis_size is '1', wanted a whole number from 2 to 10000\n"},
    {"radial_basis_size = 3", "radial_basis_size = 4",
     "p:14: radial_coeffs 0-0, row 1 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:15: radial_coeffs 0-0, row 2 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:17: radial_coeffs 0-1, row 1 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:18: radial_coeffs 0-1, row 2 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:20: radial_coeffs 1-0, row 1 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:21: radial_coeffs 1-0, row 2 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:23: radial_coeffs 1-1, row 1 has 3 numbers, wanted radial_basis_size = 4\n"
     "p:24: radial_coeffs 1-1, row 2 has 3 numbers, wanted radial_basis_size = 4\n"},
    {"radial_funcs_count = 2", "radial_funcs_count = 1",
     "p:13: radial_coeffs 0-0 has 2 rows, wanted radial_funcs_count = 1\n"
     "p:16: radial_coeffs 0-1 has 2 rows, wanted radial_funcs_count = 1\n"
     "p:19: radial_coeffs 1-0 has 2 rows, wanted radial_funcs_count = 1\n"
     "p:22: radial_coeffs 1-1 has 2 rows, wanted radial_funcs_count = 1\n"
     "p:27: alpha_index_basic has the largest mu 1, wanted radial_funcs_count - 1 = 0\n"},
    {"radial_funcs_count = 2", "radial_funcs_count = 3",
     "p:13: radial_coeffs 0-0 has 2 rows, wanted radial_funcs_count = 3\n"
     "p:16: radial_coeffs 0-1 has 2 rows, wanted radial_funcs_count = 3\n"
     "p:19: radial_coeffs 1-0 has 2 rows, wanted radial_funcs_count = 3\n"
     "p:22: radial_coeffs 1-1 has 2 rows, wanted radial_funcs_count = 3\n"
     "p:27: alpha_index_basic has the largest mu 1, wanted radial_funcs_count - 1 = 2\n"},
    {"radial_funcs_count = 2", "radial_funcs_count = 99999999999",
     "p:11: radial_funcs_count is '99999999999', wanted a whole number from 1 to 10000\n"},
    {"{7, 8, 9}", "{7, nan, 9}",
     "p:17: radial_coeffs 0-1, row 1: got 'nan', wanted a finite number\n"},
    {"{7, 8, 9}", "{7, -inf, x}",
     "p:17: radial_coeffs 0-1, row 1: got '-inf', wanted a finite number\n"
     "p:17: radial_coeffs 0-1, row 1: got 'x', wanted a finite number\n"},
    {"{7, 8, 9}", "{7, 8}",
     "p:17: radial_coeffs 0-1, row 1 has 2 numbers, wanted radial_basis_size = 3\n"},
    {"{7, 8, 9}", "{7, 8 9}", "p:17: radial_coeffs 0-1, row 1: got '9', wanted ',' or '}'\n"},
    {"{7, 8, 9}", "{7, , 9}", "p:17: radial_coeffs 0-1, row 1: got ',', wanted a number\n"},
    {"{7, 8, 9}", "{7, 8, 9", "p:18: radial_coeffs 0-1, row 1: got '{', wanted ',' or '}'\n"},
    {"\t\t1-0\n", "\t\t2-0\n", "p:19: radial_coeffs: got the pair 2-0, wanted 1-0\n"},
    {"\t\t0-1\n", "\t\t0-0\n",
     "p:16: radial_coeffs 0-0: the neighbour 0 came before, wanted 2 different ones first\n"},
    {"\t\t1-0\n", "\t\t1-x\n", "p:19: '1-x' is not a key of this format\n"},
    {"\t\t1-1\n\t\t\t{19, 20, 21}\n\t\t\t{22, 23, 24.25}\n", "",
     "p:12: radial_coeffs has 3 pairs, wanted species_count squared = 4\n"},
};

static void test_messages(void **state)
{
  (void)state;
  refuse_all(head_faults, sizeof(head_faults) / sizeof(head_faults[0]));
}

/* Moments, products, scalars and what stands behind them */
static const message_case table_faults[] = {
    {"alpha_moments_count = 8", "alpha_moments_count = 7",
     "p:29: alpha_index_times, row 5: {0, 5, 1, 7}, wanted moments below alpha_moments_count\n"
     "p:31: alpha_moment_mapping, entry 5: 7, wanted a moment below alpha_moments_count = 7\n"},
    {"alpha_moments_count = 8", "alpha_moments_count = 11",
     "p:25: alpha_moments_count is 11, wanted at least the 5 basic moments and at most 10, one "
     "more for each row of alpha_index_times\n"},
    {"alpha_moments_count = 8", "alpha_moments_count = 1000000000000",
     "p:25: alpha_moments_count is '1000000000000', wanted a whole number from 1 to "
     "2147483647\n"},
    {"alpha_moments_count = 8", "alpha_moments_count = 1000000000",
     "p:25: alpha_moments_count is 1000000000, wanted at least the 5 basic moments and at most "
     "10, one more for each row of alpha_index_times\n"},
    {"alpha_moments_count = 8", "alpha_moments_count = 0",
     "p:25: alpha_moments_count is '0', wanted a whole number from 1 to 2147483647\n"},
    {"alpha_index_basic_count = 5", "alpha_index_basic_count = 1000000000",
     "p:27: alpha_index_basic has 5 rows, wanted alpha_index_basic_count = 1000000000\n"},
    {"species_count = 2", "species_count = 1000000000",
     "p:5: species_count is '1000000000', wanted a whole number from 1 to 1000\n"},
    {"radial_basis_size = 3", "radial_basis_size = 1000000000",
     "p:10: radial_basis_size is '1000000000', wanted a whole number from 2 to 10000\n"},
    {"{0, 1, 0, 0}", "{1000000000, 1, 0, 0}",
     "p:27: alpha_index_basic has the largest mu 1000000000, wanted radial_funcs_count - 1 = "
     "1\n"},
    {"{0, 5, 1, 7}", "{0, 5, 1, 1000000000}",
     "p:29: alpha_index_times, row 5: {0, 5, 1, 1000000000}, wanted moments below "
     "alpha_moments_count\n"},
    {"alpha_index_basic_count = 5", "alpha_index_basic_count = 6",
     "p:27: alpha_index_basic has 5 rows, wanted alpha_index_basic_count = 6\n"},
    {"{0, 1, 0, 0}", "{0, 1, 0}", "p:27: alpha_index_basic, row 2 has 3 numbers, wanted 4\n"},
    {"{0, 1, 0, 0}", "{2, 1, 0, 0}",
     "p:27: alpha_index_basic has the largest mu 2, wanted radial_funcs_count - 1 = 1\n"},
    {"{0, 1, 0, 0}", "{0, -1, 0, 0}",
     "p:27: alpha_index_basic, row 2: {0, -1, 0, 0}, wanted mu >= 0 and powers from 0 to 1000\n"},
    {"{0, 1, 0, 0}", "{0, 1001, 0, 0}",
     "p:27: alpha_index_basic, row 2: {0, 1001, 0, 0}, wanted mu >= 0 and powers from 0 to "
     "1000\n"},
    {"{0, 1, 0, 0}", "{0, 0.5, 0, 0}",
     "p:27: alpha_index_basic, row 2: got '0.5', wanted a whole number\n"},
    {"alpha_index_times_count = 5", "alpha_index_times_count = -5",
     "p:28: alpha_index_times_count is '-5', wanted a whole number from 0 to 2147483647\n"},
    {"alpha_index_times_count = 5", "alpha_index_times_count = 2000000000",
     "p:29: alpha_index_times has 5 rows, wanted alpha_index_times_count = 2000000000\n"},
    {"{0, 5, 1, 7}", "{0, 8, 1, 7}",
     "p:29: alpha_index_times, row 5: {0, 8, 1, 7}, wanted moments below alpha_moments_count\n"},
    {"{0, 5, 1, 7}", "{-1, 5, 1, 7}",
     "p:29: alpha_index_times, row 5: {-1, 5, 1, 7}, wanted moments below alpha_moments_count\n"},
    {"{0, 5, 1, 7}", "{0, 5, 1, 4}",
     "p:29: alpha_index_times, row 5: {0, 5, 1, 4}, wanted a target that is not a basic "
     "moment\n"},
    {"{0, 5, 1, 7}", "{0, 7, 1, 7}",
     "p:29: alpha_index_times, row 5: {0, 7, 1, 7}, wanted a target greater than its sources\n"},
    /* a circle, and one that no order of rows could resolve */
    {"{3, 3, 1, 6}, {0, 5, 1, 7}", "{3, 7, 1, 6}, {0, 6, 1, 7}",
     "p:29: alpha_index_times, row 4: {3, 7, 1, 6}, wanted a target greater than its sources\n"},
    {"{0, 5, 1, 7}", "{5, 5, 1, 5}",
     "p:29: alpha_index_times, row 5: {5, 5, 1, 5}, wanted a target greater than its sources\n"},
    /* a moment that is used and never made */
    {"{1, 1, 1, 6}, {2, 2, 1, 6}, {3, 3, 1, 6}, {0, 5, 1, 7}",
     "{1, 1, 1, 5}, {2, 2, 1, 5}, {3, 3, 1, 5}, {0, 6, 1, 7}",
     "p:29: alpha_index_times, row 5: {0, 6, 1, 7}, wanted sources that are basic or that a row "
     "before this one has made\n"},
    {"{0, 5, 1, 7}", "{3, 3, 1, 6}",
     "p:31: alpha_moment_mapping, entry 5: 7, wanted a moment that is basic or that a row of "
     "alpha_index_times makes\n"},
    {"{0, 5, 1, 7}", "{0, 5, 1, 7}, {0, 1, 1, 5}",
     "p:29: alpha_index_times has 6 rows, wanted alpha_index_times_count = 5\n"
     "p:29: alpha_index_times, row 6: {0, 1, 1, 5}, its target was used as a source before\n"},
    {"{3, 3, 1, 6}, ", "{3, 3, 1, 6} ",
     "p:29: alpha_index_times, row 4: got '{', wanted ',' or '}'\n"},
    {"alpha_scalar_moments = 5", "alpha_scalar_moments = 1000000000",
     "p:31: alpha_moment_mapping has 5 entries, wanted alpha_scalar_moments = 1000000000\n"
     "p:33: moment_coeffs has 5 numbers, wanted alpha_scalar_moments = 1000000000\n"},
    {"species_coeffs = {-1.5, 2e-3}", "species_coeffs = {-Infinity, NaN}",
     "p:32: species_coeffs: got '-Infinity', wanted a finite number\n"
     "p:32: species_coeffs: got 'NaN', wanted a finite number\n"},
    {"{0.1, 0.2,", "{1e309, 0.2,", "p:33: moment_coeffs: got '1e309', wanted a finite number\n"},
    {"alpha_scalar_moments = 5", "alpha_scalar_moments = 4",
     "p:31: alpha_moment_mapping has 5 entries, wanted alpha_scalar_moments = 4\n"
     "p:33: moment_coeffs has 5 numbers, wanted alpha_scalar_moments = 4\n"},
    {"{0, 4, 5, 6, 7}", "{0, 4, 5, 6, 8}",
     "p:31: alpha_moment_mapping, entry 5: 8, wanted a moment below alpha_moments_count = 8\n"},
    {"{0, 4, 5, 6, 7}", "{0, 4, 5, 6, 4}",
     "p:31: alpha_moment_mapping, entry 5: 4 a second time, wanted each moment once\n"},
    {"{0, 4, 5, 6, 7}", "{0, 4, 5, 6, 7} x",
     "p:31: 'x' follows alpha_moment_mapping, wanted the end of the line\n"},
    {"species_coeffs = {-1.5, 2e-3}\n", "",
     "p:32: species_coeffs is missing, wanted radial_coeffs, species_coeffs and moment_coeffs, "
     "or none of them (untrained)\n"},
    {"species_coeffs = {-1.5, 2e-3}", "species_coeffs = {-1.5}",
     "p:32: species_coeffs has 1 numbers, wanted species_count = 2\n"},
    {"species_coeffs = {-1.5, 2e-3}", "species_coeffs = -1.5",
     "p:32: species_coeffs: got '-1.5', wanted '{'\n"},
    {"moment_coeffs = {0.1, 0.2, 0.3, 0.4, 0.5}\n", "",
     "p:32: moment_coeffs is missing, wanted radial_coeffs, species_coeffs and moment_coeffs, or "
     "none of them (untrained)\n"},
    {"0.4, 0.5}\n", "0.4, 0.5", "p:33: the file ends inside moment_coeffs, wanted ',' or '}'\n"},
    {"0.4, 0.5}\n", "0.4, 0.", "p:33: the file ends inside moment_coeffs, wanted ',' or '}'\n"},
    {"0.4, 0.5}\n", "0.4, 0.5}\nmoment_coeffs = {}\n",
     "p:34: moment_coeffs is given twice, first in line 33\n"},
    {"0.4, 0.5}\n", "0.4, 0.5}\nhello\n", "p:34: 'hello' follows the end of the potential\n"},
    {"0.4, 0.5}\n", "0.4, 0.5}\n}\n", "p:34: '}' does not belong to any list\n"},
    {"0.4, 0.5}\n", "0.4, 0.5}\n^\001",
     "p:34: '^?' begins a selection state of MLIP-2 (.als), wanted the potential alone (.mtp)\n"},
    {"0.4, 0.5}\n", "0.4, 0.5}\n#BLA\n",
     "p:34: '#BLA', wanted the selection state '#MVS_v1.1' or the end\n"},
    {"species_count = 2\npotential_tag = a tag\nradial_basis_type = RBChebyshev\n",
     "radial_basis_type = RBChebyshev\nspecies_count = 2\npotential_tag = a tag\n",
     "p:6: species_count comes too late, wanted the order of MLIP\n"
     "p:7: potential_tag comes too late, wanted the order of MLIP\n"},
    {"scaling = 0.5\nspecies_count = 2\npotential_tag = a tag\nradial_basis_type = "
     "RBChebyshev\n\tmin_dist = 2\n\tmax_dist = 5.5",
     "scaling = x\nspecies_count = 0\npotential_tag = a tag\nradial_basis_type = "
     "RBChebyshev\n\tmin_dist = y\n\tmax_dist = nan",
     "p:4: scaling is 'x', wanted a number\n"
     "p:5: species_count is '0', wanted a whole number from 1 to 1000\n"
     "p:8: min_dist is 'y', wanted a distance in A\n"
     "p:9: max_dist is 'nan', wanted a distance in A\n"},
};

static void test_table_messages(void **state)
{
  (void)state;
  refuse_all(table_faults, sizeof(table_faults) / sizeof(table_faults[0]));
}

static void test_zero_byte(void **state)
{
  char text[sizeof(good)];

  (void)state;
  memcpy(text, good, sizeof(good));
  strstr(text, "a tag")[1] = 0;
  expect_refused("p", text, strlen(good),
                 "p:6: potential_tag is 'a?tag', wanted text without zero bytes\n");
}

static void test_no_file(void **state)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_potential_read("/nowhere/pot.mtp", &pot, &diag));
  expect(pot == NULL, "no potential");
  expect_messages(&diag, "/nowhere/pot.mtp: cannot be opened: No such file or directory\n");
  expect_ok(mtp_potential_read("/", &pot, &diag));
  expect(pot == NULL, "no potential");
  expect_messages(&diag, "/: cannot be read: Is a directory\n");
  expect_refused("p", "", 0, "p:1: the file is empty, wanted a potential beginning with MTP\n");
  expect_refused("p", " \n\n", 3,
                 "p:1: the file is empty, wanted a potential beginning with MTP\n");
}

/* Cut off anywhere, a file is refused, except behind its last brace or where the coefficients that
   make it a trained one have not begun: then it is a whole untrained file. */
static void test_cut_anywhere(void **state)
{
  const size_t whole = strlen(good) - 1;

  (void)state;
  for (size_t n = 0; n <= whole + 1; n++) {
    char *copy = malloc(n + 1); /* so that reading beyond the end is seen by the sanitizer */
    mtp_potential *pot;
    mtp_diag diag = {0};

    expect(copy != NULL, "memory");
    memcpy(copy, good, n);
    expect_ok(mtp_potential_parse("cut", copy, n, &pot, &diag));
    if ((pot != NULL) != (n >= whole) || (diag.n == 0) != (n >= whole))
      fail_msg("cut after %d of %d bytes", (int)n, (int)whole + 1);
    expect_ok(mtp_potential_destroy(&pot));
    expect_ok(mtp_diag_clear(&diag));
    free(copy);
  }
}

/* The selection state ------------------------------------------------------------------------- */

static const char weights[] = "\n#MVS_v1.1\nenergy_weight 1.0000000000000000e+00\nforce_weight 0\n"
                              "stress_weight 0\nsite_en_weight 0\nweight_scaling 2\n#";
static const char selected[] =
    "#\nBEGIN_CFG\n Size\n 1\n AtomData: id type cartes_x cartes_y cartes_z\n"
    " 1 0 0 0 0\n Feature   selected_eqn_inds\t1,2\nEND_CFG\n\n";

/* good + a state of n coefficients; bytes of the matrices take every value */
static char *with_selection(PetscInt n, size_t *length)
{
  const size_t matrices = 2 * (size_t)(n * n) * sizeof(double);
  char *text = malloc(strlen(good) + matrices + 4096);
  size_t at = strlen(good) - 1;

  if (!text) fail_msg("no memory");
  memcpy(text, good, at);
  at += (size_t)sprintf(text + at, "%s", weights);
  for (size_t i = 0; i < matrices; i++) text[at++] = (char)(7 * i);
  at += (size_t)sprintf(text + at, "\n#\n");
  for (PetscInt i = 0; i < n; i++)
    at += (size_t)sprintf(text + at, "%d %d\n", i % 2 ? -1 : 0, (int)i);
  at += (size_t)sprintf(text + at, "%s", selected);
  *length = at;
  return text;
}

static void test_selection(void **state)
{
  size_t n;
  char *text = with_selection(NCOEFF, &n);
  mtp_potential *p = parse("x.mtp", text, n);
  mtp_potential_info info;

  (void)state;
  expect_ok(mtp_potential_get_info(p, &info));
  expect(info.has_selection && info.format == MTP_FORMAT_MLIP3, "the state is there");
  expect(p->selection_size == n - strlen(good) + 1, "all of it");
  assert_memory_equal(p->selection, text + strlen(good) - 1, p->selection_size);
  expect_ok(mtp_potential_destroy(&p));
  free(text);
}

static void test_bad_selection(void **state)
{
  size_t n, begin = strlen(good) - 1;
  char *text = with_selection(NCOEFF + 1, &n);

  (void)state;
  expect_refused("x", text, n,
                 "x:40: the selection state ends or breaks off in the active set (it belongs to "
                 "another number of coefficients, or the file is cut)\n");
  free(text);
  text = with_selection(NCOEFF, &n);
  text[begin + strlen(weights) + 2 * sizeof(double) * NCOEFF * NCOEFF + strlen("\n#\n")] = '1';
  expect_refused("x", text, n,
                 "x:72: the selection state has 1 configurations, wanted 2, one more than the "
                 "largest number of its active equations\n");
  free(text);
  text = with_selection(NCOEFF, &n);
  while (text[n - 1] == '\n') n--;
  for (size_t cut = begin + 2; cut<n; cut += cut> begin + 140 && cut + 700 < n ? 97 : 1) {
    mtp_potential *pot;
    mtp_diag diag = {0};

    expect_ok(mtp_potential_parse("cut", text, cut, &pot, &diag));
    if (pot || diag.n != 1) fail_msg("cut %d of %d bytes", (int)(cut - begin), (int)(n - begin));
    expect_ok(mtp_diag_clear(&diag));
  }
  free(text);
}

/* One bit changed in the part of the state that is text: the file is read or refused, and what is
   read has all of the state.  (The numbers are mtp_selection_parse()'s matter.) */
static void test_flipped_selection(void **state)
{
  size_t n, begin = strlen(good) - 1, middle = begin + strlen(weights);
  size_t rest = middle + 2 * sizeof(double) * NCOEFF * NCOEFF;
  char *text = with_selection(NCOEFF, &n);
  int refused = 0;

  (void)state;
  for (size_t k = begin + 1; k < n; k = k + 1 == middle ? rest : k + 1) {
    mtp_potential *pot;
    mtp_diag diag = {0};
    const char bit = (char)(1 << k % 8);

    text[k] = (char)(text[k] ^ bit);
    expect_ok(mtp_potential_parse("flip", text, n, &pot, &diag));
    if ((pot == NULL) == (diag.n == 0)) fail_msg("byte %d", (int)(k - begin));
    if (pot && pot->selection && pot->selection_size != n - begin)
      fail_msg("byte %d: the state is shorter", (int)(k - begin));
    refused += pot == NULL;
    text[k] = (char)(text[k] ^ bit);
    expect_ok(mtp_potential_destroy(&pot));
    expect_ok(mtp_diag_clear(&diag));
  }
  expect(refused > 200, "most bits of words matter");
  free(text);
}

/* The older layout: "#" alone.  It is carried when its last configuration is whole. */
static void test_old_selection(void **state)
{
  static const char old[] = "\n#\n1 0 0 0\n\001\002BEGIN_CFG\nEND_CFG\n\n";
  char text[sizeof(good) + sizeof(old)];
  mtp_potential *p;
  size_t n;

  (void)state;
  n = (size_t)sprintf(text, "%.*s%s", (int)strlen(good) - 1, good, old);
  p = parse("x.almtp", text, n);
  expect(p->selection_size == strlen(old), "carried");
  expect_ok(mtp_potential_destroy(&p));
  expect_refused("x", text, n - 4,
                 "x:35: the selection state ends or breaks off in its configurations\n");
}

/* Size ---------------------------------------------------------------------------------------- */

/* One line of 180069 products as at level 28, more than 4 MB: read in well under a second, and
   what is wrong behind it has the right line. */
static void test_long_line(void **state)
{
  enum { ROWS = 180069 };
  const char *basic = strstr(good, "alpha_moments_count"),
             *rest = strstr(good, "alpha_scalar_moments");
  char *text = malloc(sizeof(good) + 32 * (size_t)ROWS);
  struct timespec begin, end;
  mtp_potential *pot;
  mtp_diag diag = {0};
  size_t n;

  (void)state;
  expect(text != NULL, "memory");
  n = (size_t)sprintf(text, "%.*salpha_moments_count = %d\n", (int)(basic - good), good, ROWS + 5);
  basic = strstr(basic, "alpha_index_basic_count");
  n += (size_t)sprintf(text + n, "%.*salpha_index_times_count = %d\nalpha_index_times = {",
                       (int)(strstr(basic, "alpha_index_times_count") - basic), basic, ROWS);
  for (int i = 0; i < ROWS; i++)
    n += (size_t)sprintf(text + n, "%s{0, %d, 1, %d}", i ? ", " : "", i, i + 5);
  n += (size_t)sprintf(text + n, "}\n%s", rest);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  pot = parse("long", text, n);
  clock_gettime(CLOCK_MONOTONIC, &end);
  expect(pot->ntimes == ROWS && pot->times[ROWS - 1][3] == ROWS + 4, "all rows");
  expect((double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec) < 1.0,
         "read in less than a second (0.11 s measured on a busy machine)");
  expect_ok(mtp_potential_destroy(&pot));
  memcpy(strstr(text, "0.4, 0.5}"), "0.4, nan}", 9);
  expect_ok(mtp_potential_parse("long", text, n, &pot, &diag));
  expect_messages(&diag, "long:33: moment_coeffs: got 'nan', wanted a finite number\n");
  free(text);
}

/* A row that is a million messages long ends at the limit of the list. */
static void test_many_faults(void **state)
{
  char *text = malloc(sizeof(good) + 400000), *at;
  mtp_potential *pot;
  mtp_diag diag = {0};

  (void)state;
  expect(text != NULL, "memory");
  at = text + sprintf(text, "%.*s", (int)(strstr(good, "0.1, 0.2") - good), good);
  for (int i = 0; i < 100000; i++) at += sprintf(at, "x, ");
  at += sprintf(at, "1}\n");
  expect_ok(mtp_potential_parse("m", text, (size_t)(at - text), &pot, &diag));
  expect(!pot && diag.n == MTP_DIAG_MAX, "limited");
  expect_ok(mtp_diag_clear(&diag));
  free(text);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_number),    cmocka_unit_test(test_layout_means_nothing),
      cmocka_unit_test(test_repulsive_basis), cmocka_unit_test(test_spellings),
      cmocka_unit_test(test_untrained),       cmocka_unit_test(test_numbers_are_exact),
      cmocka_unit_test(test_messages),        cmocka_unit_test(test_table_messages),
      cmocka_unit_test(test_no_file),         cmocka_unit_test(test_zero_byte),
      cmocka_unit_test(test_cut_anywhere),    cmocka_unit_test(test_selection),
      cmocka_unit_test(test_bad_selection),   cmocka_unit_test(test_old_selection),
      cmocka_unit_test(test_long_line),       cmocka_unit_test(test_flipped_selection),
      cmocka_unit_test(test_many_faults),
  };

  return expect_main(argc, argv, help, tests);
}
