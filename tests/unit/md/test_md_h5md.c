/* tests/unit/md/test_md_h5md.c */
#include "tests/support/expect.h"

#include "md/md_h5md.h"
#include "md/md_units.h"

#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] = "H5MD files: content, precision, cuts, kills, full disk, refusals\n";

enum { N = 5, MANY = 4000 };
static char folder[512], path[600];
static const char *const species[] = {"Ca", "Cl"};
static const md_h5md_spec plain = {.species = species, .version = "1.2.3"};

static int setup(void **state)
{
  (void)state;
  snprintf(folder, sizeof(folder), "%s/liquidus-h5md-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof(path), "%s/t.h5md", folder);
  return 0;
}

static int teardown(void **state)
{
  char fresh[700];

  (void)state;
  snprintf(fresh, sizeof(fresh), "%s.new", path);
  unlink(fresh);
  unlink(path);
  return rmdir(folder);
}

static md_atoms make_atoms(PetscInt n)
{
  md_atoms atoms;

  expect_ok(md_atoms_create(n, 2, &atoms));
  atoms.mass[0] = 40.078 * MD_ATOMIC_MASS;
  atoms.mass[1] = 35.45 * MD_ATOMIC_MASS;
  for (PetscInt i = 0; i < n; i++) atoms.type[i] = i % 3 != 0;
  return atoms;
}

/* Where the atoms are at a step: every number says which one it is. */
static void move_atoms(PetscInt64 step, md_atoms *atoms)
{
  for (PetscInt k = 0; k < 3 * atoms->n; k++) {
    atoms->x[k] = 100.0 * sin((double)(k + 1)) + 0.001 * (double)step;
    atoms->v[k] = 1e-3 * cos((double)(k + step));
  }
  for (int a = 0; a < 9; a++)
    atoms->h[a / 3][a % 3] = (a % 4 ? 0.1 * a : 20.0) + 1e-4 * (double)step;
}

static void add(md_h5md *h5md, md_atoms *atoms, PetscInt64 step)
{
  const md_h5md_frame frame = {.step = step,
                               .time = 0.5 * (double)step,
                               .energy = -1.0 / (double)step,
                               .temperature = 1000.0 + (double)step};

  move_atoms(step, atoms);
  expect_ok(md_h5md_add(h5md, &frame, atoms));
}

/* Frames of steps first, first + 10, ..., last; a flush after each `flush`-th and at the end. */
static void write_frames(const md_h5md_spec *spec, int after, int first, int last, int flush)
{
  md_atoms atoms = make_atoms(N);
  md_h5md *h5md;

  expect_ok(md_h5md_open(path, spec, &atoms, after, &h5md));
  for (int step = first; step <= last; step += 10) {
    add(h5md, &atoms, step);
    if (step / 10 % flush == 0) expect_ok(md_h5md_flush(h5md));
  }
  expect_ok(md_h5md_flush(h5md));
  expect_ok(md_h5md_close(&h5md));
  expect_ok(md_atoms_clear(&atoms));
}

/* Reads a whole dataset as double; returns how many numbers, -1 where the file cannot be opened. */
static long read_set(const char *name, double data[MANY], hsize_t extent[3])
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t set, space;
  long n;

  if (file < 0) return -1;
  set = H5Dopen2(file, name, H5P_DEFAULT);
  if (set < 0) fail_msg("no dataset %s", name);
  space = H5Dget_space(set);
  n = (long)H5Sget_simple_extent_npoints(space);
  assert_in_range(n, 0, MANY);
  H5Sget_simple_extent_dims(space, extent, NULL);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return n;
}

/* All that the file must hold after frames of steps 10, 20, ..., last; x and v to a relative
   precision. */
static void expect_frames(int last, PetscBool velocities, double precision)
{
  static double x[MANY], v[MANY], h[MANY], t[MANY], s[MANY], e[MANY], k[MANY];
  md_atoms atoms = make_atoms(N);
  hsize_t extent[3] = {0, 0, 0};
  const long n = last / 10;

  assert_int_equal(read_set("/particles/trajectory/position/value", x, extent), 3 * N * n);
  assert_true(extent[0] == (hsize_t)n && extent[1] == N && extent[2] == 3);
  if (velocities)
    assert_int_equal(read_set("/particles/trajectory/velocity/value", v, extent), 3 * N * n);
  assert_int_equal(read_set("/particles/trajectory/box/edges/value", h, extent), 9 * n);
  assert_int_equal(read_set("/particles/trajectory/box/edges/time", t, extent), n);
  assert_int_equal(read_set("/observables/temperature/step", s, extent), n);
  assert_int_equal(read_set("/observables/potential_energy/value", e, extent), n);
  assert_int_equal(read_set("/observables/temperature/value", k, extent), n);
  for (int f = 0; f < n; f++) {
    const int step = 10 * (f + 1);

    move_atoms(step, &atoms);
    assert_true(s[f] == step && t[f] == 0.5 * step && e[f] == -1.0 / step && k[f] == 1000 + step);
    for (int a = 0; a < 9; a++) assert_true(h[9 * f + a] == atoms.h[a / 3][a % 3]);
    for (int c = 0; c < 3 * N; c++) {
      expect_near(x[3 * N * f + c], atoms.x[c], precision, "position");
      if (velocities) expect_near(v[3 * N * f + c], 1000.0 * atoms.v[c], precision, "velocity");
    }
  }
  expect_ok(md_atoms_clear(&atoms));
}

static void test_content(void **state)
{
  static const PetscInt molecule[N] = {0, 0, 1, 1, 2};
  md_h5md_spec spec = plain;
  double data[MANY] = {0.0};
  hsize_t extent[3];

  (void)state;
  write_frames(&spec, 0, 10, 300, 7);
  expect_frames(300, PETSC_FALSE, 6e-8); /* half a unit of 24 bits */
  assert_int_equal(read_set("/particles/trajectory/species", data, extent), N);
  for (int i = 0; i < N; i++) assert_true(data[i] == (i % 3 != 0));
  assert_int_equal(read_set("/particles/trajectory/mass", data, extent), N);
  for (int i = 0; i < N; i++) expect_near(data[i], i % 3 ? 35.45 : 40.078, 1e-14, "mass in u");
  assert_int_equal(read_set("/particles/trajectory/id", data, extent), N);
  for (int i = 0; i < N; i++) assert_true(data[i] == i);
  unlink(path);

  spec.velocities = spec.doubles = PETSC_TRUE;
  spec.molecule = molecule;
  write_frames(&spec, 0, 10, 300, 1);
  expect_frames(300, PETSC_TRUE, 0.0);
  assert_int_equal(read_set("/particles/trajectory/molecule", data, extent), N);
  for (int i = 0; i < N; i++) assert_true(data[i] == (double)molecule[i]);
}

/* A run that goes on from step 120 when the file has frames up to 300, or up to 50. */
static void test_cut(void **state)
{
  md_h5md_spec spec = plain;

  (void)state;
  write_frames(&spec, 0, 10, 300, 30);
  spec.doubles = spec.velocities = PETSC_TRUE; /* the file keeps what it was begun with */
  write_frames(&spec, 120, 130, 310, 4);
  expect_frames(310, PETSC_FALSE, 6e-8);
  write_frames(&spec, 129, 130, 120, 4); /* nothing new: only the cut */
  expect_frames(120, PETSC_FALSE, 6e-8);
  write_frames(&spec, 500, 130, 140, 1); /* a checkpoint later than the file: nothing is cut */
  expect_frames(140, PETSC_FALSE, 6e-8);
  write_frames(&spec, 0, 10, 20, 1);
  expect_frames(20, PETSC_FALSE, 6e-8);
}

static void test_not_flushed(void **state)
{
  md_atoms atoms = make_atoms(N);
  md_h5md *h5md;

  (void)state;
  write_frames(&plain, 0, 10, 50, 1);
  expect_ok(md_h5md_open(path, &plain, &atoms, 50, &h5md));
  add(h5md, &atoms, 60);
  expect_ok(md_h5md_close(&h5md));
  expect_ok(md_h5md_close(&h5md));
  expect_frames(50, PETSC_FALSE, 6e-8);
  expect_ok(md_atoms_clear(&atoms));
}

static void write_for_ever(int pipe)
{
  md_atoms atoms = make_atoms(N);
  md_h5md *h5md;

  expect_ok(md_h5md_open(path, &plain, &atoms, 0, &h5md));
  for (int step = 10;; step += 10) {
    add(h5md, &atoms, step);
    expect_ok(md_h5md_flush(h5md));
    if (write(pipe, &step, sizeof(step)) != sizeof(step)) _exit(1);
  }
}

static void kill_one(unsigned microseconds)
{
  int ends[2], acknowledged = 0, step, status;
  double data[MANY];
  hsize_t extent[3];
  pid_t child;
  long n;

  assert_int_equal(pipe(ends), 0);
  child = fork();
  if (child == 0) write_for_ever(ends[1]);
  close(ends[1]);
  usleep(microseconds);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status));
  while (read(ends[0], &step, sizeof(step)) == sizeof(step)) acknowledged = step;
  close(ends[0]);
  n = access(path, F_OK) == 0 ? read_set("/particles/trajectory/position/step", data, extent) : 0;
  if (10 * n != acknowledged && 10 * n != acknowledged + 10)
    fail_msg("step %d was on the disk, the file has %ld frames", acknowledged, n);
  if (n > 0) expect_frames((int)(10 * n), PETSC_FALSE, 6e-8);
}

/* Killed at any moment, the file is readable and has every frame that was flushed. */
static void test_killed(void **state)
{
  (void)state;
  srand(2);
  for (int k = 0; k < 25; k++) {
    kill_one(2000 + (unsigned)(rand() % 40000));
    unlink(path);
  }
}

static void test_no_room(void **state)
{
  struct rlimit old, small;
  struct stat about;
  md_atoms atoms = make_atoms(N);
  md_h5md *h5md;

  (void)state;
  write_frames(&plain, 0, 10, 50, 1);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  small = old;
  assert_int_equal(stat(path, &about), 0);
  small.rlim_cur = (rlim_t)about.st_size + 8; /* the copy fits, and no more */
  expect_ok(md_h5md_open(path, &plain, &atoms, 50, &h5md));
  add(h5md, &atoms, 60);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(PETSC_ERR_FILE_WRITE, md_h5md_flush(h5md));
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  expect(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0, "HDF5 was not begun with");
  expect_ok(md_h5md_close(&h5md));
  expect_frames(50, PETSC_FALSE, 6e-8);
  write_frames(&plain, 50, 60, 90, 1); /* once there is room */
  expect_frames(90, PETSC_FALSE, 6e-8);
  expect_ok(md_atoms_clear(&atoms));
}

static void test_refusals(void **state)
{
  md_atoms more = make_atoms(N + 1), other = make_atoms(N);
  md_h5md *h5md;
  FILE *out;

  (void)state;
  write_frames(&plain, 0, 10, 50, 1);
  expect_error(PETSC_ERR_FILE_OPEN, md_h5md_open(path, &plain, &more, 0, &h5md));
  expect_ok(md_h5md_close(&h5md));
  other.type[0] = 1;
  expect_error(PETSC_ERR_FILE_OPEN, md_h5md_open(path, &plain, &other, 0, &h5md));
  expect_ok(md_h5md_close(&h5md));
  expect_frames(50, PETSC_FALSE, 6e-8);
  out = fopen(path, "wb");
  fprintf(out, "no HDF5\n");
  fclose(out);
  expect_error(PETSC_ERR_FILE_OPEN, md_h5md_open(path, &plain, &other, 0, &h5md));
  expect_ok(md_h5md_close(&h5md));
  expect_ok(md_h5md_open("/nowhere/at/all.h5md", &plain, &other, 0, &h5md));
  add(h5md, &other, 10);
  expect_error(PETSC_ERR_FILE_WRITE, md_h5md_flush(h5md));
  expect_error(PETSC_ERR_ARG_SIZ, md_h5md_add(h5md, &(md_h5md_frame){.step = 1}, &more));
  expect_ok(md_h5md_close(&h5md));
  expect_ok(md_atoms_clear(&more));
  expect_ok(md_atoms_clear(&other));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_content, setup, teardown),
      cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(test_not_flushed, setup, teardown),
      cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
      cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
      cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
  };
  return expect_main(argc, argv, help, tests);
}
