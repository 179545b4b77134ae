/* mtp/mtp_fit.h - coefficients that make a loss small
 *
 * All coefficients move together by a quasi-Newton method of limited memory (TAO), and now and then
 * the linear ones are set to their best values for the radial functions of the moment.
 */
#pragma once

#include "mtp/mtp_loss.h"

/* Where a fit is; valid during the call. */
typedef struct {
  PetscInt step;        /* quasi-Newton steps done */
  PetscInt evaluations; /* of loss and gradient */
  PetscReal loss;
  PetscReal validation; /* negative: no set, or not looked at after this step */
  PetscReal gradient;   /* norm of the scaled gradient */
  PetscReal seconds;    /* since the fit began */
} mtp_fit_progress;

/* A fit between two rounds: all that it needs to go on to the same bits. */
typedef struct {
  PetscInt n;                                /* coefficients */
  PetscInt step, evaluations, waited, round; /* round: steps of the next one */
  PetscReal start, window_loss, best_loss, seconds;
  PetscReal *theta, *best; /* [n] now; with the smallest loss on the validation set so far */
} mtp_fit_state;

typedef struct {
  PetscInt max_steps;  /* >= 0; 0: only the linear coefficients */
  PetscInt history;    /* pairs of the quasi-Newton matrix; 0: 50 */
  PetscReal tolerance; /* ends when `window` steps gain less than this fraction of the loss */
  PetscInt window;     /* 0: 50 */
  PetscInt patience;   /* with a validation set: ends after so many windows without a new best; 0:
                           never */
  /* Called on every rank after each step; NULL: nobody.  PETSC_TRUE in *stop ends the fit. */
  PetscErrorCode (*watch)(const mtp_fit_progress *progress, const mtp_potential *pot, void *context,
                          PetscBool *stop);
  /* Called on every rank between two rounds; the state is valid during the call.  NULL: nobody. */
  PetscErrorCode (*keep)(const mtp_fit_state *state, void *context);
  const mtp_fit_state *from; /* goes on from there, with the options it had; NULL: from pot */
  void *context;
} mtp_fit_options;

typedef enum {
  MTP_FIT_CONVERGED, /* the tolerance */
  MTP_FIT_STEPS,     /* max_steps */
  MTP_FIT_PATIENCE,  /* the validation set got no better */
  MTP_FIT_STOPPED,   /* by the watcher */
  MTP_FIT_STUCK      /* no step that makes the loss smaller was found */
} mtp_fit_end;
/* "converged", "steps used up", "validation no better", "stopped", "no better step found" */
const char *mtp_fit_end_name(mtp_fit_end end);

typedef struct {
  mtp_fit_end end;
  mtp_fit_progress last;
  PetscReal start; /* loss after the first linear solution */
} mtp_fit_report;

/* mtp_fit_start - a random beginning
 *
 * Radial coefficients are uniform numbers, those of each mu scaled to length 1 (P = 0 but for the
 * angles); linear ones are 0.  A potential of this seed is the same on every machine.
 * Verified by: tests/verify/test_mtp_fit.c */
PetscErrorCode mtp_fit_start(mtp_potential *pot, uint64_t seed);

/* mtp_fit - makes the loss small
 *
 * Collective over the loss's communicator; pot is changed to the same bits on all ranks.
 * In:   loss        what is made small
 *       validation  not fitted, only watched; NULL: none.  The coefficients with the smallest
 *                   loss on it are kept
 * InOut:pot         trained: a start
 * Method: L-BFGS with a More-Thuente line search (TAO's bqnls) in coordinates in which the loss
 * is a sphere in the linear coefficients at the start of a round; rounds of 100, 200, 400, 400 ...
 * steps, with the linear coefficients solved for before, between and after them.
 * Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed. (2006), chapter 7.
 * Verified by: tests/verify/test_mtp_fit.c (a known potential is recovered). */
PetscErrorCode mtp_fit(mtp_loss *loss, mtp_loss *validation, mtp_potential *pot,
                       const mtp_fit_options *options, mtp_fit_report *report);
