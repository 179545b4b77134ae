/* tests/unit/md/test_md_checkpoint_file.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_checkpoint_file.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] = "Checkpoints in files: cut, changed, killed while writing, full disk\n";

static char folder[512], path[600], why[MD_CHECKPOINT_WHY];

static void clear_folder(void)
{
  DIR *stream = opendir(folder);
  char name[1024];

  for (struct dirent *e = stream ? readdir(stream) : NULL; e; e = readdir(stream)) {
    snprintf(name, sizeof(name), "%s/%s", folder, e->d_name);
    if (e->d_name[0] != '.') unlink(name);
  }
  if (stream) closedir(stream);
}

static int setup(void **state)
{
  (void)state;
  snprintf(folder, sizeof(folder), "%s/liquidus-checkpoint-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof(path), "%s/run.ckpt", folder);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  clear_folder();
  return rmdir(folder);
}

/* A sealed block that holds a number and `extra` more bytes. */
static md_blob numbered(int number, size_t extra)
{
  md_blob blob = {0};
  size_t at;

  expect_ok(md_blob_seal_begin(&blob, &at));
  expect_ok(md_blob_put(&blob, &number, sizeof(number)));
  for (size_t i = 0; i < extra; i++) expect_ok(md_blob_put(&blob, "x", 1));
  expect_ok(md_blob_seal_end(&blob, at));
  return blob;
}

static void write_number(int number, size_t extra)
{
  md_blob blob = numbered(number, extra);

  expect_ok(md_checkpoint_file_write(path, &blob));
  expect_ok(md_blob_clear(&blob));
}

/* The number that is read; -1 where there is none. */
static int read_number(md_checkpoint_found *found)
{
  md_blob blob = {0}, inside = {0};
  int number = -1;

  expect_ok(md_checkpoint_file_read(path, &blob, found, why));
  if (*found != MD_CHECKPOINT_NONE) {
    expect_ok(md_blob_open(&blob, &inside));
    expect_ok(md_blob_get(&inside, &number, sizeof(number)));
  }
  expect_ok(md_blob_clear(&blob));
  return number;
}

static void expect_number(int number, md_checkpoint_found want)
{
  md_checkpoint_found found;

  assert_int_equal(read_number(&found), number);
  assert_int_equal(found, want);
}

static void put_file(const char *suffix, const void *data, size_t size)
{
  char name[700];
  FILE *out;

  snprintf(name, sizeof(name), "%s%s", path, suffix);
  out = fopen(name, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(data, 1, size, out), size);
  assert_int_equal(fclose(out), 0);
}

static PetscBool file_exists(const char *suffix)
{
  char name[700];

  snprintf(name, sizeof(name), "%s%s", path, suffix);
  return access(name, F_OK) == 0 ? PETSC_TRUE : PETSC_FALSE;
}

static void test_generations(void **state)
{
  (void)state;
  clear_folder();
  expect_number(-1, MD_CHECKPOINT_NONE);
  assert_string_equal(why, "");
  write_number(1, 0);
  expect_number(1, MD_CHECKPOINT_NEWEST);
  write_number(2, 100);
  write_number(3, 0);
  expect_number(3, MD_CHECKPOINT_NEWEST);
  assert_string_equal(why, "");
  expect(!file_exists(".new"), "nothing is left over");
  unlink(path);
  expect_number(2, MD_CHECKPOINT_PREVIOUS);
  expect(strstr(why, "run.ckpt: is missing"), why);
  write_number(4, 0); /* goes on from there */
  expect_number(4, MD_CHECKPOINT_NEWEST);
  unlink(path);
  expect_number(2, MD_CHECKPOINT_PREVIOUS);
}

/* Cut at every byte, prolonged, each bit turned: recognised, and the one before is used. */
static void test_damage(void **state)
{
  md_blob blob = numbered(2, 40);

  (void)state;
  clear_folder();
  write_number(1, 10);
  write_number(2, 40);
  for (size_t size = 0; size < blob.size; size++) {
    put_file("", blob.data, size);
    expect_number(1, MD_CHECKPOINT_PREVIOUS);
    expect(strstr(why, "run.ckpt: Saved state "), why);
  }
  for (size_t bit = 0; bit < 8 * blob.size; bit++) {
    blob.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    put_file("", blob.data, blob.size);
    expect_number(1, MD_CHECKPOINT_PREVIOUS);
    blob.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  put_file("", blob.data, blob.size);
  expect_number(2, MD_CHECKPOINT_NEWEST);
  expect_ok(md_blob_put(&blob, "", 1));
  put_file("", blob.data, blob.size);
  expect_number(1, MD_CHECKPOINT_PREVIOUS);
  expect(strstr(why, "run.ckpt: Saved state has 1 bytes too many"), why);
  expect_ok(md_blob_clear(&blob));
}

static void test_nothing_whole(void **state)
{
  md_checkpoint_found found;
  md_blob blob = {0};

  (void)state;
  clear_folder();
  put_file("", "abc", 3);
  put_file(".previous", "", 0);
  expect_error(PETSC_ERR_FILE_UNEXPECTED, md_checkpoint_file_read(path, &blob, &found, why));
  assert_int_equal(blob.size, 0);
  expect_ok(md_blob_clear(&blob));
}

/* What a process leaves that dies between two operations of a write. */
static void test_between_operations(void **state)
{
  md_blob next = numbered(3, 0), longer = numbered(0, 50);

  (void)state;
  clear_folder();
  write_number(1, 0);
  write_number(2, 0);
  for (size_t size = 0; size < next.size; size++) {
    put_file(".new", next.data, size);
    expect_number(2, MD_CHECKPOINT_NEWEST);
    assert_string_equal(why, "");
  }
  put_file(".new", next.data, next.size);
  expect_number(3, MD_CHECKPOINT_NEWEST);
  unlink(path);
  expect_number(3, MD_CHECKPOINT_NEWEST);
  put_file(".new", longer.data, longer.size - 1); /* more than the next one is long */
  write_number(4, 0);
  expect_number(4, MD_CHECKPOINT_NEWEST);
  clear_folder();
  put_file(".new", next.data, 5); /* killed in the first write of all */
  expect_number(-1, MD_CHECKPOINT_NONE);
  expect_ok(md_blob_clear(&next));
  expect_ok(md_blob_clear(&longer));
}

/* Writes 1, 2, ... and says which one is on the disk, until it is killed. */
static void write_for_ever(int pipe)
{
  for (int number = 1;; number++) {
    write_number(number, (size_t)(number * 7919 % 20000));
    if (write(pipe, &number, sizeof(number)) != sizeof(number)) _exit(1);
  }
}

static void kill_one(unsigned microseconds)
{
  int ends[2], acknowledged = 0, number, status;
  md_checkpoint_found found;
  pid_t child;

  clear_folder();
  assert_int_equal(pipe(ends), 0);
  child = fork();
  if (child == 0) write_for_ever(ends[1]);
  close(ends[1]);
  usleep(microseconds);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status));
  while (read(ends[0], &number, sizeof(number)) == sizeof(number)) acknowledged = number;
  close(ends[0]);
  number = read_number(&found);
  if (acknowledged == 0 && found == MD_CHECKPOINT_NONE) return;
  expect(number == acknowledged || number == acknowledged + 1,
         "what was acknowledged is there, or the next one");
  assert_int_equal(found, MD_CHECKPOINT_NEWEST);
}

static void test_killed(void **state)
{
  (void)state;
  srand(1);
  for (int k = 0; k < 60; k++) kill_one(1000 + (unsigned)(rand() % 15000));
}

/* No file may grow beyond 8 kB: the write fails, and what was there is there. */
static void test_no_room(void **state)
{
  struct rlimit old, small;
  md_blob large = numbered(3, 20000);

  (void)state;
  clear_folder();
  write_number(1, 0);
  write_number(2, 0);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  small = old;
  small.rlim_cur = 8192;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(PETSC_ERR_FILE_WRITE, md_checkpoint_file_write(path, &large));
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  expect(!file_exists(".new"), "the part that was written is removed");
  expect_number(2, MD_CHECKPOINT_NEWEST);
  expect_ok(md_checkpoint_file_write(path, &large));
  expect_number(3, MD_CHECKPOINT_NEWEST);
  expect_ok(md_blob_clear(&large));
}

static void test_refusals(void **state)
{
  md_blob blob = numbered(1, 0);

  (void)state;
  expect_error(PETSC_ERR_FILE_OPEN, md_checkpoint_file_write("/nowhere/at/all", &blob));
  blob.data[25] ^= 1;
  expect_error(PETSC_ERR_ARG_WRONG, md_checkpoint_file_write(path, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_error(PETSC_ERR_ARG_WRONG, md_checkpoint_file_write(path, &blob)); /* empty */
}

/* The real thing: a run goes on from the file as if nothing had happened, also from the one
   before. */
static void test_run(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot), *copy;
  md_checkpoint_found found;
  md_blob blob = {0};

  (void)state;
  clear_folder();
  for (int k = 0; k < 2; k++) {
    system_advance(run, 50);
    expect_ok(md_blob_clear(&blob));
    expect_ok(md_run_save(run, &blob));
    expect_ok(md_checkpoint_file_write(path, &blob));
  }
  put_file("", blob.data, blob.size - 1);
  expect_ok(md_run_create(md_run_atoms(run), pot, &copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_checkpoint_file_read(path, &blob, &found, why));
  assert_int_equal(found, MD_CHECKPOINT_PREVIOUS);
  expect_ok(md_run_load(copy, &blob));
  assert_int_equal(md_run_step(copy), md_run_step(run) - 50);
  system_advance(copy, 50);
  assert_memory_equal(md_run_atoms(copy)->x, md_run_atoms(run)->x, 96 * sizeof(PetscReal));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_generations, setup, teardown),
      cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
      cmocka_unit_test_setup_teardown(test_nothing_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(test_between_operations, setup, teardown),
      cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
      cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
      cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
      cmocka_unit_test_setup_teardown(test_run, setup, teardown),
  };
  return expect_main(argc, argv, help, tests);
}
