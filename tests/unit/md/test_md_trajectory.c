/* tests/unit/md/test_md_trajectory.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_pack.h"
#include "md/md_trajectory.h"

#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] = "Trajectories of runs: interrupted or not, on one rank or several\n";

enum { STEPS = 200, EVERY = 10 };
static const char *const species[] = {"Ar"};
static char folder[256];

/* Runs of one rank are tested on one rank. */
static void alone(void)
{
  PetscMPIInt size;

  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  if (size > 1) skip();
}

/* A fresh name in a folder that all ranks know. */
static int setup(void **state)
{
  PetscMPIInt rank;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  snprintf(folder, sizeof(folder), "%s/liquidus-trajectory-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
  if (rank == 0 && !mkdtemp(folder)) return 1;
  return MPI_Bcast(folder, sizeof(folder), MPI_CHAR, 0, PETSC_COMM_WORLD);
}

static int teardown(void **state)
{
  PetscMPIInt rank;
  char command[300];

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  snprintf(command, sizeof(command), "rm -r %s", folder);
  return rank == 0 ? system(command) : 0;
}

static md_trajectory_spec spec_of(md_trajectory_format format, const char *path)
{
  return (md_trajectory_spec){.format = format,
                              .path = path,
                              .species = species,
                              .version = "1",
                              .velocities = PETSC_TRUE,
                              .doubles = PETSC_TRUE};
}

static void watch(md_run *run, const md_trajectory_spec *spec, int64_t mark, md_trajectory **t)
{
  expect_ok(md_trajectory_open(run, spec, mark, t));
  expect_ok(md_run_observe_with(run, EVERY, MD_NEED_ENERGY, md_trajectory_see, *t));
}

static md_run *start(const md_potential *pot)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_run *run = system_argon_liquid(2, 0.8, pot);

  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* STEPS steps with a checkpoint every `segment`; `lost` more steps are run after each of them and
   forgotten, their frames flushed or not. */
static void run_through(md_trajectory_format format, const char *path, int segment, int lost)
{
  const md_trajectory_spec spec = spec_of(format, path);
  md_potential *pot = system_argon_potential();
  md_run *run = start(pot), *next;
  md_trajectory *t, *again;
  md_blob blob = {0};
  int64_t mark = 0, ignored;

  watch(run, &spec, 0, &t);
  while (md_run_step(run) < STEPS) {
    system_advance(run, PetscMin(segment, STEPS - md_run_step(run)));
    expect_ok(md_trajectory_flush(t, &mark));
    if (lost == 0) continue;
    expect_ok(md_run_save(run, &blob));
    expect_ok(md_run_create(md_run_atoms(run), pot, &next));
    system_advance(run, lost);
    if (md_run_step(run) % 3) expect_ok(md_trajectory_flush(t, &ignored));
    expect_ok(md_trajectory_close(&t));
    expect_ok(md_run_destroy(&run));
    expect_ok(md_run_load(next, &blob));
    watch(next, &spec, mark, &again);
    run = next;
    t = again;
    expect_ok(md_blob_clear(&blob));
  }
  expect_ok(md_trajectory_flush(t, &mark));
  expect_ok(md_trajectory_close(&t));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* The bytes of a dataset as they are in the file; allocated. */
static void *read_set(const char *path, const char *name, size_t *size)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
  const hid_t type = H5Dget_type(set);
  void *data;

  *size = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type);
  data = malloc(*size + 1);
  assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return data;
}

static void expect_same_sets(const char *a, const char *b)
{
  static const char *const name[] = {
      "particles/trajectory/position/step",   "particles/trajectory/position/time",
      "particles/trajectory/position/value",  "particles/trajectory/velocity/value",
      "particles/trajectory/box/edges/value", "observables/potential_energy/value",
      "observables/temperature/value"};

  for (int k = 0; k < 7; k++) {
    size_t size, other;
    void *first = read_set(a, name[k], &size), *second = read_set(b, name[k], &other);

    assert_int_equal(size, other);
    expect(size >= STEPS / EVERY * 8, "there are frames");
    if (memcmp(first, second, size) != 0) fail_msg("%s differs", name[k]);
    free(first);
    free(second);
  }
}

static void expect_same_bytes(const char *a, const char *b)
{
  char command[700];

  snprintf(command, sizeof(command), "cmp %s %s", a, b);
  assert_int_equal(system(command), 0);
}

static void interrupted(md_trajectory_format format)
{
  static const int segment[] = {37, 10, 200}, lost[] = {25, 3, 90};
  char whole[300], part[300];
  struct stat about;

  snprintf(whole, sizeof(whole), "%s/whole", folder);
  snprintf(part, sizeof(part), "%s/part", folder);
  run_through(format, whole, STEPS, 0);
  for (int k = 0; k < 3; k++) {
    run_through(format, part, segment[k], lost[k]);
    if (format == MD_TRAJECTORY_XYZ)
      expect_same_bytes(whole, part);
    else
      expect_same_sets(whole, part);
    expect(stat(part, &about) == 0 && about.st_size > 5000, "there is a trajectory");
    unlink(part);
  }
}

static void test_xyz(void **state)
{
  (void)state;
  alone();
  interrupted(MD_TRAJECTORY_XYZ);
}

static void test_h5md(void **state)
{
  (void)state;
  alone();
  interrupted(MD_TRAJECTORY_H5MD);
}

/* A run changes the format and changes back: the first file goes on where it was left. */
static void change_formats(void)
{
  char xyz[300], h5md[300];
  md_potential *pot = system_argon_potential();
  md_run *run = start(pot);
  md_trajectory_spec spec;
  md_trajectory *t;
  struct stat before, after;
  int64_t mark = 0;

  snprintf(xyz, sizeof(xyz), "%s/t.xyz", folder);
  snprintf(h5md, sizeof(h5md), "%s/t.h5md", folder);
  for (int k = 0; k < 3; k++) {
    spec = spec_of(k == 1 ? MD_TRAJECTORY_H5MD : MD_TRAJECTORY_XYZ, k == 1 ? h5md : xyz);
    expect_ok(md_trajectory_open(run, &spec, mark, &t));
    if (k == 2) expect(stat(xyz, &before) == 0 && before.st_size == mark, "nothing was cut");
    for (int f = 0; f < 3; f++) {
      md_sample sample;

      system_advance(run, 1);
      expect_ok(md_run_sample(run, &sample));
      expect_ok(md_trajectory_see(&sample, t));
    }
    expect_ok(md_trajectory_flush(t, &mark));
    expect_ok(md_trajectory_close(&t));
  }
  expect(stat(xyz, &after) == 0 && after.st_size == mark && mark > before.st_size, "it goes on");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void test_formats(void **state)
{
  (void)state;
  alone();
  change_formats();
}

/* Atoms of all ranks, in the order of their numbers. */
static void test_ranks(void **state)
{
  char path[300];
  md_trajectory_spec spec = spec_of(MD_TRAJECTORY_XYZ, path);
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot = system_argon_potential();
  const PetscReal mass[1] = {SYSTEM_MASS};
  md_atoms atoms = system_fcc(4, 0.8), found = {0};
  md_trajectory *t;
  mtp_diag diag = {0};
  PetscMPIInt rank;
  md_sample sample;
  md_run *run;
  int64_t mark;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  snprintf(path, sizeof(path), "%s/ranks.xyz", folder);
  for (PetscInt k = 0; k < 3 * atoms.n; k++)
    atoms.x[k] += 0.3 * sin((double)(7 * k)) + 100.0 * (k % 2);
  expect_ok(md_run_create_on(PETSC_COMM_WORLD, &atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_trajectory_open(run, &spec, 0, &t));
  expect_ok(md_run_sample(run, &sample));
  expect_ok(md_trajectory_see(&sample, t));
  expect_ok(md_trajectory_flush(t, &mark));
  expect_ok(md_trajectory_close(&t));
  if (rank == 0) {
    expect_ok(md_atoms_read(path, 1, species, mass, &found, &diag));
    assert_int_equal(diag.n, 0);
    assert_int_equal(found.n, 256);
    assert_memory_equal(found.x, atoms.x, 3 * 256 * sizeof(PetscReal));
    expect_ok(mtp_diag_clear(&diag));
    expect_ok(md_atoms_clear(&found));
  }
  MPI_Barrier(PETSC_COMM_WORLD);
  spec.path = "/nowhere/at/all"; /* on all ranks or on none */
  expect_error(PETSC_ERR_FILE_OPEN, md_trajectory_open(run, &spec, 0, &t));
  expect_ok(md_trajectory_close(&t));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_xyz, setup, teardown),
      cmocka_unit_test_setup_teardown(test_h5md, setup, teardown),
      cmocka_unit_test_setup_teardown(test_formats, setup, teardown),
      cmocka_unit_test_setup_teardown(test_ranks, setup, teardown),
  };
  return expect_main(argc, argv, help, tests);
}
