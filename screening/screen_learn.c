/* screening/screen_learn.c - the loop of active learning; its state is its folder (screen_learn.h)
 */
#include "screening/screen_learn.h"

#include "screening/screen_child.h"
#include "screening/screen_cli.h"
#include "screening/screen_directory.h"
#include "screening/screen_run.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char verb[] = "train";

typedef struct {
  const char *file; /* TRAIN.yaml */
  const screen_train *train;
  screen_directory directory;
  PetscInt round;
} loop;

/* FOLDER/round-k SUFFIX; of seeds, which are round -1, FOLDER/seeds SUFFIX */
static const char *round_path(const screen_train *train, PetscInt round, const char *suffix,
                              char path[SCREEN_PATH_MAX])
{
  if (round < 0)
    snprintf(path, SCREEN_PATH_MAX, "%s/seeds%s", train->loop.folder, suffix);
  else
    snprintf(path, SCREEN_PATH_MAX, "%s/round-%" PetscInt_FMT "%s", train->loop.folder, round,
             suffix);
  return path;
}

static const char *labels_path(const screen_train *train, char path[SCREEN_PATH_MAX])
{
  snprintf(path, SCREEN_PATH_MAX, "%s/labels.cfg", train->loop.folder);
  return path;
}

/* The file of labels, and whether there are any: it may be empty. */
static PetscBool has_labels(const screen_train *train, char path[SCREEN_PATH_MAX])
{
  struct stat file;

  return (PetscBool)(stat(labels_path(train, path), &file) == 0 && file.st_size > 0);
}

static PetscBool is_there(const char *path)
{
  return (PetscBool)(access(path, F_OK) == 0);
}

/* One line to the log and to the terminal. */
static PetscErrorCode say(loop *l, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static PetscErrorCode say(loop *l, const char *event, const char *format, ...)
{
  char text[1024];
  va_list arguments;

  PetscFunctionBegin;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  PetscCall(
      screen_directory_log(&l->directory, event, "round=%" PetscInt_FMT " %s", l->round, text));
  printf("round %" PetscInt_FMT ": %s: %s\n", l->round, event, text);
  fflush(stdout);
  PetscFunctionReturn(0);
}

static void beat(void *context)
{
  loop *l = context;

  screen_directory_beat(&l->directory);
}

/* The fit -------------------------------------------------------------------------------------- */

/* Of a label's features ID and tag are kept: how long the oracle took must not reach the active
   set, whose bytes decide about random numbers of the campaign. */
static PetscErrorCode keep_names(mtp_config *config)
{
  PetscInt kept = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < config->nfeature; k++) {
    mtp_feature *f = &config->feature[k];

    if (!strcmp(f->key, "ID") || !strcmp(f->key, "tag")) {
      config->feature[kept++] = *f;
      continue;
    }
    PetscCall(PetscFree(f->key));
    PetscCall(PetscFree(f->value));
  }
  config->nfeature = kept;
  PetscFunctionReturn(0);
}

static PetscErrorCode add_labels(screen_train *train, mtp_diag *diag)
{
  char path[SCREEN_PATH_MAX];
  mtp_config_list *list;

  PetscFunctionBegin;
  if (!has_labels(train, path)) PetscFunctionReturn(0);
  PetscCall(screen_train_add(train, path, diag));
  list = &train->data.list[train->data.nfile - 1];
  for (PetscInt c = 0; c < list->n; c++) PetscCall(keep_names(&list->config[c]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn_round(screen_train *train, PetscInt round, mtp_diag *diag)
{
  char path[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  if (round > 0) {
    PetscCall(PetscFree(train->start));
    PetscCall(PetscStrallocpy(round_path(train, round - 1, ".almtp", path), &train->start));
    train->starts = 1;
    train->raised = PETSC_FALSE;
  }
  PetscCall(PetscFree(train->out));
  PetscCall(PetscStrallocpy(round_path(train, round, ".new.almtp", path), &train->out));
  PetscCall(add_labels(train, diag));
  PetscFunctionReturn(0);
}

static PetscErrorCode move_file(const char *from, const char *to)
{
  PetscFunctionBegin;
  PetscCheck(!rename(from, to), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s to %s: %s", from, to,
             strerror(errno));
  PetscFunctionReturn(0);
}

/* round-k.almtp, fitted where it is not there yet. */
static PetscErrorCode fit(loop *l, screen_exit *code)
{
  char number[32], made[SCREEN_PATH_MAX], path[SCREEN_PATH_MAX];
  const char *const argv[] = {verb, l->file, "--round", number, NULL};

  PetscFunctionBegin;
  if (is_there(round_path(l->train, l->round, ".almtp", path))) PetscFunctionReturn(0);
  snprintf(number, sizeof(number), "%" PetscInt_FMT, l->round);
  PetscCall(say(l, "fit", "ranks=%" PetscInt_FMT, l->train->loop.ranks));
  PetscCall(screen_child_run(l->train->loop.ranks, argv, NULL, beat, l, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(move_file(round_path(l->train, l->round, ".new.almtp", made), path));
  PetscFunctionReturn(0);
}

/* A copy that is there as a whole or not at all. */
static PetscErrorCode copy_file(const char *from, const char *to)
{
  char beside[SCREEN_PATH_MAX], bytes[65536];
  FILE *in = fopen(from, "re"), *out;
  size_t n;
  int failed;

  PetscFunctionBegin;
  PetscCheck(in, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", from, strerror(errno));
  snprintf(beside, sizeof(beside), "%s.new", to);
  out = fopen(beside, "we");
  while (out && (n = fread(bytes, 1, sizeof(bytes), in)) > 0) (void)fwrite(bytes, 1, n, out);
  failed = !out || ferror(in) || ferror(out);
  if (out) failed |= fclose(out);
  fclose(in);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", beside, strerror(errno));
  PetscCall(move_file(beside, to));
  PetscFunctionReturn(0);
}

/* The campaign --------------------------------------------------------------------------------- */

/* Dynamics with this round's potential; points that fail are what is looked for. */
static PetscErrorCode explore(loop *l, screen_exit *code)
{
  char ranks[32], directory[SCREEN_PATH_MAX], path[SCREEN_PATH_MAX];
  const char *const argv[] = {
      "run", l->train->loop.campaign, "--out", directory, "-n", ranks, "--wait", "60", "--quiet",
      NULL};

  PetscFunctionBegin;
  PetscCall(copy_file(round_path(l->train, l->round, ".almtp", path), l->train->out));
  round_path(l->train, l->round, "", directory);
  snprintf(ranks, sizeof(ranks), "%" PetscInt_FMT, l->train->loop.ranks);
  PetscCall(say(l, "run", "directory=%s", directory));
  PetscCall(screen_child_run(1, argv, "/dev/null", beat, l, code));
  if (*code == SCREEN_EXIT_PARTIAL) *code = SCREEN_EXIT_DONE;
  PetscFunctionReturn(0);
}

/* Frames of which none can be asked about are no success, and will be none the next time. */
static PetscErrorCode check_found(loop *l, const screen_learn_found *found, PetscInt asked,
                                  screen_exit *code)
{
  char directory[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  PetscCall(say(l, "ask",
                "frames=%" PetscInt_FMT " too_near=%" PetscInt_FMT " selected=%" PetscInt_FMT
                " asked=%" PetscInt_FMT " grade=%.2f",
                found->frames, found->near, found->selected, asked, (double)found->grade));
  if (asked > 0 || found->frames == 0) PetscFunctionReturn(0);
  fprintf(stderr,
          "liquidus train: the dynamics in %s ended early or extrapolated, but none of the "
          "%" PetscInt_FMT
          " frames is new and without atoms closer than %.2f A: nothing to ask about\n",
          round_path(l->train, l->round, "", directory), found->frames, (double)found->nearest);
  *code = SCREEN_EXIT_PARTIAL;
  PetscFunctionReturn(0);
}

static PetscErrorCode write_asked(const loop *l, const mtp_config_list *list, screen_exit *code)
{
  char made[SCREEN_PATH_MAX], path[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  round_path(l->train, l->round, ".new.cfg", made);
  PetscCall(screen_config_write(verb, list, made, PETSC_FALSE, &l->train->species, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(move_file(made, round_path(l->train, l->round, ".cfg", path)));
  PetscFunctionReturn(0);
}

/* round-k.cfg from the frames that the dynamics left. */
static PetscErrorCode ask(loop *l, screen_exit *code)
{
  char potential[SCREEN_PATH_MAX], directory[SCREEN_PATH_MAX];
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  screen_learn_found found;

  PetscFunctionBegin;
  round_path(l->train, l->round, ".almtp", potential);
  round_path(l->train, l->round, "", directory);
  PetscCall(screen_learn_ask(l->train, potential, directory, l->round, &list, &found, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(check_found(l, &found, list.n, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(write_asked(l, &list, code));
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* The labels ----------------------------------------------------------------------------------- */

static PetscErrorCode hear(void *context, const char *line)
{
  loop *l = context;

  PetscFunctionBegin;
  beat(l);
  PetscCall(say(l, "label", "%s", line));
  PetscFunctionReturn(0);
}

/* Configurations of round-k.cfg; an empty one is a file without any. */
static PetscErrorCode read_asked(const loop *l, mtp_config_list *asked, screen_exit *code)
{
  char path[SCREEN_PATH_MAX];
  mtp_diag diag = {0};
  FILE *file = fopen(round_path(l->train, l->round, ".cfg", path), "re");
  PetscBool empty = PETSC_FALSE;

  PetscFunctionBegin;
  if (file) {
    empty = (PetscBool)(fgetc(file) == EOF);
    fclose(file);
  }
  if (!empty) PetscCall(mtp_cfg_read(path, asked, &diag));
  PetscCall(screen_cli_report(&diag, code));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* Labels of this round there are. */
static PetscErrorCode count_labels(const loop *l, PetscInt *n, screen_exit *code)
{
  char path[SCREEN_PATH_MAX], prefix[128];
  mtp_config_list labels = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  *n = 0;
  screen_learn_id(l->train, l->round, 0, prefix);
  if (has_labels(l->train, path)) PetscCall(mtp_cfg_read(path, &labels, &diag));
  PetscCall(screen_cli_report(&diag, code));
  for (PetscInt c = 0; c < labels.n; c++) {
    const char *id = mtp_config_feature(&labels.config[c], "ID");

    if (id && !strncmp(id, prefix, strlen(prefix))) (*n)++;
  }
  PetscCall(mtp_config_list_clear(&labels));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* Jobs end with this process; nothing else is open that would need an orderly end. */
static void stop(int number)
{
  static const char text[] = "\nStopped; the same command goes on from here.\n";

  (void)number;
  (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
  _exit(SCREEN_EXIT_RESUMABLE);
}

static PetscErrorCode label_all(loop *l, const mtp_config_list *asked, screen_exit *code)
{
  char folder[SCREEN_PATH_MAX], labels[SCREEN_PATH_MAX];
  screen_oracle_count n = {0};
  PetscInt came;

  PetscFunctionBegin;
  snprintf(folder, sizeof(folder), "%s/oracle", l->train->loop.folder);
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  PetscCall(screen_oracle_label(&l->train->loop.oracle, asked, &l->train->species, folder,
                                labels_path(l->train, labels), hear, l, &n));
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  PetscCall(say(l, "labels",
                "asked=%" PetscInt_FMT " new=%" PetscInt_FMT " before=%" PetscInt_FMT
                " failed=%" PetscInt_FMT,
                asked->n, n.done, n.before, n.failed));
  PetscCall(count_labels(l, &came, code));
  if (*code == SCREEN_EXIT_DONE && came == 0) {
    fprintf(stderr, "liquidus train: the oracle has no label for this round; see %s\n", folder);
    *code = SCREEN_EXIT_PARTIAL;
  }
  PetscFunctionReturn(0);
}

/* over: nothing was asked. */
static PetscErrorCode label(loop *l, PetscBool *over, screen_exit *code)
{
  mtp_config_list asked = {0};

  PetscFunctionBegin;
  PetscCall(read_asked(l, &asked, code));
  *over = (PetscBool)(*code == SCREEN_EXIT_DONE && asked.n == 0);
  if (asked.n > 0) PetscCall(label_all(l, &asked, code));
  PetscCall(mtp_config_list_clear(&asked));
  PetscFunctionReturn(0);
}

/* Labels to begin with. */
static PetscErrorCode begin_with_seeds(loop *l, screen_exit *code)
{
  char path[SCREEN_PATH_MAX];
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  PetscBool over;

  PetscFunctionBegin;
  l->round = -1;
  if (!is_there(round_path(l->train, l->round, ".cfg", path))) {
    PetscCall(screen_learn_seeds(l->train, &list, &diag));
    PetscCall(screen_cli_report(&diag, code));
    if (*code == SCREEN_EXIT_DONE) PetscCall(write_asked(l, &list, code));
  }
  if (*code == SCREEN_EXIT_DONE) PetscCall(label(l, &over, code));
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  l->round = 0;
  PetscFunctionReturn(0);
}

/* Rounds --------------------------------------------------------------------------------------- */

static PetscErrorCode one_round(loop *l, PetscBool *over, screen_exit *code)
{
  char path[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  PetscCall(fit(l, code));
  if (*code == SCREEN_EXIT_DONE && !is_there(round_path(l->train, l->round, ".cfg", path))) {
    PetscCall(explore(l, code));
    if (*code == SCREEN_EXIT_DONE) PetscCall(ask(l, code));
  }
  if (*code == SCREEN_EXIT_DONE) PetscCall(label(l, over, code));
  PetscFunctionReturn(0);
}

/* The labels of the last round are fitted, but nothing was run with what they gave. */
static PetscErrorCode fit_last(loop *l, screen_exit *code)
{
  char path[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  PetscCall(fit(l, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(copy_file(round_path(l->train, l->round, ".almtp", path), l->train->out));
  PetscCall(say(l, "end",
                "rounds are used up, and the last one met something new: %s is fitted "
                "to it and was not run",
                l->train->out));
  *code = SCREEN_EXIT_PARTIAL;
  PetscFunctionReturn(0);
}

static PetscErrorCode all_rounds(loop *l, screen_exit *code)
{
  PetscBool over = PETSC_FALSE;

  PetscFunctionBegin;
  if (l->train->loop.seeds > 0) PetscCall(begin_with_seeds(l, code));
  while (l->round < l->train->loop.rounds && !over && *code == SCREEN_EXIT_DONE) {
    PetscCall(one_round(l, &over, code));
    if (!over) l->round++;
  }
  if (*code == SCREEN_EXIT_DONE && over)
    PetscCall(say(l, "end", "nothing new: %s", l->train->out));
  else if (*code == SCREEN_EXIT_DONE)
    PetscCall(fit_last(l, code));
  if (*code == SCREEN_EXIT_RESUMABLE)
    fprintf(stderr, "\nStopped; the same command goes on from here.\n");
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn(const char *file, const screen_train *train, screen_exit *code)
{
  loop l = {.file = file, .train = train};

  PetscFunctionBegin;
  PetscCall(screen_directory_prepare(verb, train->loop.folder, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_directory_open(verb, train->loop.folder, 0.0, &l.directory, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(all_rounds(&l, code));
  PetscCall(screen_directory_close(&l.directory));
  PetscFunctionReturn(0);
}
