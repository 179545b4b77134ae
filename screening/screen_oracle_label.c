/* screening/screen_oracle_label.c - the jobs of an oracle, from the list to the labels
 *
 * A configuration waits, runs, and is done or given up.  Of those that wait the one with the fewest
 * tries is next, so that a second try comes after everything else that can be begun.
 */
#include "screening/screen_oracle_impl.h"

#include "screening/screen_run.h"
#include "screening/screen_sha256.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef enum { WAITS, RUNS, SETTLED } phase;

typedef struct {
  const screen_oracle *oracle;
  const screen_oracle_kind *kind;
  const mtp_config_list *ask;
  const screen_names *species;
  const char *folder;
  screen_oracle_say say;
  void *context;
  screen_oracle_count *count;
  screen_oracle_file labels, failed;
  screen_oracle_ids settled;
  phase *phase;            /* [ask->n] */
  PetscInt *tries;         /* [ask->n] begun */
  PetscInt njob;           /* slots */
  screen_process *process; /* [njob] */
  PetscInt *which;         /* [njob] configuration that runs there */
} labelling;

void screen__oracle_refuse(screen_refusal *why, PetscBool final, const char *format, ...)
{
  va_list args;

  if (why->text[0]) return;
  why->final = final;
  va_start(args, format);
  vsnprintf(why->text, sizeof(why->text), format, args);
  va_end(args);
  for (char *c = why->text; *c; c++) { /* one line */
    if (iscntrl((unsigned char)*c)) *c = ' ';
  }
}

static const char *id_of(const labelling *l, PetscInt i)
{
  const char *id = mtp_config_feature(&l->ask->config[i], "ID");

  return id ? id : "";
}

static PetscErrorCode tell(const labelling *l, PetscInt i, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static PetscErrorCode tell(const labelling *l, PetscInt i, const char *format, ...)
{
  char line[SCREEN_ORACLE_ID + SCREEN_ORACLE_REASON + 100];
  va_list args;
  int n;

  PetscFunctionBegin;
  if (!l->say) PetscFunctionReturn(0);
  n = snprintf(line, sizeof(line), "%s: ", id_of(l, i));
  va_start(args, format);
  vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
  va_end(args);
  PetscCall(l->say(l->context, line));
  PetscFunctionReturn(0);
}

static PetscBool is_name(const char *id)
{
  const size_t n = strlen(id);

  if (n == 0 || n >= SCREEN_ORACLE_ID || id[0] == '-' || id[0] == '.') return PETSC_FALSE;
  for (const char *c = id; *c; c++) {
    if (!isalnum((unsigned char)*c) && !strchr("_-.", *c)) return PETSC_FALSE;
  }
  return (PetscBool)(strcmp(id, "failed") != 0);
}

static PetscErrorCode check_ids(const labelling *l)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < l->ask->n; i++) {
    PetscCheck(is_name(id_of(l, i)), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
               "Configuration %" PetscInt_FMT " to be labelled: got the ID '%s', wanted a name of "
               "letters, digits, '_', '-', '.'",
               i + 1, id_of(l, i));
    for (PetscInt k = 0; k < i; k++)
      PetscCheck(strcmp(id_of(l, i), id_of(l, k)) != 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
                 "Configurations %" PetscInt_FMT " and %" PetscInt_FMT
                 " to be labelled both have the ID %s",
                 k + 1, i + 1, id_of(l, i));
  }
  PetscFunctionReturn(0);
}

/* Everything that may fail is hung on *l first; end with close_all(). */
static PetscErrorCode open_all(labelling *l, const char *labels, char failed[4400])
{
  const PetscInt n = l->ask->n;

  PetscFunctionBegin;
  PetscCall(check_ids(l));
  PetscCall(PetscCalloc4(n, &l->phase, n, &l->tries, l->njob, &l->process, l->njob, &l->which));
  for (PetscInt k = 0; k < l->njob; k++) l->process[k].fd = -1;
  PetscCheck(!mkdir(l->folder, 0777) || errno == EEXIST, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s cannot be made: %s", l->folder, strerror(errno));
  snprintf(failed, 4400, "%s/failed", l->folder);
  PetscCall(screen__oracle_open_labels(labels, &l->labels, &l->settled));
  PetscCall(screen__oracle_open_failed(failed, &l->failed, &l->settled));
  for (PetscInt i = 0; i < n; i++) {
    if (!screen__oracle_has(&l->settled, id_of(l, i))) continue;
    l->phase[i] = SETTLED;
    l->count->before++;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode close_all(labelling *l)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; l->process && k < l->njob; k++)
    PetscCall(screen_process_kill(&l->process[k]));
  PetscCall(screen__oracle_close(&l->labels));
  PetscCall(screen__oracle_close(&l->failed));
  PetscCall(screen__oracle_ids_clear(&l->settled));
  PetscCall(PetscFree4(l->phase, l->tries, l->process, l->which));
  PetscFunctionReturn(0);
}

static void job_folder(const labelling *l, PetscInt i, char folder[4400])
{
  snprintf(folder, 4400, "%s/%s", l->folder, id_of(l, i));
}

/* There will be no label of i. */
static PetscErrorCode give_up(labelling *l, PetscInt i, const screen_refusal *why)
{
  char line[SCREEN_ORACLE_ID + SCREEN_ORACLE_REASON + 40];
  const int n = snprintf(line, sizeof(line), "%s %" PetscInt_FMT " %s\n", id_of(l, i), l->tries[i],
                         why->text);

  PetscFunctionBegin;
  l->phase[i] = SETTLED;
  PetscCall(screen__oracle_append(&l->failed, line, (size_t)n));
  l->count->failed++;
  PetscCall(tell(l, i, "failed (%" PetscInt_FMT " %s): %s", l->tries[i],
                 l->tries[i] == 1 ? "try" : "tries", why->text));
  PetscFunctionReturn(0);
}

/* After a try without a label. */
static PetscErrorCode go_on(labelling *l, PetscInt i, const screen_refusal *why)
{
  PetscFunctionBegin;
  if (why->final || l->tries[i] >= l->oracle->tries) {
    PetscCall(give_up(l, i, why));
    PetscFunctionReturn(0);
  }
  l->phase[i] = WAITS;
  PetscCall(tell(l, i, "try %" PetscInt_FMT " of %" PetscInt_FMT " failed: %s", l->tries[i],
                 l->oracle->tries, why->text));
  PetscFunctionReturn(0);
}

static PetscErrorCode start(labelling *l, PetscInt i, PetscInt slot)
{
  char folder[4400];
  screen_refusal why = {0};
  screen_oracle_job job = {
      .oracle = l->oracle, .species = l->species, .asked = &l->ask->config[i], .folder = folder};
  int error;

  PetscFunctionBegin;
  job_folder(l, i, folder);
  PetscCall(screen__oracle_remove(folder, &error));
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be removed: %s", folder,
             strerror(error));
  PetscCheck(!mkdir(folder, 0777), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s cannot be made: %s",
             folder, strerror(errno));
  l->tries[i]++;
  l->phase[i] = RUNS;
  PetscCall(l->kind->write(&job, &why));
  if (why.text[0]) {
    PetscCall(go_on(l, i, &why));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_process_start(l->oracle->command, folder, l->oracle->home, l->oracle->time_limit,
                                 &l->process[slot]));
  l->which[slot] = i;
  PetscCall(
      tell(l, i, "start, try %" PetscInt_FMT " of %" PetscInt_FMT, l->tries[i], l->oracle->tries));
  PetscFunctionReturn(0);
}

/* Fills the free slots. */
static PetscErrorCode start_some(labelling *l)
{
  PetscFunctionBegin;
  for (PetscInt slot = 0; slot < l->njob; slot++) {
    while (l->process[slot].fd < 0) {
      PetscInt next = -1;

      for (PetscInt i = 0; i < l->ask->n; i++) {
        if (l->phase[i] == WAITS && (next < 0 || l->tries[i] < l->tries[next])) next = i;
      }
      if (next < 0) PetscFunctionReturn(0);
      PetscCall(start(l, next, slot));
    }
  }
  PetscFunctionReturn(0);
}

/* The geometry, and everything that was known about it. */
static PetscErrorCode begin_label(const labelling *l, PetscInt i, double seconds, mtp_config *label)
{
  const mtp_config *asked = &l->ask->config[i];
  unsigned char digest[SCREEN_SHA256_SIZE];
  char text[80];

  PetscFunctionBegin;
  PetscCall(mtp_config_create(asked->n, label));
  label->nlattice = asked->nlattice;
  memcpy(label->h, asked->h, sizeof(label->h));
  PetscCall(PetscArraycpy(label->x, asked->x, 3 * asked->n));
  PetscCall(PetscArraycpy(label->type, asked->type, asked->n));
  for (PetscInt k = 0; k < asked->nfeature; k++)
    PetscCall(mtp_config_set_feature(label, asked->feature[k].key, asked->feature[k].value));
  PetscCall(mtp_config_set_feature(label, "EFS_by", l->kind->by));
  PetscCall(mtp_config_set_feature(label, "oracle_command", l->oracle->command));
  snprintf(text, sizeof(text), "%.2f", seconds);
  PetscCall(mtp_config_set_feature(label, "oracle_seconds", text));
  snprintf(text, sizeof(text), "%" PetscInt_FMT, l->tries[i]);
  PetscCall(mtp_config_set_feature(label, "oracle_tries", text));
  if (l->oracle->template_text) {
    screen_sha256(l->oracle->template_text, strlen(l->oracle->template_text), digest);
    screen_sha256_hex(digest, text);
    PetscCall(mtp_config_set_feature(label, "oracle_template_sha256", text));
  }
  PetscFunctionReturn(0);
}

/* Lengths of the largest force and of the sum of all, the latter by the number of atoms [eV/Å]; not
   finite where one is not. */
static void measure_forces(const mtp_config *label, PetscReal *largest, PetscReal *net)
{
  PetscReal sum[3] = {0.0, 0.0, 0.0};

  *largest = 0.0;
  for (PetscInt i = 0; i < label->n; i++) {
    const PetscReal *f = label->force + 3 * i;
    const PetscReal force = PetscSqrtReal(f[0] * f[0] + f[1] * f[1] + f[2] * f[2]);

    if (!(force <= *largest)) *largest = force;
    for (int a = 0; a < 3; a++) sum[a] += f[a];
  }
  *net = PetscSqrtReal(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / (PetscReal)label->n;
}

/* Nothing that is no number, no force beyond the limit, and forces that (nearly) add up to nothing:
   they do not on a grid that is too coarse for a hard core. */
static void check_values(const labelling *l, const mtp_config *label, screen_refusal *why)
{
  PetscBool finite = (PetscBool)!PetscIsInfOrNanReal(label->energy);
  PetscReal largest, net;

  for (int k = 0; k < 6; k++)
    finite = (PetscBool)(finite && !PetscIsInfOrNanReal(label->stress[k]));
  measure_forces(label, &largest, &net);
  if (!finite || PetscIsInfOrNanReal(net))
    screen__oracle_refuse(why, PETSC_FALSE, "got a value that is not finite");
  else if (l->oracle->max_force > 0.0 && largest > l->oracle->max_force)
    screen__oracle_refuse(why, PETSC_TRUE, "got a force of %.4g eV/A, wanted at most %.4g",
                          (double)largest, (double)l->oracle->max_force);
  else if (l->oracle->max_net_force > 0.0 && net > l->oracle->max_net_force)
    screen__oracle_refuse(why, PETSC_TRUE,
                          "got forces whose sum is %.4g eV/A for each atom, wanted at most %.4g: "
                          "a finer grid?",
                          (double)net, (double)l->oracle->max_net_force);
}

static PetscErrorCode keep(labelling *l, const mtp_config *label)
{
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a label");
  ierr = mtp_cfg_write(label, MTP_CFG_LOSSLESS, out);
  (void)fclose(out);
  if (!ierr) ierr = screen__oracle_append(&l->labels, text, length);
  free(text);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The program has ended by itself: what did it leave? */
static PetscErrorCode take(labelling *l, PetscInt i, const screen_process_end *end)
{
  char folder[4400];
  const screen_oracle_job job = {.oracle = l->oracle,
                                 .species = l->species,
                                 .asked = &l->ask->config[i],
                                 .folder = folder,
                                 .status = end->status};
  screen_refusal why = {0};
  mtp_config label;
  int error;

  PetscFunctionBegin;
  job_folder(l, i, folder);
  PetscCall(begin_label(l, i, end->seconds, &label));
  PetscCall(l->kind->read(&job, &label, &why));
  if (!why.text[0]) check_values(l, &label, &why);
  if (why.text[0]) {
    PetscCall(go_on(l, i, &why));
  } else {
    PetscCall(keep(l, &label));
    l->phase[i] = SETTLED;
    l->count->done++;
    PetscCall(tell(l, i, "done in %.1f s, energy %.6f eV", end->seconds, (double)label.energy));
    PetscCall(screen__oracle_remove(folder, &error)); /* what stays does no harm */
  }
  PetscCall(mtp_config_clear(&label));
  PetscFunctionReturn(0);
}

static PetscErrorCode settle(labelling *l, PetscInt slot, const screen_process_end *end)
{
  const PetscInt i = l->which[slot];
  screen_refusal why = {0};

  PetscFunctionBegin;
  l->count->seconds += end->seconds;
  if (end->late) {
    screen__oracle_refuse(&why, PETSC_FALSE, "timed out after %g s", (double)l->oracle->time_limit);
    PetscCall(go_on(l, i, &why));
  } else {
    PetscCall(take(l, i, end));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode label_all(labelling *l)
{
  screen_process_end end;
  PetscInt slot;

  PetscFunctionBegin;
  for (;;) {
    PetscCall(start_some(l));
    PetscCall(screen_process_wait(l->njob, l->process, &slot, &end));
    if (slot < 0) break;
    PetscCall(settle(l, slot, &end));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_oracle_label(const screen_oracle *oracle, const mtp_config_list *ask,
                                   const screen_names *species, const char *folder,
                                   const char *labels, screen_oracle_say say, void *context,
                                   screen_oracle_count *count)
{
  screen_oracle_count own;
  char failed[4400];
  labelling l = {.oracle = oracle, .ask = ask, .species = species, .folder = folder};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  l.kind = screen__oracle_kind(oracle->type);
  l.say = say;
  l.context = context;
  l.count = count ? count : &own;
  *l.count = (screen_oracle_count){.asked = ask->n};
  l.labels.fd = l.failed.fd = -1;
  l.njob = PetscMax(1, oracle->jobs);
  ierr = open_all(&l, labels, failed);
  if (!ierr) ierr = label_all(&l);
  PetscCall(close_all(&l));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
