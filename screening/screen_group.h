/* screening/screen_group.h - the ranks that run one task together
 *
 * Ranks 1, 2, ... of a run are cut into groups of equal size.  The first rank of a group speaks for
 * it: it takes orders, reads and writes the group's journal and answers; the others do what it
 * passes on.  A group of one is a worker as it always was.
 */
#pragma once

#include "screening/screen_message.h"

#include <petscsys.h>

typedef struct {
  MPI_Comm world, comm; /* comm: of the group */
  PetscMPIInt rank, size;
  PetscInt number; /* 0... */
} screen_group;

/* Groups of `size` ranks out of ranks 1... of world, whose size must be 1 + a multiple of it.
 * Collective on the group only. */
PetscErrorCode screen_group_create(MPI_Comm world, PetscInt size, screen_group *group);
PetscErrorCode screen_group_destroy(screen_group *group);

/* The next order: from the dispatcher to the first rank, from there to the others.  None spins. */
PetscErrorCode screen_group_order(const screen_group *group, screen_order *order);

/* An error of the first rank, in what it did alone, is one of all. */
PetscErrorCode screen_group_agree(const screen_group *group, PetscErrorCode ierr);

/* screen_group_meet - the end of what the group did together: *failed where any rank failed
 * A rank that failed (ierr) cannot know whether the others wait for it inside: it waits
 * SCREEN_GROUP_PATIENCE seconds for them here and then ends the job, which its supervisor starts
 * again. */
#define SCREEN_GROUP_PATIENCE 30.0
PetscErrorCode screen_group_meet(const screen_group *group, PetscErrorCode ierr, PetscBool *failed);

/* The dispatcher's side: groups of a run, and the rank that speaks for one. */
static inline PetscInt screen_group_count(PetscMPIInt world, PetscInt size)
{
  return (world - 1) / size;
}
static inline PetscMPIInt screen_group_speaker(PetscInt number, PetscInt size)
{
  return (PetscMPIInt)(1 + number * size);
}
