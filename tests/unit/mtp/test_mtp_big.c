/* tests/unit/mtp/test_mtp_big.c - files of 100 MB: read or refused in seconds, in bounded memory
 *
 * Each file is made in the folder the test runs in, and removed.  Time is that of the processor, so
 * that a busy machine does not matter; measured: 0.1 to 1.9 s (one core of an AMD EPYC at 3.6 GHz),
 * allowed: ten times the largest.  Memory is the largest resident size of a process that reads one
 * file; measured: 1.4 to 3.8 times the file, allowed: 5 times.  The text stays in a block that is
 * doubled as it grows, beside what the reader makes of it in lists that are doubled, too.
 */
#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"
#include "tests/support/expect.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] = "Files of 100 MB in bounded time and memory\n";

#define FILE_SIZE 100000000l
static const char path[] = "test_mtp_big.tmp";

typedef struct {
  PetscInt objects, messages; /* what the reader handed out */
} outcome;

static outcome read_mtp(void)
{
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};
  outcome o = {0};

  if (mtp_potential_read(path, &pot, &diag)) return (outcome){-1, -1};
  o = (outcome){pot != NULL, diag.n};
  if (diag.n > 0) fprintf(stderr, "  %.160s\n", diag.text[0]);
  return o;
}

static outcome of_list(PetscErrorCode ierr, const mtp_config_list *list, const mtp_diag *diag)
{
  if (diag->n > 0) fprintf(stderr, "  %.160s\n", diag->text[0]);
  return ierr ? (outcome){-1, -1} : (outcome){list->n, diag->n};
}

static outcome read_cfg(void)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  const PetscErrorCode ierr = mtp_cfg_read(path, &list, &diag);

  return of_list(ierr, &list, &diag);
}

static const char *const species[] = {"Ca", "K", "Cl"};

static outcome read_xyz(void)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  const PetscErrorCode ierr = mtp_xyz_read(path, 3, species, &list, &diag);

  return of_list(ierr, &list, &diag);
}

static outcome read_lammps(void)
{
  mtp_config config;
  mtp_diag diag = {0};
  const PetscErrorCode ierr = mtp_lammps_read(path, 3, species, &config, &diag);
  const mtp_config_list list = {.n = config.n > 0};

  return of_list(ierr, &list, &diag);
}

/* Reads in a process of its own, because a process never gives back its largest size. */
static void check(const char *name, outcome (*reader)(void), PetscInt objects, PetscInt messages,
                  double seconds)
{
  int channel[2], status = -1;
  struct rusage used;
  outcome o = {-2, -2};
  double time, size;
  pid_t child;

  expect(pipe(channel) == 0, "a pipe");
  child = fork();
  if (child == 0) {
    o = reader();
    _exit(write(channel[1], &o, sizeof(o)) != sizeof(o));
  }
  expect(child > 0, "a process");
  expect(wait4(child, &status, 0, &used) == child && status == 0, "the reader came to an end");
  expect(read(channel[0], &o, sizeof(o)) == sizeof(o), "it said something");
  close(channel[0]);
  close(channel[1]);
  unlink(path);
  time = (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec +
         (double)used.ru_stime.tv_sec + 1e-6 * (double)used.ru_stime.tv_usec;
  size = 1024.0 * (double)used.ru_maxrss;
  print_message("  %s: %.2f s, %.0f MB, %d objects, %d messages\n", name, time, 1e-6 * size,
                (int)o.objects, (int)o.messages);
  expect(o.objects == objects && o.messages == messages, name);
  expect(size < 5.0 * FILE_SIZE, "memory");
  if (time > seconds) fail_msg("%s took %.2f s, wanted at most %.2f", name, time, seconds);
}

static FILE *begin(const char *head)
{
  FILE *out = fopen(path, "wb");

  expect(out != NULL, "a scratch file in the current folder");
  (void)fputs(head, out);
  return out;
}

static void end(FILE *out, const char *tail)
{
  long size;

  (void)fputs(tail, out);
  size = ftell(out);
  if (size < FILE_SIZE || size > 13 * (FILE_SIZE / 10)) fail_msg("a file of %ld bytes", size);
  expect(!ferror(out) && fclose(out) == 0, "room for 100 MB in the current folder");
}

/* The same piece again and again. */
static void make(const char *head, const char *piece, size_t n, const char *tail)
{
  enum { PIECES = 10000 };
  FILE *out = begin(head);
  char *many = malloc(n * PIECES);

  expect(many != NULL, "memory");
  for (size_t k = 0; k < PIECES; k++) memcpy(many + k * n, piece, n);
  for (long size = 0; size < FILE_SIZE; size += (long)(n * PIECES))
    (void)fwrite(many, n, PIECES, out);
  free(many);
  end(out, tail);
}

#define MTP_HEAD                                                                                   \
  "MTP\nversion = 1.1.0\nspecies_count = 1\nradial_basis_type = RBChebyshev\n\tmin_dist = 2\n"     \
  "\tmax_dist = 5\n\tradial_basis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n\t\t0-0\n"  \
  "\t\t\t{1, 2}\n"
#define MTP_BASIC "alpha_index_basic_count = 1\nalpha_index_basic = {{0, 0, 0, 0}}\n"
#define MTP_TAIL                                                                                   \
  "alpha_scalar_moments = 1\nalpha_moment_mapping = {0}\nspecies_coeffs = {1}\nmoment_coeffs = "   \
  "{1}\n"

/* One line of 4 million products. */
static void test_potential(void **state)
{
  enum { ROWS = 4100000 };
  FILE *out = begin(MTP_HEAD);

  (void)state;
  (void)fprintf(out, "alpha_moments_count = %d\n" MTP_BASIC "alpha_index_times_count = %d\n",
                ROWS + 1, ROWS);
  (void)fputs("alpha_index_times = {", out);
  for (int i = 0; i < ROWS; i++)
    (void)fprintf(out, "%s{0, %07d, 1, %07d}", i ? ", " : "", i, i + 1);
  end(out, "}\n" MTP_TAIL);
  check("potential", read_mtp, 1, 0, 20.0);
}

/* The same place filled with words: the list of messages ends, and so does the reading. */
static void test_bad_potential(void **state)
{
  (void)state;
  make(MTP_HEAD "alpha_moments_count = 1\n" MTP_BASIC
                "alpha_index_times_count = 0\nalpha_index_times = {}\nalpha_scalar_moments = 1\n"
                "alpha_moment_mapping = {0}\nspecies_coeffs = {1}\nmoment_coeffs = {",
       "nan, ", 5, "1}\n");
  check("potential of words", read_mtp, 0, MTP_DIAG_MAX, 20.0);
  make("MTP\n", "colour = blue\n", 14, "");
  check("unknown keys", read_mtp, 0, MTP_DIAG_MAX, 20.0);
  make("", "\0", 1, "");
  check("zeros as a potential", read_mtp, 0, 1, 20.0);
}

/* "ID NAME x y z MARK fx fy fz" */
static void write_atoms(FILE *out, int n, const char *name, const char *mark)
{
  uint64_t bits = 1;

  for (int i = 0; i < n; i++) {
    (void)fprintf(out, "%d %s", i + 1, name);
    for (int k = 0; k < 6; k++) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      (void)fprintf(out, "%s %.16e", k == 3 ? mark : "", (double)(bits >> 11) * 0x1p-50);
    }
    (void)fputc('\n', out);
  }
}

static void write_cfg(FILE *out, int n)
{
  (void)fprintf(out, "BEGIN_CFG\n Size\n%d\n", n);
  (void)fputs(" AtomData: id type cartes_x cartes_y cartes_z fx fy fz\n", out);
  write_atoms(out, n, "0", "");
  (void)fputs("END_CFG\n\n", out);
}

static void test_cfg(void **state)
{
  enum { CONFIGS = 760, N = 1000 };
  FILE *out = begin("");

  (void)state;
  for (int c = 0; c < CONFIGS; c++) write_cfg(out, N);
  end(out, "");
  check("760 configurations", read_cfg, CONFIGS, 0, 20.0);
  out = begin("");
  write_cfg(out, CONFIGS * N);
  end(out, "");
  check("760000 atoms", read_cfg, 1, 0, 20.0);
}

static void test_bad_cfg(void **state)
{
  static const char head[] =
      "BEGIN_CFG\n Size\n1\n AtomData: id type cartes_x cartes_y cartes_z\n1 0 0 0 0\n";

  (void)state;
  make(head, "Feature k\tv\n", 12, "END_CFG\n");
  check("8 million features", read_cfg, 0, 1, 20.0);
  make("BEGIN_CFG\nSize 1000000000\nAtomData: id type cartes_x cartes_y cartes_z\n", "1 0 x y z\n",
       10, "END_CFG\n");
  check("a size of 1e9", read_cfg, 0, 1, 20.0);
  make("", "word ", 5, "");
  check("one line of words", read_cfg, 0, 1, 20.0);
  make("", "\n", 1, "");
  check("empty lines", read_cfg, 0, 1, 20.0);
}

static void test_binary_cfg(void **state)
{
  enum { N = 4000000 };
  mtp_config c;
  FILE *out = begin("");

  (void)state;
  expect_ok(mtp_config_create(N, &c));
  expect_ok(mtp_cfg_write_binary(&c, out));
  expect_ok(mtp_config_clear(&c));
  end(out, "");
  check("binary", read_cfg, 1, 0, 20.0);
  make("n", "n", 1, "");
  check("a binary of n", read_cfg, 0, 1, 20.0);
}

static void test_xyz(void **state)
{
  enum { N = 760000 };
  FILE *out = begin("");

  (void)state;
  (void)fprintf(out, "%d\nProperties=id:I:1:species:S:1:pos:R:3:forces:R:3\n", N);
  write_atoms(out, N, "Ca", "");
  end(out, "");
  check("extended XYZ", read_xyz, 1, 0, 20.0);
  make("1\n", "a=1 ", 4, "\nCa 0 0 0\n");
  check("a comment of 100 MB", read_xyz, 0, 1, 20.0);
  make("", "1\n\nXx 0 0 0\n", 12, "");
  check("8 million bad frames", read_xyz, 0, MTP_DIAG_MAX, 20.0);
}

static void test_lammps(void **state)
{
  enum { N = 760000 };
  FILE *out = begin("t\n");

  (void)state;
  (void)fprintf(out,
                "%d atoms\n1 atom types\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\nVelocities\n\n", N);
  (void)fputs("Atoms\n\n", out);
  write_atoms(out, N, "1", " #");
  end(out, "");
  check("LAMMPS data", read_lammps, 1, 0, 20.0);
  make("t\n", "1 atoms\n", 8, "");
  check("a header of 100 MB", read_lammps, 0, 20, 20.0);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_potential),  cmocka_unit_test(test_bad_potential),
      cmocka_unit_test(test_cfg),        cmocka_unit_test(test_bad_cfg),
      cmocka_unit_test(test_binary_cfg), cmocka_unit_test(test_xyz),
      cmocka_unit_test(test_lammps),
  };

  return expect_main(argc, argv, help, tests);
}
