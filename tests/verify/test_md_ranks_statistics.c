/* tests/verify/test_md_ranks_statistics.c */
#include "tests/support/expect.h"
#include "tests/support/md_ranks_statistics.h"

static const char help[] = "Short form of test_md_ranks_statistics_long: 2500 steps\n";

static void same_means(void **state)
{
  (void)state;
  ranks_statistics(&ranks_short);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_means)};

  return expect_main(argc, argv, help, tests);
}
