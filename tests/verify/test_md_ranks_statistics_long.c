/* tests/verify/test_md_ranks_statistics_long.c */
#include "tests/support/expect.h"
#include "tests/support/md_ranks_statistics.h"

static const char help[] = "Means of a liquid do not depend on the number of ranks\n";

static void same_means(void **state)
{
  PetscMPIInt size;

  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  /* Ranks that share a core wait for one another, tens of ms a step. */
  ranks_statistics(size > 2 ? &ranks_short : &ranks_long);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_means)};

  return expect_main(argc, argv, help, tests);
}
