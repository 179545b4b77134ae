/* screening/screen_result_impl.h - what the parts of screen_result share; not for others */
#pragma once

#include "properties/prop_heat.h"
#include "screening/screen_result.h"

/* The saved states of one point, by replica; those that are not there have state->done = 0. */
typedef struct {
  const screen_point *point;
  PetscInt nreplica;
  screen_job_state *npt, *nve; /* [nreplica] */
  screen_job_state *flux;      /* [SCREEN_MAX_FLUX, nreplica] */
  /* every replica has reached the stage's length */
  PetscBool npt_whole, nve_whole, flux_whole[SCREEN_MAX_FLUX];
  /* [nreplica] how much each alone would change the viscosity, over it; NaN: not known; set by
     screen_result_fill_transport() */
  PetscReal *viscosity;
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

/* g(r), shells and whatever else is asked of structure; after the scalars of NPT. */
PetscErrorCode screen_result_fill_structure(const screen_campaign *campaign,
                                            const screen_result_states *states,
                                            screen_estimates *number, screen_estimates *peak,
                                            screen_result *result);

/* The cell of a point for heat capacities. */
prop_heat_cell screen_result_cell(const screen_campaign *campaign, const screen_point *point);

/* Flags for a value that is there; a missing one stays missing and nothing else. */
void screen_result_flag(prop_value *value, PetscInt flags);

/* The NVE streams of all replicas, cut to the same number of blocks of the same length.  Replicas
 * that have less than half of what the longest has are left out. */
typedef struct {
  PetscInt n;      /* replicas */
  PetscInt nblock; /* of each */
  PetscReal step;  /* [fs] length of a block */
  PetscInt nspecies;
  PetscBool heat;         /* the heat current is there */
  PetscReal **channel;    /* [n] owned: channels (prop_channels.h) one after the other [nblock] */
  PetscReal *volume;      /* [n, Å^3] owned */
  PetscReal *temperature; /* [n, K] owned: mean of the replica */
  PetscInt *replica;      /* [n] owned: which of the point's */
} screen_flows;
PetscErrorCode screen_flows_create(const screen_result_states *states, screen_flows *flows);
PetscErrorCode screen_flows_clear(screen_flows *flows);
/* Blocks of one channel of replica r. */
const PetscReal *screen_flows_channel(const screen_flows *flows, PetscInt r, PetscInt channel);

/* An estimate of all replicas together in SI; missing where it is not a number. */
prop_value screen_result_value(const prop_estimate *estimate, PetscReal scale);
/* PARTIAL, DRIFT and NOT_STATIONARY of the NVE production, whose temperature is in `result`. */
PetscInt screen_result_nve_flags(const screen_result_states *states, const screen_result *result);

/* Viscosity, conductivities: what comes from block means of the NVE production. */
PetscErrorCode screen_result_fill_transport(const screen_campaign *campaign,
                                            const screen_result_states *states,
                                            screen_result *result);

PetscErrorCode screen_result_fill_ionic(const screen_campaign *campaign, const screen_point *point,
                                        const screen_flows *flows, PetscInt flags,
                                        screen_result *result);
/* Thermal conductivity and viscosity from imposed fluxes; after those from fluctuations. */
PetscErrorCode screen_result_fill_flux(const screen_campaign *campaign,
                                       const screen_result_states *states,
                                       screen_estimates *estimates, screen_result *result);
/* What electrons add to a conductivity, or what is missing of it. */
PetscInt screen_result_electronic(const screen_campaign *campaign);

/* An estimate, its truncation [fs] and flags of the run; nothing where it is not a number. */
void screen_result_put(const prop_estimate *estimate, PetscReal scale, PetscReal truncation,
                       PetscInt flags, prop_id id, screen_result *result);

/* What viscosity and g(r) make of the diffusion coefficients: after both. */
PetscErrorCode screen_result_fill_finite(const screen_campaign *campaign,
                                         const screen_result_states *states, screen_result *result);

/* Copies a curve in SI: x and y with their factors; error may be NULL. */
PetscErrorCode screen_result_curve(PetscInt n, const PetscReal x[], PetscReal x_si,
                                   const PetscReal y[], const PetscReal error[], PetscReal y_si,
                                   screen_curve *curve);
