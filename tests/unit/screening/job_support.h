/* tests/unit/screening/job_support.h - stages of two species with charges in a Lennard-Jones-like
 * salt: cheap, and everything a job does is done */
#pragma once

#include "md/md_units.h"
#include "screening/screen_job.h"
#include "screening/screen_start.h"
#include "tests/support/expect.h"

enum { NSPECIES = 2 };

static char species[NSPECIES][4] = {"Na", "Cl"};
static PetscReal mass[NSPECIES] = {22.99 * MD_ATOMIC_MASS, 35.45 * MD_ATOMIC_MASS},
                 charge[NSPECIES] = {1.0, -1.0};
static PetscInt count[NSPECIES] = {12, 12};
static screen_campaign campaign;
static screen_point point;
static md_potential *pot;

static int begin(void **state)
{
  const PetscReal epsilon[4] = {0.02, 0.10, 0.10, 0.02}, sigma[4] = {3.2, 2.5, 2.5, 3.2};

  (void)state;
  campaign = (screen_campaign){.nspecies = NSPECIES,
                               .species = species,
                               .mass = mass,
                               .charge = charge,
                               .has_charges = PETSC_TRUE,
                               .dt = 2.0,
                               .equilibration = 2600.0, /* three phases: the last has 50 steps */
                               .production_npt = 400.0,
                               .production_nve = 1200.0,
                               .replicas = 2,
                               .guard = md_guard_default(),
                               .tau_t = 100.0,
                               .tau_p = 500.0,
                               .compressibility = 20.0,
                               .want_density = PETSC_TRUE,
                               .want_diffusion = PETSC_TRUE,
                               .want_structure = PETSC_TRUE,
                               .want_potential_energy = PETSC_TRUE,
                               .want_viscosity = PETSC_TRUE,
                               .want_thermal_conductivity = PETSC_TRUE,
                               .rdf_rmax = 5.0,
                               .structure_every = 200.0};
  point = (screen_point){.count = count, .natoms = 24, .temperature = 400.0, .pressure = 2e-4};
  for (int i = 0; i < QUEUE_KEY_SIZE; i++) point.key.byte[i] = (unsigned char)(7 * i + 1);
  snprintf(point.name, sizeof(point.name), "NaCl T=400K");
  if (md_potential_create_lj(NSPECIES, epsilon, sigma, 5.0, PETSC_TRUE, &pot)) return 1;
  pot->min_dist = 2.0;
  return 0;
}

static int end(void **state)
{
  (void)state;
  return md_potential_destroy(&pot);
}

/* Runs one stage from `blob` (the end of the stage before; empty: fresh) to its end in segments of
 * `segment` steps, each in a job of its own, and puts the end state into `blob`. */
static void run_stage(screen_stage stage, PetscInt replica, int64_t segment, md_blob *blob)
{
  const int64_t total = screen_stage_steps(&campaign, stage);
  PetscBool same = PETSC_FALSE;
  md_reason reason = MD_RUNNING;
  char detail[160] = "";

  for (int64_t done = 0; done < total;) {
    screen_job *job = NULL;
    md_blob next = {0};

    expect_ok(screen_job_create(&campaign, &point, pot, replica, stage, blob->size ? blob : NULL,
                                same, &job));
    assert_int_equal(screen_job_done(job), done);
    expect_ok(screen_job_advance(job, segment, &reason, detail));
    if (reason < 0) fail_msg("%s ended: %s", screen_stage_name(stage), detail);
    done = screen_job_done(job);
    expect_ok(screen_job_save(job, &next));
    expect_ok(screen_job_destroy(&job));
    expect_ok(md_blob_clear(blob));
    *blob = next;
    same = PETSC_TRUE;
  }
}
