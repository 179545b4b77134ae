/* tests/unit/screening/test_screen_oracle.c */
#include "screening/screen_oracle.h"
#include "tests/support/expect.h"

#include "queue/queue_fault.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "Labels by programs that read and leave files\n";

static char home[] = "/tmp/liquidus-oracle-XXXXXX";
static screen_names species;

/* A good program: in.cfg with forces, an energy and a stress of its own. */
#define GOOD                                                                                       \
  "awk '/AtomData/ { print $0, \" fx fy fz\"; n = 1; next } "                                      \
  "/^ Feature/ || /^END/ { if (n == 1) print \" Energy\\n    -3.5\\n PlusStress:  xx yy zz yz xz " \
  "xy\\n    1 2 3 4 5 6\"; n = 2 } n == 1 { print $0, 0.5 * $1, -1, 0; next } { print }' in.cfg "  \
  ">out.cfg"

static double now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int setup(void **state)
{
  static const char *const name[] = {"Ca", "Cl"};

  (void)state;
  expect(mkdtemp(home) != NULL && chdir(home) == 0, "a folder");
  species.n = 2;
  for (int k = 0; k < 2; k++) {
    snprintf(species.text[k], sizeof(species.text[k]), "%s", name[k]);
    species.name[k] = species.text[k];
  }
  return 0;
}

static int teardown(void **state)
{
  char command[100];

  (void)state;
  snprintf(command, sizeof(command), "rm -rf %s", home);
  return chdir("/") || system(command);
}

/* Nothing of the test before. */
static void fresh(void)
{
  expect(system("rm -rf jobs labels.cfg events") == 0, "rm");
}

static PetscBool exists(const char *path)
{
  return (PetscBool)(access(path, F_OK) == 0);
}

static PetscBool holds(const char *path, const char *text)
{
  static char all[100000];
  FILE *from = fopen(path, "r");
  const size_t n = from ? fread(all, 1, sizeof(all) - 1, from) : 0;

  all[n] = 0;
  if (from) fclose(from);
  return (PetscBool)(strstr(all, text) != NULL);
}

/* `n` configurations of two atoms, ID conf-0, conf-1, ... */
static void make(PetscInt n, mtp_config_list *ask)
{
  ask->n = n;
  expect_ok(PetscCalloc1(n, &ask->config));
  for (PetscInt i = 0; i < n; i++) {
    mtp_config *c = &ask->config[i];
    char id[20];

    expect_ok(mtp_config_create(2, c));
    c->nlattice = 3;
    for (int a = 0; a < 3; a++) c->h[a][a] = 5.0 + 0.1 * (double)a;
    c->h[1][0] = 0.3;
    for (int a = 0; a < 6; a++) c->x[a] = 0.7 * (double)a + 1.0 / 3.0 + (double)i;
    c->type[1] = 1;
    snprintf(id, sizeof(id), "conf-%d", (int)i);
    expect_ok(mtp_config_set_feature(c, "ID", id));
    expect_ok(mtp_config_set_feature(c, "MV_grade", "3.25"));
    expect_ok(mtp_config_set_feature(c, "EFS_by", "potential"));
    c->has_energy = PETSC_TRUE; /* of a potential: not what the oracle is to see */
    c->energy = 77.0;
  }
}

static PetscErrorCode note_line(void *context, const char *line)
{
  FILE *out = fopen("events", "a");

  (void)context;
  if (!out) return PETSC_ERR_FILE_OPEN;
  fprintf(out, "%s\n", line);
  fclose(out);
  return 0;
}

static screen_oracle oracle_of(const char *command)
{
  return (screen_oracle){.command = (char *)(uintptr_t)command,
                         .home = home,
                         .time_limit = 20.0,
                         .tries = 2,
                         .jobs = 1};
}

static screen_oracle_count ask_for(const screen_oracle *oracle, PetscInt n)
{
  mtp_config_list ask = {0};
  screen_oracle_count count;

  make(n, &ask);
  expect_ok(
      screen_oracle_label(oracle, &ask, &species, "jobs", "labels.cfg", note_line, NULL, &count));
  expect_ok(mtp_config_list_clear(&ask));
  return count;
}

static void expect_count(screen_oracle_count c, PetscInt done, PetscInt before, PetscInt failed)
{
  if (c.done != done || c.before != before || c.failed != failed)
    fail_msg("got %d done, %d before, %d failed, wanted %d, %d, %d", (int)c.done, (int)c.before,
             (int)c.failed, (int)done, (int)before, (int)failed);
}

static void expect_labels(PetscInt n)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_cfg_read("labels.cfg", &list, &diag));
  expect(diag.n == 0, diag.n ? diag.text[0] : "");
  assert_int_equal(list.n, n);
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_diag_clear(&diag));
}

static void test_success(void **state)
{
  const screen_oracle oracle = oracle_of(GOOD);
  mtp_config_list ask = {0}, got = {0};
  mtp_diag diag = {0};
  screen_oracle_count count;

  (void)state;
  fresh();
  make(2, &ask);
  expect_ok(
      screen_oracle_label(&oracle, &ask, &species, "jobs", "labels.cfg", note_line, NULL, &count));
  expect_count(count, 2, 0, 0);
  assert_int_equal(count.asked, 2);
  expect(count.seconds > 0.0, "seconds");
  expect_ok(mtp_cfg_read("labels.cfg", &got, &diag));
  assert_int_equal(diag.n, 0);
  assert_int_equal(got.n, 2);
  for (PetscInt i = 0; i < 2; i++) {
    const mtp_config *c = &got.config[i], *a = &ask.config[i];

    expect(!memcmp(c->x, a->x, 6 * sizeof(PetscReal)), "positions to the last bit");
    expect(!memcmp(c->h, a->h, sizeof(c->h)), "cell to the last bit");
    expect(c->type[0] == 0 && c->type[1] == 1, "types");
    expect_abs(c->energy, -3.5, 0.0, "energy");
    expect_abs(c->force[3], 1.0, 0.0, "force");
    expect_abs(c->stress[5], 6.0, 0.0, "stress");
    assert_string_equal(mtp_config_feature(c, "ID"), mtp_config_feature(a, "ID"));
    assert_string_equal(mtp_config_feature(c, "MV_grade"), "3.25");
    assert_string_equal(mtp_config_feature(c, "EFS_by"), "oracle");
    assert_string_equal(mtp_config_feature(c, "oracle_command"), GOOD);
    assert_string_equal(mtp_config_feature(c, "oracle_tries"), "1");
    expect(mtp_config_feature(c, "oracle_seconds") != NULL, "oracle_seconds");
  }
  expect(!exists("jobs/conf-0") && !exists("jobs/conf-1"), "folders are removed after success");
  expect(holds("events", "conf-0: start, try 1 of 2\n"), "start is told");
  expect(holds("events", "conf-1: done in "), "done is told");
  expect(holds("events", " s, energy -3.500000 eV\n"), "with the energy");
  expect_ok(mtp_config_list_clear(&ask));
  expect_ok(mtp_config_list_clear(&got));
}

/* The other pair of files; the program finds its own folder by a variable. */
static void test_xyz(void **state)
{
  FILE *script = fopen("good.sh", "w");
  const screen_oracle oracle = oracle_of("sh \"$LIQUIDUS_ORACLE_HOME\"/good.sh");

  (void)state;
  fresh();
  expect(script != NULL, "a script");
  fprintf(script, "awk 'NR == 2 { sub(/species:S:1:pos:R:3/, \"species:S:1:pos:R:3:forces:R:3\");\n"
                  "print $0, \"energy=-1.5 virial=\\\"1 0 0 0 2 0 0 0 3\\\"\"; next }\n"
                  "NR > 2 { print $0, 1, 2, 3; next } { print }' in.xyz >out.xyz\n"
                  "! grep -q 'energy=77' in.xyz\n");
  fclose(script);
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
  expect(holds("labels.cfg", "-1.5"), "energy");
  expect_labels(1);
}

static void test_second_try(void **state)
{
  const screen_oracle oracle =
      oracle_of("test -e ../../been || { touch ../../been; echo no license >&2; exit 3; }; " GOOD);

  (void)state;
  fresh();
  expect_count(ask_for(&oracle, 2), 2, 0, 0);
  expect(holds("events", "conf-0: try 1 of 2 failed: exit code 3\n"), "the first try is told");
  expect(holds("labels.cfg", "oracle_tries\t2"), "tries are kept");
  expect_labels(2);
}

static void test_given_up(void **state)
{
  const screen_oracle bad = oracle_of("echo no license >&2; exit 3"), good = oracle_of(GOOD);

  (void)state;
  fresh();
  expect_count(ask_for(&bad, 2), 0, 0, 2);
  expect(holds("jobs/failed", "conf-0 2 exit code 3\nconf-1 2 exit code 3\n"), "the list");
  expect(holds("jobs/conf-1/err", "no license"), "what it printed stays");
  expect(holds("events", "conf-1: failed (2 tries): exit code 3\n"), "it is told");
  expect_count(ask_for(&good, 2), 0, 2, 0); /* given up is given up */
  expect(system("rm jobs/failed") == 0, "rm");
  expect_count(ask_for(&good, 2), 2, 0, 0);
  expect(!exists("jobs/conf-1"), "and then nothing of it is left");
}

/* Each of them with its reason, in FOLDER/failed. */
static void test_refusals(void **state)
{
  static const struct {
    const char *command, *why;
  } bad[] = {
      {"true", "got neither out.cfg nor out.xyz"},
      {"cp in.cfg out.cfg", "out.cfg: got no energy"},
      {GOOD "; sed -i /conf-0/q out.cfg", "out.cfg:16: the file ends inside"},
      {GOOD "; cat out.cfg out.cfg >x; mv x out.cfg", "out.cfg: got 2 configurations, wanted one"},
      {GOOD "; sed -i 's/^ *1 0 /    1 1 /' out.cfg", "out.cfg: atom 1: got type 1, wanted 0"},
      {GOOD "; sed -i 's/ 5.2000000/ 5.2000020/' out.cfg", "out.cfg: got another cell than in.cfg"},
      {GOOD "; sed -i 's/ 2.4333333/ 2.4333500/' out.cfg",
       "out.cfg: atom 2: got a position 1.67e-05 A from that of in.cfg"},
      {GOOD "; sed -i 's/-3.5/nan/' out.cfg", "out.cfg:12: "},
      {"echo 1 >out.cfg; kill -9 $$", "signal 9"},
      {"cat >/dev/null; exit 7", "exit code 7"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    screen_oracle oracle = oracle_of(bad[k].command);

    fresh();
    oracle.tries = 1;
    expect_count(ask_for(&oracle, 1), 0, 0, 1);
    if (!holds("jobs/failed", bad[k].why)) {
      expect(system("cat jobs/failed jobs/conf-0/out.cfg") == 0, "cat");
      fail_msg("wanted '%s'", bad[k].why);
    }
    expect(!holds("labels.cfg", "BEGIN"), "no label");
  }
}

/* A difference of 5e-7 is none; a force beyond the limit is not tried again. */
static void test_limits(void **state)
{
  screen_oracle oracle = oracle_of(GOOD "; sed -i 's/ 2.4333333/ 2.4333338/' out.cfg");

  (void)state;
  fresh();
  oracle.max_force = 1.42; /* sqrt(2) is the larger one */
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
  fresh();
  oracle.max_force = 1.41;
  expect_count(ask_for(&oracle, 1), 0, 0, 1);
  expect(holds("jobs/failed", "conf-0 1 got a force of 1.414 eV/A, wanted at most 1.41\n"),
         "reason, one try");
  fresh();
  oracle.max_force = 0.0;
  oracle.max_net_force = 1.26; /* of (1.5, -2, 0) on two atoms: 1.25 */
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
  fresh();
  oracle.max_net_force = 1.24;
  expect_count(ask_for(&oracle, 1), 0, 0, 1);
  expect(holds("jobs/failed", "conf-0 1 got forces whose sum is "), "reason, one try");
}

static PetscBool is_gone(const char *file)
{
  FILE *from = fopen(file, "r");
  int pid = 0;

  expect(from && fscanf(from, "%d", &pid) == 1 && pid > 1, file);
  fclose(from);
  return (PetscBool)(kill(pid, 0) != 0 && errno == ESRCH);
}

static void test_time_limit(void **state)
{
  screen_oracle oracle =
      oracle_of("trap '' TERM; sleep 100 & echo $! >../../child; echo $$ >../../shell; echo here; "
                "wait");
  const double begun = now();

  (void)state;
  fresh();
  oracle.tries = 1;
  oracle.time_limit = 0.3;
  expect_count(ask_for(&oracle, 1), 0, 0, 1);
  expect(now() - begun < 10.0, "it is ended");
  expect(holds("jobs/failed", "conf-0 1 timed out after 0.3 s\n"), "reason");
  expect(holds("jobs/conf-0/out", "here"), "what it printed stays");
  expect(is_gone("child") && is_gone("shell"), "the whole group is gone, and no zombie of it");
  expect(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child of this process is left");
}

/* Two at once: each waits for the other. */
static void test_jobs(void **state)
{
  screen_oracle oracle =
      oracle_of("touch ../../$(basename \"$PWD\"); for i in $(seq 40); do "
                "test -e ../../conf-0 && test -e ../../conf-1 && break; sleep 0.05; done; "
                "test -e ../../conf-0 && test -e ../../conf-1 || exit 1; " GOOD);

  (void)state;
  fresh();
  oracle.tries = 1;
  oracle.jobs = 2;
  expect_count(ask_for(&oracle, 2), 2, 0, 0);
  fresh();
  expect(system("rm conf-0 conf-1") == 0, "rm");
  oracle.jobs = 1;
  expect_count(ask_for(&oracle, 1), 0, 0, 1); /* alone it waits in vain */
}

/* MPI's variables would make a program of MPI take itself for a rank of this job. */
static void test_environment(void **state)
{
  screen_oracle oracle = oracle_of("env | grep -E '^(PMI_|PMIX_|HYD)' && exit 1; "
                                   "test \"$OTHER\" = kept || exit 2; read x && exit 3; " GOOD);

  (void)state;
  fresh();
  setenv("PMI_RANK", "0", 1);
  setenv("HYDI_CONTROL_FD", "0", 1);
  setenv("OTHER", "kept", 1);
  oracle.tries = 1;
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
  unsetenv("PMI_RANK");
  unsetenv("HYDI_CONTROL_FD");
}

/* Wherever the last label was cut by a kill, it alone is asked for again. */
static void test_half_written(void **state)
{
  const screen_oracle oracle = oracle_of(GOOD);
  struct stat what;
  off_t first, whole;

  (void)state;
  fresh();
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
  expect(!stat("labels.cfg", &what), "stat");
  first = what.st_size;
  expect_count(ask_for(&oracle, 2), 1, 1, 0);
  expect(!stat("labels.cfg", &what), "stat");
  whole = what.st_size;
  for (off_t end = first + 1; end < whole; end += PetscMax(1, (whole - first) / 12)) {
    expect(!truncate("labels.cfg", end), "truncate");
    expect_count(ask_for(&oracle, 2), 1, 1, 0);
    expect_labels(2);
  }
  expect(!truncate("labels.cfg", whole - 2), "END_CFG without its newline");
  expect_count(ask_for(&oracle, 3), 1, 2, 0);
  expect_labels(3);
  expect(!truncate("labels.cfg", 3 * whole), "zeros behind the last label");
  expect_count(ask_for(&oracle, 3), 0, 3, 0);
  expect_labels(3);
  expect(system("printf 'conf-3 2 exit cod' >>jobs/failed") == 0, "half a line");
  expect_count(ask_for(&oracle, 4), 1, 3, 0);
  expect(system("echo rubbish >>labels.cfg") == 0, "something else");
  {
    mtp_config_list ask = {0};

    make(1, &ask);
    expect_error(PETSC_ERR_FILE_UNEXPECTED, screen_oracle_label(&oracle, &ask, &species, "jobs",
                                                                "labels.cfg", NULL, NULL, NULL));
    expect_ok(mtp_config_list_clear(&ask));
  }
  expect(holds("labels.cfg", "rubbish"), "which is not cut off");
}

/* A disk that is full in the middle of a label: an error, the label is cut off, and asked for in
   the next call. */
static void test_disk_full(void **state)
{
  const screen_oracle oracle = oracle_of(GOOD);
  const queue_fault full = {.kind = QUEUE_FAULT_ERROR, .nth = 6, .error = ENOSPC, .bytes = 100};
  mtp_config_list ask = {0};
  PetscBool hit;

  (void)state;
  fresh();
  make(1, &ask);
  /* operations: open, open, of empty files; then the label's write and sync */
  for (long nth = 3; nth <= 4; nth++) {
    queue_fault fault = full;

    fault.nth = nth;
    queue_fault_arm(&fault);
    expect_error(PETSC_ERR_FILE_WRITE, screen_oracle_label(&oracle, &ask, &species, "jobs",
                                                           "labels.cfg", NULL, NULL, NULL));
    queue_fault_disarm(&hit);
    expect(hit, "the fault was met");
    expect(!holds("labels.cfg", "B"), "nothing is left of it");
  }
  expect_ok(mtp_config_list_clear(&ask));
  expect_count(ask_for(&oracle, 1), 1, 0, 0);
}

/* Killed by SIGKILL while two jobs run: they end, too, and the next call goes on. */
static void test_killed(void **state)
{
  screen_oracle slow = oracle_of("echo $$ >../../$(basename \"$PWD\").pid; sleep 100 & wait");
  const screen_oracle good = oracle_of(GOOD);
  pid_t pid;
  int status;

  (void)state;
  fresh();
  expect_count(ask_for(&good, 1), 1, 0, 0);
  slow.jobs = 2;
  pid = fork();
  if (pid == 0) {
    (void)ask_for(&slow, 3);
    _exit(0);
  }
  for (int k = 0; k < 500 && !(holds("conf-1.pid", "\n") && holds("conf-2.pid", "\n")); k++)
    usleep(10000);
  expect(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid, "killed");
  for (int k = 0; k < 500 && !(is_gone("conf-1.pid") && is_gone("conf-2.pid")); k++) usleep(10000);
  expect(is_gone("conf-1.pid") && is_gone("conf-2.pid"), "the jobs end with it");
  expect_count(ask_for(&good, 3), 2, 1, 0);
  expect_labels(3);
}

static void test_ids(void **state)
{
  static const char *const bad[] = {"", "../x", ".x", "-x", "a b", "failed"};
  const screen_oracle oracle = oracle_of(GOOD);
  mtp_config_list ask = {0};

  (void)state;
  fresh();
  make(2, &ask);
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    expect_ok(mtp_config_set_feature(&ask.config[1], "ID", bad[k]));
    expect_error(PETSC_ERR_ARG_WRONG, screen_oracle_label(&oracle, &ask, &species, "jobs",
                                                          "labels.cfg", NULL, NULL, NULL));
  }
  expect_ok(mtp_config_set_feature(&ask.config[1], "ID", "conf-0"));
  expect_error(PETSC_ERR_ARG_WRONG, screen_oracle_label(&oracle, &ask, &species, "jobs",
                                                        "labels.cfg", NULL, NULL, NULL));
  expect_error(PETSC_ERR_FILE_OPEN,
               screen_oracle_label(&oracle, &(mtp_config_list){0}, &species, "no/such/place",
                                   "labels.cfg", NULL, NULL, NULL));
  expect(!exists("jobs"), "nothing was made");
  expect_ok(mtp_config_list_clear(&ask));
}

/* An error of the listener ends the jobs and the call. */
static PetscErrorCode stop(void *context, const char *line)
{
  (void)context;
  return strstr(line, "start") ? PETSC_ERR_USER : 0;
}

static void test_stopped(void **state)
{
  const screen_oracle oracle = oracle_of("sleep 100");
  const double begun = now();
  mtp_config_list ask = {0};

  (void)state;
  fresh();
  make(1, &ask);
  expect_error(PETSC_ERR_USER, screen_oracle_label(&oracle, &ask, &species, "jobs", "labels.cfg",
                                                   stop, NULL, NULL));
  expect(now() - begun < 10.0, "the job is ended");
  expect_ok(mtp_config_list_clear(&ask));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_success, setup),
      cmocka_unit_test(test_xyz),
      cmocka_unit_test(test_second_try),
      cmocka_unit_test(test_given_up),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_time_limit),
      cmocka_unit_test(test_jobs),
      cmocka_unit_test(test_environment),
      cmocka_unit_test(test_half_written),
      cmocka_unit_test(test_disk_full),
      cmocka_unit_test(test_killed),
      cmocka_unit_test(test_ids),
      cmocka_unit_test_teardown(test_stopped, teardown),
  };

  return expect_main(argc, argv, help, tests);
}
