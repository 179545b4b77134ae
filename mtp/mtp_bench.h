/* mtp/mtp_bench.h - what a force call costs, beside what the multiply-adds in it must cost
 *
 * Times alone say little on machines that are shared, throttled or simply others.  So a kernel and
 * a loop of nothing but multiply-adds take turns on one core, and the result is the ratio of the
 * two minima: of the time per atom, and of the time that the multiply-adds counted from the
 * potential's tables would take at the peak of that core (the floor).
 */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_kernel.h"

typedef struct {
  mtp_engine_options engine;
  PetscInt rounds; /* >= 20: turns of kernel and multiply-adds */
  PetscReal skin;  /* [Å] of the neighbour list */
} mtp_bench_options;
enum { MTP_BENCH_ROUNDS = 25 };
#define MTP_BENCH_SKIN 1.0

typedef struct {
  mtp_engine_info engine;
  PetscInt atoms, rounds;
  PetscReal neighbours, entries; /* per atom: closer than the cut-off; in the list */
  PetscReal forces;              /* [ns] per atom and step: forces alone */
  PetscReal energies;            /* [ns] energies, forces and virial */
  PetscReal atom_virial;         /* [ns] forces and the virials of all atoms */
  PetscReal peak;                /* [1/s] multiply-adds, those of all lanes counted */
  PetscReal operations;          /* multiply-adds per atom; 0 with the reference kernel */
  PetscReal floor;               /* [ns] operations / peak; 0 with the reference kernel */
  PetscReal ratio;               /* forces / floor; 0 with the reference kernel */
  PetscInt core;                 /* that all ran on */
  PetscReal share;               /* of that core's time that the run had, 0..1 */
  PetscReal stolen; /* of that core's time that went to other machines of the host, 0..1;
                                    -1: the system does not say */
} mtp_bench_result;

/* mtp_bench_run - times one kernel on one configuration
 *
 * Not collective.  Stays on the core it finds itself on until it returns.
 * In:   pot      trained
 *       config   types 0..S-1, as mtp_bench_system() makes them; at least one atom
 *       options  rounds >= 20, skin >= 0
 * Out:  result   minima over the rounds, of CPU time of this thread
 * A turn lasts 2 ms or one evaluation; a call of 864 atoms at level 16 takes about 0.4 s.
 * Operations: mtp_engine_operations().  Returns what mtp_engine_create() and mtp_neighbors_build()
 * return, PETSC_ERR_ARG_OUTOFRANGE for less than 20 rounds or no atom, PETSC_ERR_SYS when the
 * system does not keep a thread on a core.
 * Verified by: tests/unit/mtp/test_mtp_bench.c */
PetscErrorCode mtp_bench_run(const mtp_potential *pot, const mtp_config *config,
                             const mtp_bench_options *options, mtp_bench_result *result);

/* mtp_bench_system - the structure to time on: the density of the published times, any number of
 * atoms
 *
 * In:   natom >= 1, nspecies >= 1
 * Out:  config  to be cleared by the caller; a cubic cell with MTP_BENCH_DENSITY atoms per Å^3,
 *               whatever the substance; types 0..S-1 in numbers that differ by one at most, mixed
 * Atoms sit on sites of an fcc lattice of at least natom sites, evenly chosen, moved within a ball
 * of 0.146 of the distance of sites, so that no two are closer than 0.708 of it.  864 atoms fill
 * 6^3 cells: 2.54 Å between sites, at least 1.80 Å between atoms; 46.1 neighbours within 5 Å and
 * 76.9 within 6 Å, about as in a liquid.  Where sites stay empty it is a few less or more.  The
 * same arguments give the same structure.
 * Verified by: tests/unit/mtp/test_mtp_bench.c */
#define MTP_BENCH_DENSITY (864.0 / (21.5784 * 21.5784 * 21.5784))
PetscErrorCode mtp_bench_system(PetscInt natom, PetscInt nspecies, mtp_config *config);

/* The processor as /proc/cpuinfo has it, "AMD EPYC (family 26, model 2)"; "unknown" where it does
   not say. */
void mtp_bench_processor(char text[], size_t size);
