/* screening/screen_group.c - orders passed on, and failures that all hear of */
#include "screening/screen_group.h"

#include "screening/screen_run.h"

PetscErrorCode screen_group_create(MPI_Comm world, PetscInt size, screen_group *group)
{
  MPI_Group all, mine;
  PetscMPIInt rank, range[1][3];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(world, &rank));
  *group = (screen_group){.world = world, .number = (rank - 1) / size};
  range[0][0] = screen_group_speaker(group->number, size);
  range[0][1] = range[0][0] + (PetscMPIInt)size - 1;
  range[0][2] = 1;
  PetscCallMPI(MPI_Comm_group(world, &all));
  PetscCallMPI(MPI_Group_range_incl(all, 1, range, &mine));
  PetscCallMPI(MPI_Comm_create_group(world, mine, SCREEN_TAG_GROUP, &group->comm));
  PetscCallMPI(MPI_Group_free(&mine));
  PetscCallMPI(MPI_Group_free(&all));
  PetscCallMPI(MPI_Comm_rank(group->comm, &group->rank));
  PetscCallMPI(MPI_Comm_size(group->comm, &group->size));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_group_destroy(screen_group *group)
{
  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_free(&group->comm));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_group_order(const screen_group *group, screen_order *order)
{
  const MPI_Comm comm = group->rank == 0 ? group->world : group->comm;
  int there = 0;

  PetscFunctionBegin;
  for (;;) {
    PetscCallMPI(MPI_Iprobe(0, SCREEN_TAG_ORDER, comm, &there, MPI_STATUS_IGNORE));
    if (there) break;
    screen_message_nap();
  }
  PetscCallMPI(
      MPI_Recv(order, (int)sizeof(*order), MPI_BYTE, 0, SCREEN_TAG_ORDER, comm, MPI_STATUS_IGNORE));
  for (PetscMPIInt r = 1; r < group->size && group->rank == 0; r++) {
    PetscCallMPI(MPI_Send(order, (int)sizeof(*order), MPI_BYTE, r, SCREEN_TAG_ORDER, group->comm));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_group_agree(const screen_group *group, PetscErrorCode ierr)
{
  int code = (int)ierr;

  PetscFunctionBegin;
  if (group->size > 1) PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, group->comm));
  PetscCall(ierr);
  PetscCheck(code == 0, PETSC_COMM_SELF, (PetscErrorCode)code,
             "the first rank of the group failed");
  PetscFunctionReturn(0);
}

/* NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker): MPI_Test completes the request; a rank that
   gives up waiting ends the job */
PetscErrorCode screen_group_meet(const screen_group *group, PetscErrorCode ierr, PetscBool *failed)
{
  const double begin = screen_seconds();
  int worst = ierr ? 1 : 0, done = 0;
  MPI_Request request;

  PetscFunctionBegin;
  *failed = (PetscBool)worst;
  if (group->size == 1) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Iallreduce(MPI_IN_PLACE, &worst, 1, MPI_INT, MPI_MAX, group->comm, &request));
  for (;;) {
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done) break;
    PetscCheck(!ierr || screen_seconds() - begin < SCREEN_GROUP_PATIENCE, group->world,
               PETSC_ERR_LIB, "a rank of a group failed alone and the others wait for it");
    screen_message_nap();
  }
  *failed = (PetscBool)worst;
  PetscFunctionReturn(0);
}
/* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */
