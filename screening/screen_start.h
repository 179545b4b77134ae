/* screening/screen_start.h - the starting configuration of a fresh replica */
#pragma once

#include "md/md_pack.h"
#include "screening/screen_grid.h"

/* screen_start_create - atoms of a point, packed at random or read from the campaign's file
 *
 * In:   pot    for the shortest distance it knows
 *       rng    stream of the replica
 * Out:  atoms  overwritten; whole counts of the point, velocities zero; the caller clears it, also
 * after an error
 *
 * Packed: a cube at the campaign's guessed density, or of the elements' volumes; pairs are pushed
 * apart.  With charges, ions of opposite sign to 1.1 times the potential's shortest distance and
 * those of equal sign to 0.9 (V/n)^(1/3) with the n atoms of that sign, at least 1.1 of the
 * potential's; without, all to 0.9 (V/N)^(1/3).  Where that cannot be packed, distances shrink by
 * steps of 7 % until it can; a cell in which not even the potential's own shortest distance can be
 * had is PETSC_ERR_ARG_OUTOFRANGE. From a file: all replicas start from the same positions and
 * differ by their velocities. PETSC_ERR_FILE_UNEXPECTED with the first problem when it cannot be
 * read any more or its atoms are not the point's.
 * Verified by: tests/unit/screening/test_screen_job.c */
PetscErrorCode screen_start_create(const screen_campaign *campaign, const screen_point *point,
                                   const md_potential *pot, md_rng rng, md_atoms *atoms);
