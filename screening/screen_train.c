/* screening/screen_train.c - `liquidus train FILE`: a potential from energies, forces, stresses
 *
 * Every rank reads everything and keeps every size-th configuration; fits are one after the other,
 * all ranks in each.  The potential is written once, when the last fit is done: with the active set
 * of the data, and a tag that says what it was made from and how well it does.
 */
#include "screening/screen_train.h"

#include "mtp/mtp_select.h"
#include "screening/screen_cli.h"
#include "screening/screen_version.h"

#include <stdio.h>
#include <string.h>

static const char verb[] = "train";

/* Fits on their way; errors in meV per atom, meV/Å, meV/Å^3 where printed. */
typedef struct {
  const screen_train *train;
  mtp_loss *data, *validation; /* validation: NULL without a set */
  mtp_potential *pot, *best;
  PetscReal best_loss; /* on the validation set, or on the data */
  PetscInt start;      /* from 1 */
  PetscMPIInt rank;
} fits;

/* Sums ----------------------------------------------------------------------------------------- */

static PetscErrorCode fill(const fits *f, const screen_train_set *set, mtp_loss **loss,
                           mtp_diag *diag)
{
  PetscMPIInt size;
  PetscInt number = 0;
  char where[512];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(mtp_loss_create(PETSC_COMM_WORLD, &f->train->weights, loss));
  for (PetscInt k = 0; k < set->nfile; k++) {
    for (PetscInt c = 0; c < set->list[k].n && diag->n < 20; c++, number++) {
      if (number % size != f->rank) continue;
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

static PetscErrorCode say_errors(const fits *f, const char *of, mtp_loss *loss)
{
  mtp_loss_errors e;

  PetscFunctionBegin;
  PetscCall(mtp_loss_measure(loss, f->best, &e));
  if (f->rank) PetscFunctionReturn(0);
  printf("%-26s %10s %10s %10s %12s\n", of, "rmse", "mean", "largest", "numbers");
  say_error("energy, meV/atom", &e.energy, 1e-3);
  say_error("force, meV/A", &e.force, 1e-3);
  say_error("stress, GPa", &e.stress, 1.0 / 160.2176634);
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

static PetscErrorCode fit_once(fits *f)
{
  mtp_fit_options options = f->train->fit;
  mtp_fit_report report;
  PetscReal loss;

  PetscFunctionBegin;
  options.watch = watch;
  options.context = f;
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
  if (*code == SCREEN_EXIT_DONE) printf("written: %s\n", t->out);
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
  for (f->start = 1; f->start <= f->train->starts; f->start++) PetscCall(fit_once(f));
  PetscCall(say_errors(f, "data", f->data));
  if (f->validation) PetscCall(say_errors(f, "validation", f->validation));
  PetscCall(write_best(f, code));
  PetscFunctionReturn(0);
}

/* The potential that the fits begin with; nearest: where its radial polynomials do [Å]. */
static PetscErrorCode make_potential(const screen_train *t, PetscReal nearest, mtp_potential **pot,
                                     mtp_diag *diag)
{
  PetscFunctionBegin;
  if (t->start) {
    PetscCall(screen_potential_read(t->start, &t->species, pot, diag));
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

PetscErrorCode screen_verb_train(int argc, char **argv, screen_exit *code)
{
  screen_train train = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  if (argc != 2 || argv[1][0] == '-') {
    PetscCall(screen_cli_refuse(verb, code, "wanted one file; see liquidus train --help"));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_train_read(argv[1], &train, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(train_with(&train, code));
  PetscCall(screen_train_clear(&train));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
