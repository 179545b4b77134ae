/* tests/verify/test_md_ranks_statistics_long.c - the means of test_md_ranks_statistics, 60000 steps
 *
 * Ranks that share a core must not wait by spinning, as MPI libraries do: a rank that others wait
 * for would stand still for tens of ms a step.  So the calls that a run waits in at every step are
 * replaced, by the profiling interface of MPI, by ones that sleep between looks: four ranks on two
 * cores then take 1.5 ms a step.
 */
#include "tests/support/expect.h"
#include "tests/support/md_ranks_statistics.h"

#include <time.h>

static const char help[] = "Means of a liquid do not depend on the number of ranks\n";

/* After some looks for what is about to come. */
static void rest(int looks)
{
  const struct timespec nap = {.tv_nsec = 10000};

  if (looks % 64 == 0) nanosleep(&nap, NULL);
}

/* Names in parentheses: PETSc has macros of the same names, which count calls. */
int(MPI_Waitall)(int count, MPI_Request array_of_requests[], MPI_Status array_of_statuses[])
{
  int done = 0, error = MPI_SUCCESS;

  for (int looks = 1; error == MPI_SUCCESS && !done; looks++) {
    error = PMPI_Testall(count, array_of_requests, &done, array_of_statuses);
    if (!done) rest(looks);
  }
  return error;
}

int(MPI_Allreduce)(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm)
{
  MPI_Request request;
  int done = 0;
  int error = PMPI_Iallreduce(sendbuf, recvbuf, count, datatype, op, comm, &request);

  for (int looks = 1; error == MPI_SUCCESS && !done; looks++) {
    error = PMPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (!done) rest(looks);
  }
  return error;
}

static void same_means(void **state)
{
  PetscMPIInt size;

  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  ranks_statistics(size > 2 ? &ranks_crowded : &ranks_long);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_means)};

  return expect_main(argc, argv, help, tests);
}
