static const char about[] =
    "results.h5: the same file from any number of ranks; failures on all ranks\n"
    "-directory DIR: the files stay in DIR/np1, np2, np3, changed\n";
/* A table that nobody simulated, with every kind of entry: values, holes, flags, failed points,
 * curves that end early, texts that must be cut.  What stands in the file is checked by
 * tests/system/results_file.py, which is given the files that this test writes; the numbers follow
 * from the formulas in fill_result(), known to both. */
#include "screening/screen_sha256.h"
#include "screening/screen_store.h"
#include "screening/screen_store_h5.h"
#include "screening/screen_surface.h"
#include "tests/support/expect.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NX = 3, NT = 2, NPOINT = NX * NT, NSPECIES = 3, NPAIR = 9, NLAG = 5, NSAMPLE = 6, NBIN = 7 };

static char directory[4096]; /* of this run, the same on all ranks */
static PetscBool keep;

/* The campaign ------------------------------------------------------------------------------ */

static char yaml[] = "campaign: store-test\n# ± 2 % of everything\n";
static unsigned char potential_text[40000]; /* more than one batch, written collectively */
static screen_campaign campaign;
static screen_grid grid;
static screen_point points[NPOINT];
static screen_grid_axis axes[3];
static PetscReal x_value[NX] = {0.25, 0.5, 0.75}, t_value[NT] = {1100.0, 1150.0},
                 p_value[1] = {1e5};
static screen_component components[2];
static char species[NSPECIES][4] = {"Ca", "K", "Cl"};
static char empty[] = "";

static PetscErrorCode write_file(const char *path, const void *data, size_t size)
{
  FILE *out = fopen(path, "wb");

  PetscFunctionBegin;
  PetscCheck(out && fwrite(data, 1, size, out) == size && fclose(out) == 0, PETSC_COMM_SELF,
             PETSC_ERR_FILE_WRITE, "cannot write %s", path);
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_campaign(void)
{
  static char path[4200];
  unsigned char digest[SCREEN_SHA256_SIZE];
  PetscMPIInt rank;

  PetscFunctionBegin;
  for (size_t i = 0; i < sizeof(potential_text); i++)
    potential_text[i] = (unsigned char)(i * i % 251);
  snprintf(path, sizeof(path), "%s/potential.almtp", directory);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank == 0) PetscCall(write_file(path, potential_text, sizeof(potential_text)));
  screen_sha256(potential_text, sizeof(potential_text), digest);
  screen_sha256_hex(digest, campaign.potential_sha256);
  campaign.potential_file = path;
  campaign.text = yaml;
  campaign.text_size = strlen(yaml);
  snprintf(campaign.name, sizeof(campaign.name), "store-test");
  snprintf(campaign.kernel, sizeof(campaign.kernel), "avx2/generated");
  campaign.description = empty;
  campaign.nspecies = NSPECIES;
  campaign.species = species;
  campaign.ncomponent = 2;
  campaign.component = components;
  snprintf(components[0].name, sizeof(components[0].name), "CaCl2");
  snprintf(components[1].name, sizeof(components[1].name), "KCl");
  components[0].mass_u = 110.0;
  components[1].mass_u = 75.0;
  campaign.seed = 1234567890123;
  campaign.want_density = campaign.want_diffusion = campaign.want_structure =
      campaign.want_viscosity = PETSC_TRUE;
  campaign.want_potential_energy = PETSC_FALSE;
  campaign.want_thermal_conductivity = PETSC_TRUE;
  campaign.replicas = 2;
  campaign.dt = 5.0;
  PetscFunctionReturn(0);
}

/* Point i = 2 x + t; component "density" would clash with the property of that name. */
static void fill_grid(void)
{
  static PetscInt cell[NPOINT][3], units[NPOINT][2], count[NPOINT][NSPECIES];
  static PetscReal mole[NPOINT][2];

  axes[0] = (screen_grid_axis){"density", "1", "mole fraction of CaCl2", NX, x_value};
  axes[1] = (screen_grid_axis){"temperature", "K", "temperature", NT, t_value};
  axes[2] = (screen_grid_axis){"pressure", "Pa", "pressure", 1, p_value};
  for (PetscInt i = 0; i < NPOINT; i++) {
    screen_point *p = &points[i];

    cell[i][0] = i / NT;
    cell[i][1] = i % NT;
    units[i][0] = 10 + i;
    units[i][1] = 30 - i;
    count[i][0] = units[i][0];
    count[i][1] = units[i][1];
    count[i][2] = 2 * units[i][0] + units[i][1];
    mole[i][0] = units[i][0] / 40.0;
    mole[i][1] = units[i][1] / 40.0;
    *p = (screen_point){.index = i,
                        .cell = cell[i],
                        .mole = mole[i],
                        .temperature = t_value[i % NT],
                        .deviation = 0.125,
                        .units = units[i],
                        .count = count[i],
                        .natoms = count[i][0] + count[i][1] + count[i][2]};
    for (int b = 0; b < QUEUE_KEY_SIZE; b++) p->key.byte[b] = (unsigned char)(16 * i + b);
    snprintf(p->name, sizeof(p->name), "x=%.2f T=%.0fK", x_value[i / NT], t_value[i % NT]);
  }
  grid = (screen_grid){.naxis = 3, .axis = axes, .npoint = NPOINT, .point = points};
}

/* Results ----------------------------------------------------------------------------------- */

typedef struct {
  prop_value value[PROP_NID * NPAIR];
  PetscReal truncation[PROP_NID * NPAIR], model[PROP_NID * NPAIR];
  PetscReal r[NBIN], g[NPAIR * NBIN], n[NPAIR * NBIN];
  PetscReal x[NSAMPLE], y[NSAMPLE], error[NSAMPLE];
  PetscReal t[NLAG], msd[NSPECIES * NLAG], msd_error[NSPECIES * NLAG];
} storage;

static prop_value value_of(PetscReal v, PetscInt flags)
{
  return (prop_value){.value = v, .error = v / 128.0, .neff = v + 20.0, .flags = flags};
}

/* Curves: point i knows NLAG - i % 2 lags; value of curve w at k is 100 i + 10 w + k. */
static void fill_curves(PetscInt i, storage *s, screen_result *r)
{
  r->nmsd = NLAG - i % 2;
  r->nrdf = NBIN;
  r->msd_t = s->t;
  r->msd = s->msd;
  r->msd_error = s->msd_error;
  r->rdf_r = s->r;
  r->rdf_g = s->g;
  r->rdf_n = s->n;
  r->table[SCREEN_TABLE_ANGLES] = (screen_curve){.n = NBIN, .x = s->r, .y = s->n, .error = s->g};
  r->table[SCREEN_TABLE_FACTOR] = (screen_curve){.n = NBIN, .x = s->r, .y = s->g, .error = s->n};
  for (PetscInt k = 0; k < r->nmsd; k++) s->t[k] = 1e-14 * (PetscReal)(k + 1);
  for (PetscInt k = 0; k < NBIN; k++) s->r[k] = 1e-11 * ((PetscReal)k + 0.5);
  for (PetscInt w = 0; w < NSPECIES; w++) {
    for (PetscInt k = 0; k < r->nmsd; k++) {
      s->msd[w * r->nmsd + k] = 100.0 * (PetscReal)i + 10.0 * (PetscReal)w + (PetscReal)k;
      s->msd_error[w * r->nmsd + k] = s->msd[w * r->nmsd + k] / 128.0;
    }
  }
  for (PetscInt w = 0; w < NPAIR; w++) {
    for (PetscInt k = 0; k < NBIN; k++) {
      s->g[w * NBIN + k] = 100.0 * (PetscReal)i + 10.0 * (PetscReal)w + (PetscReal)k;
      s->n[w * NBIN + k] = -s->g[w * NBIN + k];
    }
  }
}

/* A running integral over i + 1 times, most at point 5: y = 10 i + k at k (i + 1) ps. */
static void fill_own_curve(PetscInt i, storage *s, screen_result *r)
{
  r->curve[SCREEN_CURVE_VISCOSITY] =
      (screen_curve){.n = i + 1, .x = s->x, .y = s->y, .error = s->error};
  for (PetscInt k = 0; k < i + 1; k++) {
    s->x[k] = 1e-12 * (PetscReal)(k * (i + 1));
    s->y[k] = (PetscReal)(10 * i + k);
    s->error[k] = s->y[k] / 128.0;
  }
}

/* Point 4 failed: nothing but its reason, whose text ends inside a two-byte character. */
static void fill_failed(screen_result *r)
{
  r->state = SCREEN_POINT_FAILED;
  r->reason = MD_CLOSE_PAIR;
  r->replicas_failed = 2;
  memset(r->detail, 'x', sizeof(r->detail));
  memcpy(r->detail, "K 17 and Cl 60 are 0.71 Å apart", strlen("K 17 and Cl 60 are 0.71 Å apart"));
  memcpy(r->detail + sizeof(r->detail) - 2, "\xc3", 2); /* first byte of Å, then the end */
  r->box = r->energy_drift = r->grade_max = PROP_NAN;
}

static void fill_result(PetscInt i, storage *s, screen_result *r)
{
  *r = (screen_result){.nspecies = NSPECIES,
                       .value = s->value,
                       .truncation = s->truncation,
                       .model_error = s->model,
                       .model_error95 = s->model};
  for (PetscInt k = 0; k < PROP_NID * NPAIR; k++) {
    s->value[k] = prop_value_missing;
    s->truncation[k] = s->model[k] = PROP_NAN;
  }
  if (i == 4) {
    fill_failed(r);
    return;
  }
  r->state = i == 5 ? SCREEN_POINT_RUNNING : SCREEN_POINT_DONE;
  r->reason = i == 5 ? MD_RUNNING : MD_COMPLETED;
  r->replicas_done = 2 - i / 5;
  r->box = 1e-9 + 1e-12 * (PetscReal)i;
  r->energy_drift = -2e9 * (PetscReal)i;
  r->grade_max = 1.5 + (PetscReal)i;
  r->wall_seconds = 3600.0 + (PetscReal)i;
  *screen_result_at(r, PROP_ID_DENSITY) =
      value_of(1500.0 + (PetscReal)i, i == 5 ? PROP_FLAG_PARTIAL | PROP_FLAG_ONE_REPLICA : 0);
  *screen_result_at(r, PROP_ID_KINETIC_TEMPERATURE) = value_of(1100.0 + (PetscReal)i, 0);
  for (PetscInt w = 0; w < NSPECIES; w++)
    screen_result_at(r, PROP_ID_DIFFUSION)[w] =
        value_of(1.0 + (PetscReal)i + 0.25 * (PetscReal)w, 1 << w);
  for (PetscInt w = 0; w < NPAIR; w++) {
    screen_result_at(r, PROP_ID_COORDINATION)[w] = value_of((PetscReal)(10 * i + w + 1), 0);
    screen_result_at(r, PROP_ID_RDF_PEAK)[w] = value_of(1.0 / (PetscReal)(10 * i + w + 1), 0);
  }
  *screen_result_at(r, PROP_ID_VISCOSITY) = value_of(1e-3 * (PetscReal)(i + 1), 0);
  screen_result_truncation(r, PROP_ID_VISCOSITY)[0] = 1e-12 * (PetscReal)(i + 1);
  fill_curves(i, s, r);
  fill_own_curve(i, s, r);
}

/* Block means ------------------------------------------------------------------------------- */

/* Point 4 has none, the last replica less than the others. */
static PetscInt64 series_samples(void *context, PetscInt point, PetscInt replica,
                                 screen_stage stage)
{
  (void)context;
  if (point == 4) return 0;
  return (stage == SCREEN_NPT ? 40 : 80) - 17 * (point == 5 && replica == 1);
}

/* Sample i of channel c: 1000 (c + 1) + 100 point + 10 replica + i. */
static PetscErrorCode series_read(void *context, PetscInt point, PetscInt replica,
                                  screen_stage stage, prop_stream *stream)
{
  const PetscInt n = stage == SCREEN_NPT ? PROP_NPT_CHANNELS : prop_nve_channels(NSPECIES, 1);
  PetscReal x[32];

  PetscFunctionBegin;
  PetscCall(prop_stream_create(n, campaign.dt, stream));
  for (PetscInt64 i = 0; i < series_samples(context, point, replica, stage); i++) {
    for (PetscInt c = 0; c < n; c++)
      x[c] = (PetscReal)(1000 * (c + 1) + 100 * point + 10 * replica + i);
    PetscCall(prop_stream_add(stream, x));
  }
  PetscFunctionReturn(0);
}

/* Room for 20 blocks of NPT and 16 of NVE: as they are, and merged once. */
static const screen_series_source series = {
    .samples = series_samples, .read = series_read, .bytes = 4.0 * 12 * 7 * 20};

/* Writing ----------------------------------------------------------------------------------- */

/* Rank r of n gives points r, r + n, ..., in falling order; with `idle` rank 0 gives none and the
   last one its share. */
static PetscErrorCode write_table(MPI_Comm comm, PetscBool idle, const char *where)
{
  static storage store[NPOINT];
  screen_result result[NPOINT];
  screen_result *all;
  screen_surfaces surfaces;
  screen_fits fits;
  PetscInt mine[NPOINT], n = 0;
  PetscMPIInt rank, size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  for (PetscInt i = NPOINT; i-- > 0;) {
    const PetscInt owner = idle && i % size == 0 ? size - 1 : i % size;

    if (owner != rank) continue;
    fill_result(i, &store[i], &result[n]);
    mine[n++] = i;
  }
  PetscCall(screen_table_gather(comm, &campaign, &grid, n, mine, result, &all));
  PetscCall(screen_fits_create(&campaign, &grid, all, &fits));
  PetscCall(screen_surfaces_create(&campaign, &grid, all, &surfaces));
  PetscCall(screen_store_write(comm, &campaign, &grid, n, mine, result,
                               &(screen_store_more){&fits, &series, &surfaces}, where));
  PetscCall(screen_fits_clear(&fits));
  PetscCall(screen_surfaces_clear(&surfaces));
  PetscCall(screen_table_free(NPOINT, &all));
  PetscFunctionReturn(0);
}

/* Writes with the first n ranks of the world into DIR/np<n>; the others wait. */
static PetscErrorCode write_with(PetscMPIInt n, PetscBool idle, char where[4200])
{
  PetscMPIInt rank;
  MPI_Comm comm;

  PetscFunctionBegin;
  snprintf(where, 4200, "%s/np%d", directory, n);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank == 0) mkdir(where, 0777);
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Comm_split(PETSC_COMM_WORLD, rank < n ? 0 : MPI_UNDEFINED, rank, &comm));
  if (comm != MPI_COMM_NULL) {
    PetscCall(write_table(comm, idle, where));
    PetscCallMPI(MPI_Comm_free(&comm));
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_all(const char *path, char **data, size_t *size)
{
  FILE *in = fopen(path, "rb");
  struct stat status;

  PetscFunctionBegin;
  PetscCheck(in && stat(path, &status) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "no %s", path);
  *size = (size_t)status.st_size;
  PetscCall(PetscMalloc1(*size + 1, data));
  PetscCheck(fread(*data, 1, *size, in) == *size, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s", path);
  fclose(in);
  PetscFunctionReturn(0);
}

static PetscErrorCode path_exists(const char *where, const char *name, PetscBool *exists)
{
  char path[8192];

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%s/%s", where, name);
  *exists = access(path, F_OK) == 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Tests ------------------------------------------------------------------------------------- */

/* The files of 1, 2 and 3 ranks are equal, byte for byte; the last has a rank without points. */
static void test_same_file(void **state)
{
  PetscMPIInt rank, size;
  char where[4200], path[8400], *first = NULL, *other;
  size_t first_size = 0, other_size;
  PetscBool exists;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  for (PetscMPIInt n = 1; n <= size; n++) {
    expect_ok(write_with(n, n == 3 ? PETSC_TRUE : PETSC_FALSE, where));
    expect_ok(path_exists(where, "results.h5.tmp", &exists));
    expect(!exists, "the file written beside is gone");
    snprintf(path, sizeof(path), "%s/results.h5", where);
    expect_ok(read_all(path, &other, &other_size));
    if (n == 1) {
      first = other;
      first_size = other_size;
      continue;
    }
    expect(other_size == first_size, "files of several ranks have the same size");
    expect(memcmp(first, other, first_size) == 0, "files of several ranks have the same bytes");
    expect_ok(PetscFree(other));
  }
  expect_ok(PetscFree(first));
  MPI_Barrier(PETSC_COMM_WORLD);
}

/* Text of the last error on this rank. */
static char message[4096];

static PetscErrorCode record_error(MPI_Comm comm, int line, const char *function, const char *file,
                                   PetscErrorCode code, PetscErrorType type, const char *text,
                                   void *context)
{
  (void)comm;
  (void)line;
  (void)function;
  (void)file;
  (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(message, sizeof(message), "%s", text);
  return code;
}

/* Calls write_table() and requires this error on every rank. */
static void expect_failure(const char *where, PetscErrorCode code, const char *text)
{
  PetscErrorCode ierr;

  message[0] = 0;
  PetscPushErrorHandler(record_error, NULL);
  ierr = write_table(PETSC_COMM_WORLD, PETSC_FALSE, where);
  PetscPopErrorHandler();
  if (ierr != code) fail_msg("writing to %s returned %d, wanted %d", where, (int)ierr, (int)code);
  if (!strstr(message, text))
    fail_msg("got message '%s', wanted it to contain '%s'", message, text);
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void test_no_directory(void **state)
{
  char where[4200], text[8400];

  (void)state;
  snprintf(where, sizeof(where), "%s/absent", directory);
  snprintf(text, sizeof(text), "%s/results.h5.tmp: cannot be written: No such file or directory",
           where);
  expect_failure(where, PETSC_ERR_FILE_OPEN, text);
}

/* The disk takes no more than so many bytes: all ranks fail, the old file stays, nothing is left
   beside it. */
static void check_disk_full(const char *where, rlim_t bytes)
{
  char path[8400], *before, *after;
  size_t size_before, size_after;
  struct rlimit limit, small;
  PetscBool exists;

  snprintf(path, sizeof(path), "%s/results.h5", where);
  expect_ok(read_all(path, &before, &size_before));
  getrlimit(RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &small);
  expect_failure(where, PETSC_ERR_FILE_WRITE, "results.h5.tmp: ");
  setrlimit(RLIMIT_FSIZE, &limit);
  expect_ok(read_all(path, &after, &size_after));
  expect(size_before == size_after && memcmp(before, after, size_before) == 0,
         "the old file is untouched");
  expect_ok(path_exists(where, "results.h5.tmp", &exists));
  expect(!exists, "the broken file is removed");
  expect_ok(PetscFree(before));
  expect_ok(PetscFree(after));
}

/* Whether it is data or the last byte of metadata that no longer fits. */
static void test_disk_full(void **state)
{
  char where[4200], path[8400];
  struct stat status;

  (void)state;
  expect_ok(write_with(1, PETSC_FALSE, where));
  snprintf(path, sizeof(path), "%s/results.h5", where);
  expect(stat(path, &status) == 0, "the file is there");
  MPI_Barrier(PETSC_COMM_WORLD);
  signal(SIGXFSZ, SIG_IGN);
  for (int k = 0; k < 4; k++) check_disk_full(where, (rlim_t)(k * status.st_size / 4));
  check_disk_full(where, (rlim_t)status.st_size - 1);
  signal(SIGXFSZ, SIG_DFL);
  expect_ok(write_with(1, PETSC_FALSE, where));
}

static void test_every_point_once(void **state)
{
  static storage store;
  screen_result result[2];
  const PetscInt twice[2] = {3, 3}, outside[1] = {NPOINT};
  PetscMPIInt rank, size;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  fill_result(3, &store, &result[0]);
  result[1] = result[0];
  expect_error(PETSC_ERR_ARG_WRONG,
               screen_store_write(PETSC_COMM_WORLD, &campaign, &grid, rank == 0 ? 2 : 0, twice,
                                  result, NULL, directory));
  expect_error(PETSC_ERR_ARG_WRONG,
               screen_store_write(PETSC_COMM_WORLD, &campaign, &grid, rank == 0 ? 1 : 0, outside,
                                  result, NULL, directory));
}

/* A field is cut at whole characters; bytes that are not UTF-8 become question marks. */
static void test_put_text(void **state)
{
  static const struct {
    const char *text, *field;
  } cases[] = {{"a\xc3\x85\xc3\x85", "a\xc3\x85\0"},
               {"abcdef", "abcd"},
               {"", "\0\0\0"},
               {"\xff"
                "b\xc3",
                "?b?\0"},
               {"abc\xc3\x85", "abc\0"},
               {"\xe2\x82\xac"
                "d",
                "\xe2\x82\xac"
                "d"},
               {"\xc0\xaf", "??\0"}};
  char field[5];

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    field[4] = 'Z';
    screen_h5_put_text(cases[i].text, 4, field);
    assert_memory_equal(field, cases[i].field, 4);
    expect(field[4] == 'Z', "nothing is written behind the field");
  }
}

/* A potential that is not the campaign's any more is left out; results_file.py looks for the
   reason. */
static void test_changed_potential(void **state)
{
  char where[4200];
  PetscMPIInt rank;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  snprintf(where, sizeof(where), "%s/changed", directory);
  if (rank == 0) {
    mkdir(where, 0777);
    expect_ok(write_file(campaign.potential_file, "MTP\n", 4));
  }
  MPI_Barrier(PETSC_COMM_WORLD);
  expect_ok(write_table(PETSC_COMM_WORLD, PETSC_FALSE, where));
}

/* Setting ----------------------------------------------------------------------------------- */

static int begin(void **state)
{
  PetscMPIInt rank;

  (void)state;
  if (PetscOptionsHasName(NULL, NULL, "-directory", &keep)) return 1;
  if (keep && PetscOptionsGetString(NULL, NULL, "-directory", directory, sizeof(directory), NULL))
    return 1;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  if (rank == 0 && !keep) {
    snprintf(directory, sizeof(directory), "/tmp/test_screen_store.XXXXXX");
    if (!mkdtemp(directory)) return 1;
  }
  MPI_Bcast(directory, sizeof(directory), MPI_CHAR, 0, PETSC_COMM_WORLD);
  setenv("SOURCE_DATE_EPOCH", "86400", 1);
  fill_grid();
  return fill_campaign() != 0 || MPI_Barrier(PETSC_COMM_WORLD) != 0;
}

static int end(void **state)
{
  static const char *const name[] = {"np1/results.h5",
                                     "np2/results.h5",
                                     "np3/results.h5",
                                     "changed/results.h5",
                                     "np1",
                                     "np2",
                                     "np3",
                                     "changed",
                                     "potential.almtp"};
  PetscMPIInt rank;
  char path[8400];

  (void)state;
  MPI_Barrier(PETSC_COMM_WORLD);
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  if (keep || rank > 0) return 0;
  for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
    snprintf(path, sizeof(path), "%s/%s", directory, name[i]);
    (void)remove(path);
  }
  return rmdir(directory);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_file), cmocka_unit_test(test_no_directory),
      cmocka_unit_test(test_disk_full), cmocka_unit_test(test_every_point_once),
      cmocka_unit_test(test_put_text),  cmocka_unit_test(test_changed_potential)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests_name("screen_store", tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
