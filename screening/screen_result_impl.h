/* screening/screen_result_impl.h - what the parts of screen_result share; not for others */
#pragma once

#include "properties/prop_heat.h"
#include "screening/screen_result.h"

/* The saved states of one point, by replica; those that are not there have state->done = 0. */
typedef struct {
  const screen_point *point;
  PetscInt nreplica;
  screen_job_state *npt, *nve;    /* [nreplica] */
  PetscBool npt_whole, nve_whole; /* every replica has reached the stage's length */
} screen_result_states;

/* Turns the states into the numbers of `result`, whose arrays exist and hold missing values. */
PetscErrorCode screen_result_fill(const screen_campaign *campaign,
                                  const screen_result_states *states, screen_result *result);

/* The parts of that which have a file of their own; e has room for an estimate of each replica. */
typedef struct {
  PetscInt n;
  prop_estimate *est; /* [nreplica] */
} screen_estimates;
PetscErrorCode screen_result_fill_thermo(const screen_campaign *campaign,
                                         const screen_result_states *states, screen_estimates *e,
                                         screen_result *result);

/* The cell of a point for heat capacities. */
prop_heat_cell screen_result_cell(const screen_campaign *campaign, const screen_point *point);

/* Flags for a value that is there; a missing one stays missing and nothing else. */
void screen_result_flag(prop_value *value, PetscInt flags);
