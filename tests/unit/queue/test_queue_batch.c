/* tests/unit/queue/test_queue_batch.c - scripts of batch jobs, and handing them in to stand-ins */
#include "queue/queue_batch.h"
#include "tests/support/expect.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "Scripts of batch jobs\n";
static char folder[64]; /* of this test, under /tmp */

static int make_folder(void **state)
{
  (void)state;
  (void)snprintf(folder, sizeof(folder), "/tmp/queue-batch.XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  char command[128];

  (void)state;
  (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
  return system(command);
}

static void path_of(const char *name, size_t size, char path[])
{
  (void)snprintf(path, size, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
  char path[128];
  FILE *to;

  path_of(name, sizeof(path), path);
  to = fopen(path, "w");
  assert_non_null(to);
  assert_true(fputs(text, to) >= 0);
  assert_int_equal(fclose(to), 0);
  assert_int_equal(chmod(path, 0755), 0);
}

/* "" as long as there is no such file */
static void read_file(const char *name, size_t size, char text[])
{
  char path[128];
  FILE *from;
  size_t n = 0;

  path_of(name, sizeof(path), path);
  from = fopen(path, "r");
  if (from) {
    n = fread(text, 1, size - 1, from);
    (void)fclose(from);
  }
  text[n] = 0;
}

static queue_batch_job plain_job(queue_batch_system system)
{
  return (queue_batch_job){.system = system,
                           .name = "Ca Cu/2",
                           .nodes = 3,
                           .tasks = 32,
                           .walltime = 45296.0,
                           .margin = 120.0,
                           .partition = "standard",
                           .account = "chem",
                           .memory = "4G",
                           .directives = "--mail-type=END\n--constraint=zen4",
                           .setup = "module load mpich",
                           .folder = folder,
                           .output = "/there/job.out",
                           .environment = "LIQUIDUS_BATCH=7:0",
                           .work = "true",
                           .again = "true"};
}

static void expect_lines(const queue_batch_job *job, int n, const char *const line[])
{
  char *text;

  expect_ok(queue_batch_script(job, &text));
  for (int i = 0; i < n; i++) {
    const char *found = strstr(text, line[i]);

    if (!found || found[strlen(line[i])] != '\n') fail_msg("no line '%s' in\n%s", line[i], text);
  }
  expect_ok(PetscFree(text));
}

static void test_directives(void **state)
{
  static const char *const slurm[] = {"#SBATCH --job-name=Ca_Cu_2",
                                      "#SBATCH --nodes=3",
                                      "#SBATCH --ntasks-per-node=32",
                                      "#SBATCH --time=12:34:56",
                                      "#SBATCH --signal=B:USR1@120",
                                      "#SBATCH --partition=standard",
                                      "#SBATCH --account=chem",
                                      "#SBATCH --mem=4G",
                                      "#SBATCH --output=/there/job.out",
                                      "#SBATCH --open-mode=append",
                                      "#SBATCH --mail-type=END",
                                      "#SBATCH --constraint=zen4",
                                      "module load mpich",
                                      "export LIQUIDUS_BATCH=7:0"};
  static const char *const pbs[] = {"#PBS -N Ca_Cu_2",
                                    "#PBS -l select=3:ncpus=32:mpiprocs=32:mem=4G",
                                    "#PBS -l walltime=12:34:56",
                                    "#PBS -q standard",
                                    "#PBS -A chem",
                                    "#PBS -j oe",
                                    "#PBS -o /there/job.out"};
  static const char *const torque[] = {"#PBS -l nodes=3:ppn=32", "#PBS -l mem=4G"};
  queue_batch_job job = plain_job(QUEUE_BATCH_SLURM);

  (void)state;
  expect_lines(&job, sizeof(slurm) / sizeof(slurm[0]), slurm);
  job.system = QUEUE_BATCH_PBS;
  expect_lines(&job, sizeof(pbs) / sizeof(pbs[0]), pbs);
  job.system = QUEUE_BATCH_TORQUE;
  expect_lines(&job, sizeof(torque) / sizeof(torque[0]), torque);
}

static void test_refused(void **state)
{
  queue_batch_job job = plain_job(QUEUE_BATCH_SLURM);
  char *text = NULL;

  (void)state;
  job.account = "chem\n#SBATCH --nodes=1000";
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, queue_batch_script(&job, &text));
  job = plain_job(QUEUE_BATCH_SLURM);
  job.margin = job.walltime;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, queue_batch_script(&job, &text));
  job = plain_job(QUEUE_BATCH_SLURM);
  job.nodes = 0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, queue_batch_script(&job, &text));
}

/* Words come through a shell as they were. */
static void test_quote(void **state)
{
  static const char *const word[] = {"plain", "with space", "it's", "$(rm -rf x)`y`\"z\"\\", ""};
  char command[256], said[256], *quoted;

  (void)state;
  for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
    FILE *from;
    size_t n;

    expect_ok(queue_batch_quote(word[i], &quoted));
    (void)snprintf(command, sizeof(command), "printf %%s %s", quoted);
    expect_ok(PetscFree(quoted));
    from = popen(command, "r");
    assert_non_null(from);
    n = fread(said, 1, sizeof(said) - 1, from);
    said[n] = 0;
    assert_int_equal(pclose(from), 0);
    assert_string_equal(said, word[i]);
  }
}

/* Exit code of the script of a local job whose work and successor are these commands */
static int run_script(const char *work, const char *again)
{
  queue_batch_job job = plain_job(QUEUE_BATCH_LOCAL);
  char path[128], command[160], *text;

  job.work = work;
  job.again = again;
  job.setup = "";
  expect_ok(queue_batch_script(&job, &text));
  write_file("job.sh", text);
  expect_ok(PetscFree(text));
  path_of("job.sh", sizeof(path), path);
  (void)snprintf(command, sizeof(command), "sh %s", path);
  return WEXITSTATUS(system(command));
}

static void test_codes(void **state)
{
  char text[64];

  (void)state;
  assert_int_equal(run_script("true", "touch again"), 0);
  assert_int_equal(run_script("sh -c 'exit 1'", "touch again"), 1);
  read_file("again", sizeof(text), text);
  assert_string_equal(text, "");
  assert_int_equal(run_script("sh -c 'exit 75'", "sh -c 'echo went on > again'"), 0);
  read_file("again", sizeof(text), text);
  assert_string_equal(text, "went on\n");
  assert_int_equal(run_script("sh -c 'exit 75'", "sh -c 'exit 3'"), 3);
  assert_int_equal(
      run_script("sh -c '[ $LIQUIDUS_BATCH = 7:0 ] && [ $(($LIQUIDUS_DEADLINE - $(date +%s))) "
                 "-ge 45170 ]'",
                 "true"),
      0);
}

static void wait_for(const char *name, const char *what)
{
  const struct timespec nap = {.tv_nsec = 20000000};
  char text[256];

  for (int i = 0; i < 1000; i++) {
    read_file(name, sizeof(text), text);
    if (strstr(text, what)) return;
    nanosleep(&nap, NULL);
  }
  fail_msg("'%s' never came into %s; it has '%s'", what, name, text);
}

/* A local job in the background whose work is this script, begun; returns its process. */
static pid_t begin_job(const char *work)
{
  queue_batch_job job = plain_job(QUEUE_BATCH_LOCAL);
  char script[128], output[128], id[64], error[256], *text;

  write_file("work.sh", work);
  path_of("job.sh", sizeof(script), script);
  path_of("job.out", sizeof(output), output);
  job.setup = "";
  job.output = output;
  job.work = "sh work.sh";
  job.again = "echo handed in";
  expect_ok(queue_batch_script(&job, &text));
  write_file("job.sh", text);
  expect_ok(PetscFree(text));
  expect_ok(queue_batch_submit(QUEUE_BATCH_LOCAL, script, output, id, error));
  assert_string_equal(error, "");
  wait_for("job.out", "begun");
  return (pid_t)strtol(id, NULL, 10);
}

/* The warning reaches the work, which stops and is continued. */
static void test_signal(void **state)
{
  const pid_t job =
      begin_job("trap 'echo warned; exit 75' USR1\necho begun\nwhile :; do sleep 0.1; done\n");

  (void)state;
  assert_int_equal(kill(job, SIGUSR1), 0);
  wait_for("job.out", "warned\nhanded in\n");
}

/* Somebody ends the job: the work hears it, and no successor is handed in. */
static void test_ended(void **state)
{
  const pid_t job =
      begin_job("trap 'echo ended; exit 75' TERM\necho begun\nwhile :; do sleep 0.1; done\n");
  const struct timespec nap = {.tv_nsec = 300000000};
  char said[256];

  (void)state;
  assert_int_equal(kill(job, SIGTERM), 0);
  wait_for("job.out", "ended");
  for (int i = 0; i < 100 && kill(job, 0) == 0; i++) nanosleep(&nap, NULL);
  read_file("job.out", sizeof(said), said);
  assert_string_equal(said, "begun\nended\n");
}

/* Stand-ins for sbatch and qsub that come first in PATH */
static void test_commands(void **state)
{
  char path[1024], id[64], error[256];
  const char *old = getenv("PATH");

  (void)state;
  (void)snprintf(path, sizeof(path), "%s:%s", folder, old);
  assert_int_equal(setenv("PATH", path, 1), 0);
  write_file("sbatch", "#!/bin/sh\n[ \"$1\" = --parsable ] && [ \"$2\" = /x/job.sh ] || exit 9\n"
                       "echo Welcome\necho '4711;north'\n");
  write_file("qsub", "#!/bin/sh\necho 'qsub: no such queue' >&2\nexit 1\n");
  expect_ok(queue_batch_submit(QUEUE_BATCH_SLURM, "/x/job.sh", NULL, id, error));
  assert_string_equal(id, "4711");
  assert_string_equal(error, "");
  expect_ok(queue_batch_submit(QUEUE_BATCH_PBS, "/x/job.sh", NULL, id, error));
  assert_string_equal(id, "");
  assert_string_equal(error, "qsub: no such queue");
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  expect_ok(queue_batch_submit(QUEUE_BATCH_SLURM, "/x/job.sh", NULL, id, error));
  assert_non_null(strstr(error, "sbatch cannot be started"));
  (void)snprintf(path, sizeof(path), "%s", strchr(path, ':') + 1);
  assert_int_equal(setenv("PATH", path, 1), 0);
}

/* Paths are quoted only where they have to be; sbatch would put the job's number for %j. */
static void test_paths(void **state)
{
  static const struct {
    queue_batch_system system;
    const char *path, *line;
  } cases[] = {{QUEUE_BATCH_SLURM, "/a/b.out", "#SBATCH --output=/a/b.out\n"},
               {QUEUE_BATCH_SLURM, "/a b/%j.out", "#SBATCH --output=\"/a b/%%j.out\"\n"},
               {QUEUE_BATCH_SLURM, "/a\"b\\", "#SBATCH --output=\"/a\\\"b\\\\\"\n"},
               {QUEUE_BATCH_PBS, "/a b/%j", "#PBS -o \"/a b/%j\"\n"}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    queue_batch_job job = plain_job(cases[i].system);
    char *text;

    job.output = cases[i].path;
    expect_ok(queue_batch_script(&job, &text));
    if (!strstr(text, cases[i].line)) fail_msg("no line '%s' in\n%s", cases[i].line, text);
    expect_ok(PetscFree(text));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_directives),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_quote),
      cmocka_unit_test(test_paths),
      cmocka_unit_test_setup_teardown(test_codes, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_signal, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_ended, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_commands, make_folder, remove_folder)};

  (void)snprintf(folder, sizeof(folder), "/tmp");
  return expect_main(argc, argv, help, tests);
}
