/* mtp/mtp_fit.c - quasi-Newton rounds between linear solutions
 *
 * A round is one run of TAO's bqnls with a limited number of steps, all ranks doing the same on
 * vectors of their own; only the loss is collective.  After each round the linear coefficients are
 * solved for, and the next round begins with an empty matrix, because its coordinates are others:
 * linear coefficients are measured so that the loss of the round's beginning is a sphere in them.
 */
#include "mtp/mtp_fit.h"
#include "mtp/mtp_potential_impl.h"

#include <petsctao.h>

enum { FIRST_ROUND = 100, LONGEST_ROUND = 400 }; /* steps */

/* A fit on its way. */
typedef struct {
  mtp_loss *loss, *validation;
  mtp_potential *pot;
  const mtp_fit_options *options;
  mtp_fit_progress now;
  PetscInt n;                  /* coefficients */
  PetscReal *theta, *gradient; /* [n] */
  mtp_loss_linear linear;      /* x holds radial coefficients, then y: w = base + T y */
  PetscReal *base;             /* [linear.n] w where the round began */
  PetscReal *best;             /* [n] smallest validation loss so far */
  PetscReal best_loss;
  PetscInt waited;       /* windows without a new best */
  PetscReal window_loss; /* loss a window ago */
  PetscLogDouble begin;
  PetscInt round, round_end; /* steps of this round, and the step at which it ends */
  PetscBool ended;
  mtp_fit_end end;
} fit_state;

const char *mtp_fit_end_name(mtp_fit_end end)
{
  static const char *const names[] = {"converged", "steps used up", "validation no better",
                                      "stopped", "no better step found"};

  return names[end];
}

PetscErrorCode mtp_fit_start(mtp_potential *pot, uint64_t seed)
{
  const PetscInt K = pot->radial_funcs, R = pot->radial_size, pairs = pot->nspecies * pot->nspecies;
  mtp_potential_info info;
  PetscRandom dice;
  PetscReal *theta;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(PetscCalloc1(info.ncoeff, &theta));
  PetscCall(PetscRandomCreate(PETSC_COMM_SELF, &dice));
  PetscCall(PetscRandomSetType(dice, PETSCRANDER48));
  PetscCall(PetscRandomSetInterval(dice, -1.0, 1.0));
  PetscCall(PetscRandomSetSeed(dice, (unsigned long)seed));
  PetscCall(PetscRandomSeed(dice));
  for (PetscInt k = 0; k < pairs * K * R; k++) PetscCall(PetscRandomGetValueReal(dice, &theta[k]));
  for (PetscInt mu = 0; mu < K; mu++) {
    PetscReal length = 0.0;

    for (PetscInt m = 0; m < pairs * R; m++) {
      const PetscReal c = theta[(m / R * K + mu) * R + m % R];

      length += c * c;
    }
    for (PetscInt m = 0; m < pairs * R; m++)
      theta[(m / R * K + mu) * R + m % R] /= PetscSqrtReal(length);
  }
  PetscCall(mtp_potential_set_coefficients(pot, theta));
  PetscCall(PetscRandomDestroy(&dice));
  PetscCall(PetscFree(theta));
  PetscFunctionReturn(0);
}

/* theta of x */
static PetscErrorCode take_point(fit_state *s, Vec x)
{
  const PetscInt nradial = s->n - s->linear.n;
  const PetscScalar *a;
  PetscReal *w = s->theta + nradial;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(x, &a));
  PetscCall(PetscArraycpy(s->theta, a, nradial));
  PetscCall(PetscArraycpy(w, s->base, s->linear.n));
  for (PetscInt r = 0; r < s->linear.rank; r++) {
    const PetscReal *column = s->linear.T + (size_t)r * (size_t)s->linear.n;

    for (PetscInt k = 0; k < s->linear.n; k++) w[k] += column[k] * a[nradial + r];
  }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(mtp_potential_set_coefficients(s->pot, s->theta));
  PetscFunctionReturn(0);
}

/* dL/dx from dL/dtheta */
static void turn_gradient(const fit_state *s, const PetscReal theta[], PetscScalar g[])
{
  const PetscInt nradial = s->n - s->linear.n;

  for (PetscInt k = 0; k < nradial; k++) g[k] = theta[k];
  for (PetscInt r = 0; r < s->linear.rank; r++) {
    const PetscReal *column = s->linear.T + (size_t)r * (size_t)s->linear.n;
    PetscReal sum = 0.0;

    for (PetscInt k = 0; k < s->linear.n; k++) sum += column[k] * theta[nradial + k];
    g[nradial + r] = sum;
  }
}

static PetscErrorCode objective(Tao tao, Vec x, PetscReal *value, Vec gradient, void *context)
{
  fit_state *s = context;
  PetscScalar *g;

  PetscFunctionBegin;
  (void)tao;
  PetscCall(take_point(s, x));
  PetscCall(mtp_loss_evaluate(s->loss, s->pot, value, s->gradient));
  PetscCall(VecGetArray(gradient, &g));
  turn_gradient(s, s->gradient, g);
  PetscCall(VecRestoreArray(gradient, &g));
  if (PetscIsInfOrNanReal(*value)) *value = PETSC_MAX_REAL / 4.0;
  s->now.evaluations++;
  PetscFunctionReturn(0);
}

/* Keeps the best on the validation set; counts windows without one. */
static PetscErrorCode validate(fit_state *s)
{
  PetscFunctionBegin;
  if (!s->validation) PetscFunctionReturn(0);
  PetscCall(mtp_loss_evaluate(s->validation, s->pot, &s->now.validation, NULL));
  s->waited++;
  if (!(s->now.validation < s->best_loss)) PetscFunctionReturn(0);
  s->waited = 0;
  s->best_loss = s->now.validation;
  PetscCall(mtp_potential_get_coefficients(s->pot, s->best));
  PetscFunctionReturn(0);
}

static void end_fit(fit_state *s, mtp_fit_end why)
{
  if (!s->ended) s->end = why;
  s->ended = PETSC_TRUE;
}

/* After each step: progress, the watcher, reasons to end. */
static PetscErrorCode after_step(fit_state *s)
{
  const PetscInt window = s->options->window ? s->options->window : 50;
  PetscLogDouble time;
  PetscBool stop = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(PetscTime(&time));
  s->now.seconds = time - s->begin;
  s->now.validation = -1.0;
  if (s->now.step % window == 0) {
    PetscCall(validate(s));
    if (s->now.step > 0 && s->window_loss - s->now.loss < s->options->tolerance * s->window_loss)
      end_fit(s, MTP_FIT_CONVERGED);
    s->window_loss = s->now.loss;
  }
  if (s->options->patience && s->waited >= s->options->patience) end_fit(s, MTP_FIT_PATIENCE);
  if (s->now.step >= s->options->max_steps) end_fit(s, MTP_FIT_STEPS);
  if (s->options->watch) PetscCall(s->options->watch(&s->now, s->pot, s->options->context, &stop));
  if (stop) end_fit(s, MTP_FIT_STOPPED);
  PetscFunctionReturn(0);
}

/* TAO asks after each step whether it should go on. */
static PetscErrorCode converged(Tao tao, void *context)
{
  fit_state *s = context;
  PetscInt iteration;
  Vec x;

  PetscFunctionBegin;
  PetscCall(
      TaoGetSolutionStatus(tao, &iteration, &s->now.loss, &s->now.gradient, NULL, NULL, NULL));
  if (iteration > 0) {
    s->now.step++;
    PetscCall(TaoGetSolution(tao, &x));
    PetscCall(take_point(s, x));
    PetscCall(after_step(s));
  }
  PetscCall(TaoSetConvergedReason(
      tao, s->ended || s->now.step >= s->round_end ? TAO_CONVERGED_USER : TAO_CONTINUE_ITERATING));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_solver(fit_state *s, Tao *tao, Vec *x)
{
  const PetscInt history = s->options->history ? s->options->history : 50;
  Mat matrix;

  PetscFunctionBegin;
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, s->n - s->linear.n + s->linear.rank, x));
  PetscCall(TaoCreate(PETSC_COMM_SELF, tao));
  PetscCall(TaoSetType(*tao, TAOBQNLS));
  PetscCall(TaoSetSolution(*tao, *x));
  PetscCall(TaoSetObjectiveAndGradient(*tao, NULL, objective, s));
  PetscCall(TaoSetConvergenceTest(*tao, converged, s));
  PetscCall(TaoGetLMVMMatrix(*tao, &matrix));
  PetscCall(MatLMVMSetHistorySize(matrix, history));
  PetscFunctionReturn(0);
}

/* One round from the potential's coefficients on. */
static PetscErrorCode quasi_newton(fit_state *s)
{
  const PetscInt before = s->now.step;
  PetscScalar *a;
  Tao tao;
  Vec x;

  PetscFunctionBegin;
  PetscCall(make_solver(s, &tao, &x));
  PetscCall(mtp_potential_get_coefficients(s->pot, s->theta));
  PetscCall(VecZeroEntries(x));
  PetscCall(VecGetArray(x, &a));
  PetscCall(PetscArraycpy(a, s->theta, s->n - s->linear.n));
  PetscCall(VecRestoreArray(x, &a));
  PetscCall(PetscArraycpy(s->base, s->theta + s->n - s->linear.n, s->linear.n));
  PetscCall(TaoSolve(tao));
  PetscCall(take_point(s, x));
  PetscCall(TaoDestroy(&tao));
  PetscCall(VecDestroy(&x));
  if (s->now.step == before) end_fit(s, MTP_FIT_STUCK);
  PetscFunctionReturn(0);
}

static PetscErrorCode solve_linear(fit_state *s)
{
  PetscFunctionBegin;
  PetscCall(mtp_loss_solve_linear(s->loss, s->pot, &s->linear));
  PetscCall(mtp_loss_evaluate(s->loss, s->pot, &s->now.loss, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode begin_anew(fit_state *s, mtp_fit_report *report)
{
  PetscFunctionBegin;
  PetscCall(solve_linear(s));
  report->start = s->window_loss = s->now.loss;
  s->round = FIRST_ROUND;
  if (s->options->max_steps == 0) end_fit(s, MTP_FIT_STEPS);
  PetscCall(after_step(s));
  PetscFunctionReturn(0);
}

/* The linear coefficients depend on the radial ones alone: their solution, and with it the
   coordinates of the round, come out the same. */
static PetscErrorCode go_on(fit_state *s, mtp_fit_report *report)
{
  const mtp_fit_state *from = s->options->from;

  PetscFunctionBegin;
  PetscCheck(from->n == s->n, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "A fit of %" PetscInt_FMT " coefficients does not go on with %" PetscInt_FMT, from->n,
             s->n);
  report->start = from->start;
  s->now.step = from->step;
  s->now.evaluations = from->evaluations;
  s->begin -= from->seconds;
  s->waited = from->waited;
  s->round = from->round;
  s->window_loss = from->window_loss;
  s->best_loss = from->best_loss;
  PetscCall(PetscArraycpy(s->best, from->best, s->n));
  PetscCall(mtp_potential_set_coefficients(s->pot, from->theta));
  PetscCall(solve_linear(s));
  PetscFunctionReturn(0);
}

static PetscErrorCode keep(fit_state *s, const mtp_fit_report *report)
{
  const mtp_fit_state state = {.n = s->n,
                               .step = s->now.step,
                               .evaluations = s->now.evaluations,
                               .waited = s->waited,
                               .round = s->round,
                               .start = report->start,
                               .window_loss = s->window_loss,
                               .best_loss = s->best_loss,
                               .seconds = s->now.seconds,
                               .theta = s->theta,
                               .best = s->best};

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_coefficients(s->pot, s->theta));
  if (s->options->keep) PetscCall(s->options->keep(&state, s->options->context));
  PetscFunctionReturn(0);
}

static PetscErrorCode run_rounds(fit_state *s, mtp_fit_report *report)
{
  PetscFunctionBegin;
  if (s->options->from)
    PetscCall(go_on(s, report));
  else
    PetscCall(begin_anew(s, report));
  while (!s->ended) {
    s->round_end = s->now.step + s->round;
    PetscCall(quasi_newton(s));
    PetscCall(solve_linear(s));
    s->round = PetscMin(2 * s->round, LONGEST_ROUND);
    if (!s->ended) PetscCall(keep(s, report));
  }
  PetscCall(validate(s));
  if (s->validation && s->best_loss < s->now.validation)
    PetscCall(mtp_potential_set_coefficients(s->pot, s->best));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_fit(mtp_loss *loss, mtp_loss *validation, mtp_potential *pot,
                       const mtp_fit_options *options, mtp_fit_report *report)
{
  mtp_potential_info info;
  fit_state s = {.loss = loss,
                 .validation = validation,
                 .pot = pot,
                 .options = options,
                 .best_loss = PETSC_MAX_REAL};

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  s.n = info.ncoeff;
  PetscCall(PetscCalloc4(s.n, &s.theta, s.n, &s.gradient, s.n, &s.best, s.n, &s.base));
  PetscCall(PetscTime(&s.begin));
  *report = (mtp_fit_report){.end = MTP_FIT_STEPS};
  PetscCall(run_rounds(&s, report));
  report->end = s.end;
  report->last = s.now;
  PetscCall(mtp_loss_linear_clear(&s.linear));
  PetscCall(PetscFree4(s.theta, s.gradient, s.best, s.base));
  PetscFunctionReturn(0);
}
