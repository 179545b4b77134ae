/* screening/screen_train.c - `liquidus train FILE`: a potential from energies, forces, stresses
 *
 * Every rank reads everything and keeps every size-th configuration; fits are one after the other,
 * all ranks in each.  The potential is written once, when the last fit is done: with the active set
 * of the data, and a tag that says what it was made from and how well it does.  Active learning
 * calls this for its fits (screen_learn.h).
 */
#include "screening/screen_train.h"

#include "mtp/mtp_select.h"
#include "screening/screen_cli.h"
#include "screening/screen_learn.h"
#include "screening/screen_version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verb[] = "train";

enum { MAX_TAG = 64 };

/* Fits on their way; errors in meV per atom, meV/Å, meV/Å^3 where printed. */
typedef struct {
  const screen_train *train;
  mtp_loss *data, *validation; /* validation: NULL without a set */
  mtp_potential *pot, *best;
  PetscReal best_loss; /* on the validation set, or on the data */
  PetscInt start;      /* from 1 */
  screen_train_kept kept;
  PetscBool goes_on; /* from `kept` */
  PetscInt ntag;     /* values of the feature `tag`; more than MAX_TAG: the last stands for all */
  const char *tag[MAX_TAG];
  PetscMPIInt rank;
} fits;

/* Number of the configuration's tag among those of all, in the order in which they come; the same
   on every rank, as all read all. */
static PetscInt tag_of(fits *f, const mtp_config *config)
{
  const char *text = mtp_config_feature(config, "tag");
  PetscInt k = 0;

  if (!text) text = "none";
  while (k < f->ntag && strcmp(f->tag[k], text) != 0) k++;
  if (k < f->ntag) return k;
  if (f->ntag == MAX_TAG) return MAX_TAG - 1;
  f->tag[k] = k == MAX_TAG - 1 ? "others" : text;
  f->ntag++;
  return k;
}

/* Sums ----------------------------------------------------------------------------------------- */

static PetscErrorCode fill(fits *f, const screen_train_set *set, mtp_loss **loss, mtp_diag *diag)
{
  PetscMPIInt size;
  PetscInt number = 0;
  char where[512];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(mtp_loss_create(PETSC_COMM_WORLD, &f->train->weights, loss));
  for (PetscInt k = 0; k < set->nfile; k++) {
    for (PetscInt c = 0; c < set->list[k].n && diag->n < 20; c++, number++) {
      const PetscInt tag = tag_of(f, &set->list[k].config[c]);

      if (number % size != f->rank) continue;
      mtp_loss_set_group(*loss, tag);
      snprintf(where, sizeof(where), "%s: configuration %" PetscInt_FMT, set->file[k], c + 1);
      PetscCall(mtp_loss_add(*loss, f->pot, where, &set->list[k].config[c], 1.0, diag));
    }
  }
  PetscFunctionReturn(0);
}

/* Messages of any rank stop all. */
static PetscErrorCode agree(const mtp_diag *diag, screen_exit *code)
{
  PetscMPIInt mine = diag->n > 0, any;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(screen_cli_report(diag, code));
  if (any) *code = SCREEN_EXIT_BAD_INPUT;
  PetscFunctionReturn(0);
}

/* What is said --------------------------------------------------------------------------------- */

static void say_error(const char *what, const mtp_loss_error *e, PetscReal unit)
{
  if (e->n == 0)
    printf("  %-24s %10s\n", what, "-");
  else
    printf("  %-24s %10.3g %10.3g %10.3g %12" PetscInt_FMT "\n", what, (double)(e->rmse / unit),
           (double)(e->mae / unit), (double)(e->max / unit), e->n);
}

static void say_head(const char *of)
{
  printf("%-26s %10s %10s %10s %12s\n", of, "rmse", "mean", "largest", "numbers");
}

static void say_three(const mtp_loss_errors *e)
{
  say_error("energy, meV/atom", &e->energy, 1e-3);
  say_error("force, meV/A", &e->force, 1e-3);
  say_error("stress, GPa", &e->stress, 1.0 / 160.2176634);
}

/* The forces on each species, where there are several. */
static void say_species(const fits *f, PetscInt n, const mtp_loss_error species[])
{
  char text[64];

  for (PetscInt s = 0; s < n && n > 1; s++) {
    snprintf(text, sizeof(text), "force on %s, meV/A",
             s < f->train->species.n ? f->train->species.name[s] : "?");
    say_error(text, &species[s], 1e-3);
  }
}

/* Each tag, where there are several. */
static PetscErrorCode say_tags(const fits *f, const char *of, mtp_loss *loss)
{
  mtp_loss_errors e;
  char text[160];

  PetscFunctionBegin;
  for (PetscInt g = 0; g < f->ntag && f->ntag > 1; g++) {
    PetscCall(mtp_loss_measure(loss, f->best, g, &e, NULL));
    snprintf(text, sizeof(text), "%s, tag %s", of, f->tag[g]);
    if (f->rank || e.energy.n + e.force.n + e.stress.n == 0) continue;
    say_head(text);
    say_three(&e);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode say_errors(const fits *f, const char *of, mtp_loss *loss)
{
  mtp_potential_info info;
  mtp_loss_errors e;
  mtp_loss_error *species;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(f->best, &info));
  PetscCall(PetscMalloc1(info.nspecies, &species));
  PetscCall(mtp_loss_measure(loss, f->best, -1, &e, species));
  if (f->rank == 0) {
    say_head(of);
    say_three(&e);
    say_species(f, info.nspecies, species);
  }
  PetscCall(PetscFree(species));
  PetscCall(say_tags(f, of, loss));
  PetscFunctionReturn(0);
}

/* One line every 50 steps, and for the first. */
static PetscErrorCode watch(const mtp_fit_progress *now, const mtp_potential *pot, void *context,
                            PetscBool *stop)
{
  const fits *f = context;

  PetscFunctionBegin;
  (void)pot;
  *stop = PETSC_FALSE;
  if (f->rank || now->step % 50) PetscFunctionReturn(0);
  fprintf(stderr, "start %" PetscInt_FMT " of %" PetscInt_FMT ": step %" PetscInt_FMT ", loss %.4e",
          f->start, f->train->starts, now->step, (double)now->loss);
  if (now->validation >= 0.0) fprintf(stderr, ", validation %.4e", (double)now->validation);
  fprintf(stderr, ", %.0f s\n", (double)now->seconds);
  PetscFunctionReturn(0);
}

/* Fits ----------------------------------------------------------------------------------------- */

static PetscErrorCode copy_best(fits *f)
{
  mtp_potential_info info;
  PetscReal *theta;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(f->pot, &info));
  PetscCall(PetscMalloc1(info.ncoeff, &theta));
  PetscCall(mtp_potential_get_coefficients(f->pot, theta));
  PetscCall(mtp_potential_set_coefficients(f->best, theta));
  PetscCall(PetscFree(theta));
  PetscFunctionReturn(0);
}

/* Between two rounds: what an interrupted run goes on from. */
static PetscErrorCode keep(const mtp_fit_state *state, void *context)
{
  const fits *f = context;
  screen_train_kept kept = {.start = f->start, .best_loss = f->best_loss, .fit = *state};

  PetscFunctionBegin;
  if (f->rank) PetscFunctionReturn(0);
  PetscCall(PetscArraycpy(kept.digest, f->kept.digest, SCREEN_SHA256_SIZE));
  PetscCall(PetscMalloc1(state->n, &kept.best));
  PetscCall(mtp_potential_get_coefficients(f->best, kept.best));
  PetscCall(screen_train_keep(f->train, &kept));
  PetscCall(PetscFree(kept.best));
  PetscFunctionReturn(0);
}

/* The best of the starts before an interrupted one. */
static PetscErrorCode take_kept(fits *f)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(f->pot, &info));
  PetscCall(screen_train_kept_read(f->train, info.ncoeff, &f->kept, &f->goes_on));
  if (!f->goes_on) PetscFunctionReturn(0);
  f->start = f->kept.start;
  f->best_loss = f->kept.best_loss;
  PetscCall(mtp_potential_set_coefficients(f->best, f->kept.best));
  if (f->rank == 0)
    printf("start %" PetscInt_FMT " goes on after step %" PetscInt_FMT "\n", f->start,
           f->kept.fit.step);
  PetscFunctionReturn(0);
}

static PetscErrorCode fit_once(fits *f)
{
  mtp_fit_options options = f->train->fit;
  mtp_fit_report report;
  PetscReal loss;

  PetscFunctionBegin;
  options.watch = watch;
  options.keep = keep;
  options.context = f;
  options.from = f->goes_on ? &f->kept.fit : NULL;
  f->goes_on = PETSC_FALSE;
  if (!f->train->start) PetscCall(mtp_fit_start(f->pot, (uint64_t)(f->train->seed + f->start - 1)));
  PetscCall(mtp_fit(f->data, f->validation, f->pot, &options, &report));
  PetscCall(mtp_loss_evaluate(f->validation ? f->validation : f->data, f->pot, &loss, NULL));
  if (f->rank == 0)
    printf("start %" PetscInt_FMT ": %s after %" PetscInt_FMT " steps, loss %.4e%s%.4e, %.0f s\n",
           f->start, mtp_fit_end_name(report.end), report.last.step, (double)report.last.loss,
           f->validation ? ", validation " : ", kept ", (double)loss, (double)report.last.seconds);
  if (f->start > 1 && !(loss < f->best_loss)) PetscFunctionReturn(0);
  f->best_loss = loss;
  PetscCall(copy_best(f));
  PetscFunctionReturn(0);
}

/* The active set of the data, selected on rank 0, which writes. */
static PetscErrorCode attach_active_set(const fits *f, screen_exit *code)
{
  const screen_train_set *set = &f->train->data;
  const mtp_config_list **list;
  mtp_select_request request = {.nlist = set->nfile, .name = (const char *const *)set->file};
  mtp_select_report report;
  mtp_selection *sel = NULL;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  if (f->train->mode == MTP_SELECTION_OTHER) PetscFunctionReturn(0);
  request.weights = f->train->mode == MTP_SELECTION_CONFIGURATION
                        ? (mtp_selection_weights){.energy = 1.0, .scaling = 2}
                        : (mtp_selection_weights){.site_energy = 1.0, .scaling = 2};
  PetscCall(PetscMalloc1(set->nfile, &list));
  for (PetscInt k = 0; k < set->nfile; k++) list[k] = &set->list[k];
  request.list = list;
  PetscCall(mtp_select(f->best, &request, &sel, NULL, &report, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (sel) {
    PetscCall(mtp_selection_attach(sel, f->best));
    printf("active set: %s mode, ln|det| = %.4f\n", mtp_selection_mode_name(f->train->mode),
           (double)report.log_det);
  }
  PetscCall(mtp_selection_destroy(&sel));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(PetscFree(list));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_best(const fits *f, screen_exit *code)
{
  const screen_train *t = f->train;
  char tag[512];

  PetscFunctionBegin;
  if (f->rank) PetscFunctionReturn(0);
  snprintf(tag, sizeof(tag),
           "liquidus %s, %" PetscInt_FMT " configurations of %" PetscInt_FMT
           " atoms in all, weights %g %g %g, loss %.4e",
           LIQUIDUS_VERSION, t->data.nconfig, t->data.natom, (double)t->weights.energy,
           (double)t->weights.force, (double)t->weights.stress, (double)f->best_loss);
  PetscCall(mtp_potential_describe(f->best, t->name, tag));
  PetscCall(attach_active_set(f, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(screen_potential_write(verb, f->best, MTP_FORMAT_MLIP3, t->out, code));
  if (*code == SCREEN_EXIT_DONE) {
    screen_train_forget(t);
    printf("written: %s\n", t->out);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode run_fits(fits *f, screen_exit *code)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(f->pot, &info));
  if (f->rank == 0)
    printf("%s: level %" PetscInt_FMT ", %" PetscInt_FMT " coefficients, %g to %g A; %" PetscInt_FMT
           " configurations of %" PetscInt_FMT " atoms in all\n",
           f->train->name, info.level, info.ncoeff, (double)info.min_dist, (double)info.cutoff,
           f->train->data.nconfig, f->train->data.natom);
  f->start = 1;
  PetscCall(take_kept(f));
  for (; f->start <= f->train->starts; f->start++) PetscCall(fit_once(f));
  PetscCall(screen_train_kept_clear(&f->kept));
  PetscCall(say_errors(f, "data", f->data));
  if (f->validation) PetscCall(say_errors(f, "validation", f->validation));
  PetscCall(write_best(f, code));
  PetscFunctionReturn(0);
}

/* `level` beside `start`: a potential of that level which gives the same. */
static PetscErrorCode raise_start(const screen_train *t, mtp_potential **pot, mtp_diag *diag)
{
  mtp_potential_info info;
  mtp_potential *high = NULL;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(*pot, &info));
  if (info.level > t->level || !info.trained) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: got %s of level %" PetscInt_FMT ", wanted a trained one of at most "
                           "level %" PetscInt_FMT ", to be raised to it",
                           t->start, info.trained ? "a potential" : "an untrained potential",
                           info.level, t->level));
    PetscCall(mtp_potential_destroy(pot));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_potential_create(t->level, info.nspecies, info.radial_size, info.min_dist,
                                 info.cutoff, &high));
  PetscCall(mtp_fit_start(high, (uint64_t)t->seed));
  PetscCall(mtp_potential_raise(*pot, high));
  PetscCall(mtp_potential_destroy(pot));
  *pot = high;
  PetscFunctionReturn(0);
}

/* The potential that the fits begin with; nearest: where its radial polynomials do [Å]. */
static PetscErrorCode make_potential(const screen_train *t, PetscReal nearest, mtp_potential **pot,
                                     mtp_diag *diag)
{
  PetscFunctionBegin;
  if (t->start) {
    PetscCall(screen_potential_read(t->start, &t->species, pot, diag));
    if (*pot && t->raised) PetscCall(raise_start(t, pot, diag));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_potential_create(t->level, t->species.n, t->radial_size, nearest, t->cutoff, pot));
  PetscCall(mtp_fit_start(*pot, (uint64_t)t->seed));
  PetscFunctionReturn(0);
}

/* One to be fitted, and one for the best coefficients. */
static PetscErrorCode make_potentials(fits *f, mtp_diag *diag)
{
  const screen_train *t = f->train;
  PetscReal nearest = t->min_distance;

  PetscFunctionBegin;
  if (!t->start && nearest == 0.0) {
    PetscCall(screen_train_nearest(&t->data, t->cutoff, &nearest));
    nearest *= 0.99;
  }
  PetscCall(make_potential(t, nearest, &f->pot, diag));
  if (f->pot) PetscCall(make_potential(t, nearest, &f->best, diag));
  PetscFunctionReturn(0);
}

static PetscErrorCode train_with(const screen_train *t, screen_exit *code)
{
  fits f = {.train = t};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &f.rank));
  PetscCall(make_potentials(&f, &diag));
  if (f.best) {
    PetscCall(fill(&f, &t->data, &f.data, &diag));
    if (t->validation.nfile) PetscCall(fill(&f, &t->validation, &f.validation, &diag));
  }
  PetscCall(agree(&diag, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(run_fits(&f, code));
  PetscCall(mtp_loss_destroy(&f.data));
  PetscCall(mtp_loss_destroy(&f.validation));
  PetscCall(mtp_potential_destroy(&f.pot));
  PetscCall(mtp_potential_destroy(&f.best));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* TRAIN.yaml [--round K]; *round: -1 where it is not given. */
static PetscErrorCode parse_arguments(int argc, char **argv, const char **file, PetscInt *round,
                                      screen_exit *code)
{
  char *end = NULL;

  PetscFunctionBegin;
  *round = -1;
  *file = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
  if (!*file || (argc != 2 && (argc != 4 || strcmp(argv[2], "--round") != 0))) {
    PetscCall(screen_cli_refuse(verb, code, "wanted one file; see liquidus train --help"));
    PetscFunctionReturn(0);
  }
  if (argc == 4) *round = (PetscInt)strtol(argv[3], &end, 10);
  if (argc == 4 && (end == argv[3] || *end || *round < 0 || *round > 1000000))
    PetscCall(screen_cli_refuse(verb, code, "--round is '%s', wanted a number from 0", argv[3]));
  PetscFunctionReturn(0);
}

/* What the arguments and the file say together: a fit, a fit of a loop, or a loop. */
static PetscErrorCode train_as_asked(const char *file, PetscInt round, screen_train *train,
                                     screen_exit *code)
{
  PetscMPIInt size;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (round >= 0 && !train->loop.wanted) {
    PetscCall(
        screen_cli_refuse(verb, code, "--round is of active learning, which %s has not", file));
  } else if (round < 0 && train->loop.wanted && size > 1) {
    PetscCall(screen_cli_refuse(verb, code,
                                "active learning starts its own ranks, as many as "
                                "active_learning.ranks says: leave mpiexec out"));
  } else if (round < 0 && train->loop.wanted) {
    PetscCall(screen_learn(file, train, code));
  } else {
    if (round >= 0) PetscCall(screen_learn_round(train, round, &diag));
    PetscCall(screen_cli_report(&diag, code));
    if (*code == SCREEN_EXIT_DONE) PetscCall(train_with(train, code));
  }
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_train(int argc, char **argv, screen_exit *code)
{
  screen_train train = {0};
  mtp_diag diag = {0};
  const char *file;
  PetscInt round;

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc, argv, &file, &round, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_train_read(file, &train, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(train_as_asked(file, round, &train, code));
  PetscCall(screen_train_clear(&train));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
