/* screening/screen_learn.h - active learning: run, select, label, fit, until nothing is new
 *
 * Round k = 0, 1, ... in the folder NAME.learn beside TRAIN.yaml:
 *   seeds.cfg       packings to begin with, where `seeds` asks for them
 *   round-k.almtp   fitted to `data` and the labels so far, from the potential of the round before;
 *                   copied to NAME.almtp, which the campaign uses
 *   round-k         the campaign's directory: its dynamics keep what is above
 *                   `potential.extrapolation.save` and what ended replicas
 *   round-k.cfg     of these what MaxVol selects, each with its ID and where it comes from; without
 *                   any the loop has ended
 *   labels.cfg      what the oracle said of them, of all rounds
 *   oracle          jobs at work, and those that failed
 *   log, lock       as in a campaign's directory
 * A file is there as a whole or not at all, and what is there is not done again: that is all the
 * state of the loop, so it goes on wherever it was killed.  A fit or a selection that was under way
 * is begun again, a campaign goes on from its journals, of labels those being computed are lost.
 */
#pragma once

#include "screening/screen_train.h"
#include "screening/screen_yaml.h"

/* Keys of `train.active_learning` in a checked tree; what is wrong with them goes to notes. */
PetscErrorCode screen_learn_take(const screen_yaml *root, const char *path, screen_train *train,
                                 screen_notes *notes);
/* The campaign must use NAME.almtp and the same elements in the same order; what it says else is
   checked when it is run. */
PetscErrorCode screen_learn_check(const screen_train *train, mtp_diag *diag);

/* screen_learn - the loop
 *
 * In:   file   TRAIN.yaml, as it was given
 *       train  read from it, with `active_learning`
 * Out:  code   DONE: a whole round met nothing new; PARTIAL: rounds are used up, or nothing that
 *              was asked got a label; RESUMABLE: SIGINT or SIGTERM; what a campaign or fit refused
 * One process; fits and campaigns start their own ranks.
 * Verified by: tests/cli/learn.sh */
PetscErrorCode screen_learn(const char *file, const screen_train *train, screen_exit *code);

/* screen_learn_round - makes of `train` the fit of round k: data and labels, begun from the
 * potential of the round before, written to the loop's folder as round-k.new.almtp
 * Problems of the labels go to diag.  Not collective.  Verified by: tests/cli/learn.sh */
PetscErrorCode screen_learn_round(screen_train *train, PetscInt round, mtp_diag *diag);

/* "NAME-ROUND-NUMBER", of seeds (round -1) "NAME-seed-NUMBER"; number 0: without it. */
void screen_learn_id(const screen_train *train, PetscInt round, PetscInt number, char id[128]);

/* screen_learn_seeds - starting cells of the campaign's points, one after the other, each packed
 * anew, their volumes spread between 0.80 and 1.35 of what the campaign would start with
 *
 * Out:  ask   {0} before; train->loop.seeds configurations, features ID, point, role, volume_factor
 *       diag  what is wrong with the campaign but for its potential, which need not be there
 * Not collective; the same at every call.  Verified by: tests/cli/learn.sh */
PetscErrorCode screen_learn_seeds(const screen_train *train, mtp_config_list *ask, mtp_diag *diag);

/* screen_learn_ask - what is worth a label among the frames of a campaign's directory
 *
 * In:   potential  the .almtp with the active set that was watched
 *       directory  ended.xyz and extrapolating.xyz of it, where there are any
 * Out:  ask        {0} before; selected by MaxVol, at most train->loop.labels, the largest grades;
 *                  features: ID, MV_grade and those of the frame
 *       found      frames there were
 *       near       of them left out: atoms closer than `nearest`, which is train->loop.nearest or,
 *                  where that is 0, 0.75 of the potential's shortest distance
 * Not collective.  Verified by: tests/cli/learn.sh */
typedef struct {
  PetscInt frames, near, selected;
  PetscReal grade, nearest; /* the largest; [Å] */
} screen_learn_found;
PetscErrorCode screen_learn_ask(const screen_train *train, const char *potential,
                                const char *directory, PetscInt round, mtp_config_list *ask,
                                screen_learn_found *found, mtp_diag *diag);
