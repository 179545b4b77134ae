/* screening/screen_result_impl.h - what the parts of screen_result share; not for others */
#pragma once

#include "screening/screen_result.h"

/* The saved states of one point, by replica; those that are not there have state->done = 0. */
typedef struct {
  PetscInt nreplica;
  screen_job_state *npt, *nve;    /* [nreplica] */
  PetscBool npt_whole, nve_whole; /* every replica has reached the stage's length */
} screen_result_states;

/* Turns the states into the numbers of `result`, whose arrays exist and hold missing values. */
PetscErrorCode screen_result_fill(const screen_campaign *campaign,
                                  const screen_result_states *states, screen_result *result);
