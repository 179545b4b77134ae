/* screening/screen_structure.h - estimators of structure beside g(r), of an NPT production
 *
 *   structure factors   prop_sq.h      shells of 0.05 1/Å, 20 vectors of a shell
 *   ligands, angles     prop_ligand.h  within 6 Å
 *   lifetimes           prop_life.h    every 200 fs, of up to SCREEN_LIFE_MOST pairs of species
 *
 * The first two are sampled at every tenth sample of g(r) (properties.structure.every, 200 fs
 * unless it says otherwise): numbers of neighbours decay more slowly than that, so that more
 * samples would not make their errors smaller (tests/bench/README.md).
 *
 * Each is there only where the campaign asks for it (properties.structure), and so is the section
 * of the saved state that holds them: states of campaigns that ask for none have no such section.
 * A section names the settings with which it was made.
 * Verified by: tests/unit/screening/test_screen_structure.c */
#pragma once

#include "md/md_run.h"
#include "properties/prop_life.h"
#include "properties/prop_ligand.h"
#include "properties/prop_sq.h"
#include "screening/screen_campaign.h"

#define SCREEN_SQ_WIDTH  0.05  /* [1/Å] */
#define SCREEN_LIFE_TIME 200.0 /* [fs] */
/* Samples of g(r) from one of structure factors and of ligands to the next. */
enum { SCREEN_SQ_MOST = 20, SCREEN_STRUCTURE_TENTH = 10 };

/* Start with {0}. */
typedef struct {
  screen_structure_wish wish; /* with what it was made; all ranks of a group have it */
  prop_sq *sq;
  prop_ligand *ligand;
  prop_life *life[SCREEN_LIFE_MOST]; /* [wish.nlife] */
  PetscReal life_time;               /* [fs] between their samples */
} screen_structure;

/* Takes the wishes of a campaign, for a stage that begins. */
/* Also the time between samples, which is whole steps. */
void screen_structure_follow(const screen_campaign *campaign, screen_structure *structure);
/* Empty estimators for them. */
PetscErrorCode screen_structure_create(const md_atoms *atoms, screen_structure *structure);
/* Lets them see a run; `structure` is borrowed by it.  Collective where the run is. */
PetscErrorCode screen_structure_observe(const screen_campaign *campaign,
                                        screen_structure *structure, md_run *run);
/* Tells the wishes of rank 0 to all.  Collective. */
PetscErrorCode screen_structure_share(MPI_Comm comm, screen_structure *structure);
/* The section, bit for bit; nothing where there are no estimators.  load creates what is there.
 * Returns PETSC_ERR_FILE_UNEXPECTED for a section that contradicts itself. */
PetscErrorCode screen_structure_save(const screen_structure *structure, md_blob *blob);
PetscErrorCode screen_structure_load(const md_atoms *atoms, md_blob *blob,
                                     screen_structure *structure);
PetscErrorCode screen_structure_clear(screen_structure *structure);
