/* tests/verify/test_md_endurance.c */
#include "tests/support/expect.h"
#include "tests/support/md_endurance.h"

static const char help[] = "Short form of test_md_endurance_long: 100 000 steps\n";

static void many_steps(void **state)
{
  (void)state;
  endurance(10, 10000);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(many_steps)};

  return endurance_main(argc, argv, help, tests);
}
